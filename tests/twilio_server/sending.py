"""What Twilio demands of a send: every rule that can be known before a carrier is asked.

Rules and codes: https://www.twilio.com/docs/messaging/api/message-resource and the page of each
error code. Where Twilio forgives (unknown names, both senders at once) this server does not.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from .account import TEST_DESTINATIONS, TEST_SENDER, Account, AccountStatus, AccountType
from .errors import Refusal
from .messages import Message, Status, new_sid

Form = Mapping[str, str]

PARAMETERS = frozenset(
    [
        "To",
        "From",
        "MessagingServiceSid",
        "Body",
        "StatusCallback",
        "ValidityPeriod",
        "Attempt",
        "ProvideFeedback",
        "RiskCheck",
        "ContentRetention",
        "AddressRetention",
        "ApplicationSid",
        "MaxPrice",
        "ForceDelivery",
        "SmartEncoded",
        "PersistentAction",
        "TrafficType",
        "ShortenUrls",
        "ScheduleType",
        "SendAt",
        "SendAsMms",
        "ContentVariables",
        "FallbackFrom",
        "MediaUrl",
        "ContentSid",
    ]
)
_CHOICES: Mapping[str, frozenset[str]] = {
    "ProvideFeedback": frozenset({"true", "false"}),
    "SmartEncoded": frozenset({"true", "false"}),
    "RiskCheck": frozenset({"enable", "disable"}),
    "ContentRetention": frozenset({"retain", "discard"}),
    "AddressRetention": frozenset({"retain", "obfuscate"}),
}
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_SHORT_CODE = re.compile(r"\d{5,6}")
_SENDER_NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 &+_-]{1,11}")
_SERVICE_SID = re.compile(r"MG[0-9a-fA-F]{32}")
_LONGEST_BODY = 1600
_LONGEST_VALIDITY = 36_000
TRIAL_NOTICE = "Sent from your Twilio trial account - "


def accept(form: Form, account: Account) -> Message:
    """The message that Twilio would queue for this form, or the Refusal it would answer with."""
    for rule in _RULES:
        rule(form, account)
    now = datetime.now(UTC)
    service = form.get("MessagingServiceSid")
    trial = account.type is AccountType.TRIAL
    return Message(
        sid=new_sid("SM"),
        account_sid=account.sid,
        to=form["To"],
        body=(TRIAL_NOTICE if trial else "") + form["Body"],
        sender=form.get("From"),
        messaging_service_sid=service,
        status_callback=form.get("StatusCallback"),
        validity_period=int(form.get("ValidityPeriod", _LONGEST_VALIDITY)),
        attempt=int(form["Attempt"]) if "Attempt" in form else None,
        provide_feedback=form.get("ProvideFeedback") == "true",
        created_at=now,
        updated_at=now,
        status=Status.ACCEPTED if service else Status.QUEUED,
    )


def _the_account_is_active(form: Form, account: Account) -> None:
    if account.status is not AccountStatus.ACTIVE:
        raise Refusal(20005)


def _the_recipient_is_a_number(form: Form, account: Account) -> None:
    to = form.get("To", "")
    if not to:
        raise Refusal(21604)
    if not _E164.fullmatch(to):
        raise Refusal(21211, f"The 'To' number {to} is not a valid phone number.")


def _the_body_fits(form: Form, account: Account) -> None:
    body = form.get("Body", "")
    if not body.strip():
        raise Refusal(21602)
    if len(body) > _LONGEST_BODY:
        raise Refusal(21617)


def _there_is_one_sender(form: Form, account: Account) -> None:
    if bool(form.get("From")) is bool(form.get("MessagingServiceSid")):
        raise Refusal(21603)


def _the_sender_belongs_to_the_account(form: Form, account: Account) -> None:
    sender = form.get("From")
    if not sender:
        return
    if _SENDER_NAME.fullmatch(sender):
        if not account.sender_names:
            raise Refusal(21606)
        if form["To"].startswith("+1"):  # no sender names in North America
            raise Refusal(21612)
        return
    if not _E164.fullmatch(sender) and not _SHORT_CODE.fullmatch(sender):
        raise Refusal(21212, f"The 'From' number {sender} is not a valid phone number.")
    owned = (TEST_SENDER,) if account.test_credentials else account.numbers
    if sender not in owned:
        raise Refusal(21606)


def _the_service_belongs_to_the_account(form: Form, account: Account) -> None:
    service = form.get("MessagingServiceSid")
    if not service:
        return
    if not _SERVICE_SID.fullmatch(service):
        raise Refusal(21705, f"The Messaging Service Sid {service} is invalid.")
    if service not in account.services:
        raise Refusal(21701)
    if not account.numbers:
        raise Refusal(21703)


def _the_validity_is_in_range(form: Form, account: Account) -> None:
    value = form.get("ValidityPeriod", "1")
    if not value.isdecimal() or not 1 <= int(value) <= _LONGEST_VALIDITY:
        raise Refusal(21624, f"The validity period {value} is not within 1 and 36000.")


def _the_callback_is_an_address(form: Form, account: Account) -> None:
    if "StatusCallback" not in form:
        return
    try:
        parts = urlsplit(form["StatusCallback"])
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    # Twilio's own words: "must contain a valid hostname and underscores are not allowed".
    if not usable or "_" in (parts.hostname or "") or " " in form["StatusCallback"]:
        raise Refusal(21609)


def _the_choices_exist(form: Form, account: Account) -> None:
    for name, choices in _CHOICES.items():
        if name in form and form[name] not in choices:
            raise Refusal(20001, f"{name} must be one of {sorted(choices)}", misuse=True)
    attempt = form.get("Attempt", "1")
    if not attempt.isdecimal() or int(attempt) < 1:
        raise Refusal(20001, "Attempt must be a number from 1", misuse=True)


def _privacy_is_enabled_where_asked_for(form: Form, account: Account) -> None:
    if account.message_privacy:
        return
    if form.get("ContentRetention") == "discard":
        raise Refusal(30029)
    if form.get("AddressRetention") == "obfuscate":
        raise Refusal(30030)


def _the_recipient_is_open_to_this_account(form: Form, account: Account) -> None:
    to = form["To"]
    if account.test_credentials and to in TEST_DESTINATIONS:
        raise Refusal(TEST_DESTINATIONS[to])
    if account.type is AccountType.TRIAL and to not in account.verified_numbers:
        raise Refusal(21608)


_RULES: tuple[Callable[[Form, Account], None], ...] = (
    _the_account_is_active,
    _the_recipient_is_a_number,
    _the_body_fits,
    _there_is_one_sender,
    _the_sender_belongs_to_the_account,
    _the_service_belongs_to_the_account,
    _the_validity_is_in_range,
    _the_callback_is_an_address,
    _the_choices_exist,
    _privacy_is_enabled_where_asked_for,
    _the_recipient_is_open_to_this_account,
)
