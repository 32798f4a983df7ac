"""The answers of the resources that can be read, and of message feedback."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from urllib.parse import urlencode

from .account import Account
from .errors import Refusal
from .exchange import Reply, Request, rfc2822
from .messages import API_VERSION, Message
from .routes import Endpoint, Route
from .state import State

_CREATED = "Thu, 30 Jul 2015 20:00:00 +0000"
_LISTED_BY_DEFAULT = 50

QUERIES: Mapping[Endpoint, frozenset[str]] = {
    Endpoint.LIST: frozenset(
        {"To", "From", "DateSent", "DateSent<", "DateSent>", "PageSize", "Page", "PageToken"}
    ),
    Endpoint.NUMBERS: frozenset(
        {"PhoneNumber", "FriendlyName", "Beta", "Origin", "PageSize", "Page", "PageToken"}
    ),
}


def fetch_account(state: State, route: Route, request: Request) -> Reply:
    """The account, token included, as the real one has it. A standard API key may not read it."""
    account = state.account
    if request.auth_user == account.api_key_sid:
        raise Refusal(20003)
    _refuse_test_credentials(account)
    return Reply.of(
        {
            "auth_token": account.auth_token,
            "date_created": _CREATED,
            "date_updated": _CREATED,
            "friendly_name": account.friendly_name,
            "owner_account_sid": account.owner_sid or account.sid,
            "sid": account.sid,
            "status": account.status.value,
            "subresource_uris": {
                "balance": f"{account.uri}/Balance.json",
                "incoming_phone_numbers": f"{account.uri}/IncomingPhoneNumbers.json",
                "messages": f"{account.uri}/Messages.json",
            },
            "type": account.type.value,
            "uri": f"{account.uri}.json",
        }
    )


def fetch_balance(state: State, route: Route, request: Request) -> Reply:
    """The balance as text; of a sub-account null, since "child accounts do not contain" one."""
    account = state.account
    _refuse_test_credentials(account)
    balance = None if account.is_subaccount else account.balance
    return Reply.of({"account_sid": account.sid, "balance": balance, "currency": account.currency})


def fetch_message(state: State, route: Route, request: Request) -> Reply:
    _refuse_test_credentials(state.account)
    return Reply.of(_message(state, route, request).as_json())


def list_messages(state: State, route: Route, request: Request) -> Reply:
    """Newest first, filtered by To and From, in pages."""
    _refuse_test_credentials(state.account)
    query = request.query
    found = [
        message.as_json()
        for message in reversed(state.messages.all())
        if query.get("To") in {None, message.to} and query.get("From") in {None, message.sender}
    ]
    return Reply.of(_page(request, found, key="messages"))


def create_feedback(state: State, route: Route, request: Request) -> Reply:
    """Only for a message that was sent with ProvideFeedback."""
    message = _message(state, route, request)
    outcome = request.form.get("Outcome", "")
    if outcome not in {"confirmed", "unconfirmed"}:
        raise Refusal(20001, "Outcome must be confirmed or unconfirmed", misuse=True)
    if not message.provide_feedback:
        raise Refusal(20404, "The message was sent without ProvideFeedback", misuse=True)
    at = rfc2822(state.give_feedback(message.sid, outcome))
    return Reply.of(
        {
            "account_sid": message.account_sid,
            "date_created": at,
            "date_updated": at,
            "message_sid": message.sid,
            "outcome": outcome,
            "uri": f"{message.uri}/Feedback.json",
        },
        status=HTTPStatus.CREATED,
    )


def list_numbers(state: State, route: Route, request: Request) -> Reply:
    account = state.account
    _refuse_test_credentials(account)
    wanted = request.query.get("PhoneNumber", "")
    found = [_number(account, number) for number in account.numbers if wanted in number]
    return Reply.of(_page(request, found, key="incoming_phone_numbers"))


def fetch_service(state: State, route: Route, request: Request) -> Reply:
    account, sid = state.account, route.ids["sid"]
    _refuse_test_credentials(account)
    if sid not in account.services:
        raise _not_found(request)
    return Reply.of(
        {
            "account_sid": account.sid,
            "date_created": "2015-07-30T20:00:00Z",
            "date_updated": "2015-07-30T20:00:00Z",
            "friendly_name": "Codes",
            "sid": sid,
            "status_callback": None,
            "url": f"https://messaging.twilio.com{request.path}",
            "use_inbound_webhook_on_number": False,
            "usecase": "2fa",
            "validity_period": 36000,
        }
    )


ANSWERS: Mapping[Endpoint, Callable[[State, Route, Request], Reply]] = {
    Endpoint.ACCOUNT: fetch_account,
    Endpoint.BALANCE: fetch_balance,
    Endpoint.MESSAGE: fetch_message,
    Endpoint.LIST: list_messages,
    Endpoint.FEEDBACK: create_feedback,
    Endpoint.NUMBERS: list_numbers,
    Endpoint.SERVICE: fetch_service,
}


def _refuse_test_credentials(account: Account) -> None:
    if account.test_credentials:
        raise Refusal(20008)


def _message(state: State, route: Route, request: Request) -> Message:
    message = state.messages.get(route.ids["sid"])
    if message is None:
        raise _not_found(request)
    return message


def _not_found(request: Request) -> Refusal:
    return Refusal(20404, f"The requested resource {request.path} was not found")


def _number(account: Account, number: str) -> dict[str, object]:
    sid = account.number_sid(number)
    return {
        "account_sid": account.sid,
        "api_version": API_VERSION,
        "capabilities": {"fax": False, "mms": False, "sms": True, "voice": True},
        "date_created": _CREATED,
        "date_updated": _CREATED,
        "friendly_name": number,
        "phone_number": number,
        "sid": sid,
        "status": "in-use",
        "uri": f"{account.uri}/IncomingPhoneNumbers/{sid}.json",
    }


def _page(request: Request, items: list[dict[str, object]], *, key: str) -> dict[str, object]:
    """Twilio's page around a list: addresses are paths, and null where there is no page."""
    size = int(request.query.get("PageSize", _LISTED_BY_DEFAULT))
    page = int(request.query.get("Page", 0))
    start = page * size
    shown = items[start : start + size]
    more = len(items) > start + size
    return {
        "end": start + max(len(shown) - 1, 0),
        "first_page_uri": _page_uri(request, 0, size),
        "next_page_uri": _page_uri(request, page + 1, size) if more else None,
        "page": page,
        "page_size": size,
        "previous_page_uri": _page_uri(request, page - 1, size) if page else None,
        "start": start,
        "uri": _page_uri(request, page, size),
        key: shown,
    }


def _page_uri(request: Request, page: int, size: int) -> str:
    query = {**request.query, "PageSize": size, "Page": page}
    return f"{request.path}?{urlencode(query)}"
