"""The classes of errors that an operator's map can name: what each means for a message."""

from collections.abc import Mapping
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from smsproviders.vocabulary import Cause, Decision, Verdict


class ErrorClass(StrEnum):
    """What an operator may write behind the `=` of the map; docs/providers/http.md tells them."""

    NEXT = "next"
    RETRY = "retry"
    NOT_CONFIRMED = "not-confirmed"
    CREDENTIALS = "credentials"
    TEST_ACCOUNT = "test-account"
    ACCOUNT = "account"
    BALANCE = "balance"
    SENDER = "sender"
    SETTINGS = "settings"
    TEXT = "text"
    NUMBER_INVALID = "number-invalid"
    NUMBER_UNKNOWN = "number-unknown"
    LANDLINE = "landline"
    PHONE_OFF = "phone-off"
    BLOCKED = "blocked"
    SPAM = "spam"
    CONGESTED = "congested"
    EXPIRED = "expired"
    OPTED_OUT = "opted-out"
    COUNTRY_CLOSED = "country-closed"
    FRAUD = "fraud"
    STOP = "stop"


CLASSES: Mapping[ErrorClass, Verdict] = {
    ErrorClass.NEXT: Verdict(
        Decision.NEXT,
        Cause.PROVIDER_DOWN,
        _("The gateway is in trouble; it did not take the message."),
        counts_for_breaker=True,
    ),
    ErrorClass.RETRY: Verdict(
        Decision.RETRY,
        Cause.RATE_LIMITED_BY_PROVIDER,
        _("Too many requests at once; the gateway did not take this one."),
    ),
    ErrorClass.NOT_CONFIRMED: Verdict(
        Decision.AMBIGUOUS,
        Cause.PROVIDER_DOWN,
        _("The gateway did not confirm; the client may get the same code twice."),
        counts_for_breaker=True,
    ),
    ErrorClass.CREDENTIALS: Verdict(
        Decision.NEXT,
        Cause.CREDENTIALS_REJECTED,
        _("The gateway does not accept the user or the secret."),
        tell_operator=True,
        counts_for_breaker=True,
    ),
    ErrorClass.TEST_ACCOUNT: Verdict(
        Decision.NEXT,
        Cause.TEST_CREDENTIALS,
        _("A test account: it delivers to some numbers only, or to none."),
        tell_operator=True,
        counts_for_breaker=True,
    ),
    ErrorClass.ACCOUNT: Verdict(
        Decision.NEXT,
        Cause.ACCOUNT_SUSPENDED,
        _("The account at the gateway is suspended or closed."),
        tell_operator=True,
        counts_for_breaker=True,
    ),
    ErrorClass.BALANCE: Verdict(
        Decision.NEXT,
        Cause.BALANCE_LOW,
        _("Nothing is left on the account at the gateway."),
        tell_operator=True,
        counts_for_breaker=True,
    ),
    ErrorClass.SENDER: Verdict(
        Decision.NEXT,
        Cause.SENDER_REJECTED,
        _("The gateway does not accept this sender, or not for that country."),
        tell_operator=True,
    ),
    ErrorClass.SETTINGS: Verdict(
        Decision.NEXT,
        Cause.PROVIDER_INCOMPLETE,
        _("The gateway does not understand the request: look at address, method and template."),
        tell_operator=True,
    ),
    ErrorClass.TEXT: Verdict(
        Decision.STOP,
        Cause.TEMPLATE_BROKEN,
        _("The gateway does not accept the text: too long, empty, or not allowed."),
        tell_operator=True,
    ),
    ErrorClass.NUMBER_INVALID: Verdict(
        Decision.STOP,
        Cause.NUMBER_INVALID,
        _("The phone number is not valid."),
        tell_client=True,
    ),
    ErrorClass.NUMBER_UNKNOWN: Verdict(
        Decision.STOP,
        Cause.NUMBER_UNKNOWN,
        _("The number is unknown, or no longer active."),
        tell_client=True,
    ),
    ErrorClass.LANDLINE: Verdict(
        Decision.STOP,
        Cause.LANDLINE,
        _("Not a number that takes SMS: offer the authenticator."),
        tell_client=True,
    ),
    ErrorClass.PHONE_OFF: Verdict(
        Decision.NEXT_ONCE,
        Cause.HANDSET_UNREACHABLE,
        _("The phone is off, without signal, or roaming."),
        tell_client=True,
    ),
    ErrorClass.BLOCKED: Verdict(
        Decision.NEXT_ONCE,
        Cause.CARRIER_BLOCKED,
        _("Blocked on the way: by the carrier, the phone, or a filter."),
        tell_client=True,
    ),
    ErrorClass.SPAM: Verdict(
        Decision.NEXT_ONCE,
        Cause.CARRIER_BLOCKED,
        _("Filtered as spam: check the wording and the sender."),
        tell_operator=True,
    ),
    ErrorClass.CONGESTED: Verdict(
        Decision.NEXT, Cause.CARRIER_CONGESTED, _("The carrier is congested.")
    ),
    ErrorClass.EXPIRED: Verdict(
        Decision.STOP, Cause.CARRIER_DELAY, _("The code expired before it could be delivered.")
    ),
    ErrorClass.OPTED_OUT: Verdict(
        Decision.STOP,
        Cause.OPTED_OUT,
        _("The client has opted out of messages of this sender."),
        tell_client=True,
        tell_operator=True,
    ),
    ErrorClass.COUNTRY_CLOSED: Verdict(
        Decision.STOP,
        Cause.COUNTRY_CLOSED,
        _("The country is switched off at the gateway."),
        tell_operator=True,
    ),
    ErrorClass.FRAUD: Verdict(
        Decision.STOP,
        Cause.FRAUD_HOLD,
        _("Refused as suspected fraud."),
        tell_operator=True,
    ),
    ErrorClass.STOP: Verdict(
        Decision.STOP,
        Cause.UNEXPLAINED,
        _("The gateway refused it, by a code that the map tells to stop at."),
        tell_operator=True,
    ),
}
