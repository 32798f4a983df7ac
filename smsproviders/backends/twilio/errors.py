"""What each of Twilio's error codes means: https://www.twilio.com/docs/api/errors

Meanings change: the raw code is always stored beside the verdict.
"""

from collections.abc import Mapping

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from smsproviders.vocabulary import Cause, Decision, Verdict

# What has no code of Twilio's gets one of ours.
UNREACHABLE = "unreachable"
NO_ANSWER = "no-answer"
UNUSABLE_ANSWER = "unusable-answer"
SERVER_ERROR = "server-error"
ADDRESS_REFUSED = "address-refused"

ACCEPTED = Verdict(Decision.DONE, Cause.UNEXPLAINED, _("Twilio took the message."))

_NOT_CONFIRMED = Verdict(
    Decision.AMBIGUOUS,
    Cause.PROVIDER_DOWN,
    _("Twilio did not confirm; the client may get the same code twice."),
    counts_for_breaker=True,
)
_NOT_REACHED = Verdict(
    Decision.NEXT,
    Cause.PROVIDER_DOWN,
    _("Twilio could not be reached; nothing was sent."),
    counts_for_breaker=True,
)
_SENDER_FOR_COUNTRY = Verdict(
    Decision.NEXT,
    Cause.SENDER_REJECTED,
    _("No sender of this account reaches that country or carrier."),
    tell_operator=True,
)

_ROWS: tuple[tuple[tuple[str, ...], Verdict], ...] = (
    ((UNREACHABLE, "20503"), _NOT_REACHED),
    ((NO_ANSWER, UNUSABLE_ANSWER, SERVER_ERROR, "20500"), _NOT_CONFIRMED),
    (
        (ADDRESS_REFUSED,),
        Verdict(
            Decision.NEXT,
            Cause.PROVIDER_INCOMPLETE,
            _("TWILIO_API_URL names a host that is not allowed; nothing was sent."),
            tell_operator=True,
        ),
    ),
    (
        ("20003",),
        Verdict(
            Decision.NEXT,
            Cause.CREDENTIALS_REJECTED,
            _("The Account SID with this token or API key is wrong or revoked."),
            tell_operator=True,
            counts_for_breaker=True,
        ),
    ),
    (
        ("20404",),
        Verdict(
            Decision.NEXT,
            Cause.CREDENTIALS_REJECTED,
            _("Twilio does not know this Account SID."),
            tell_operator=True,
            counts_for_breaker=True,
        ),
    ),
    (
        ("20008", "21608"),
        Verdict(
            Decision.NEXT,
            Cause.TEST_CREDENTIALS,
            _("A test or trial account: not delivered to other numbers than verified ones."),
            tell_operator=True,
            counts_for_breaker=True,
        ),
    ),
    (
        ("20005", "10001", "90010", "30002"),
        Verdict(
            Decision.NEXT,
            Cause.ACCOUNT_SUSPENDED,
            _("The Twilio account is suspended: usually no funds, or a policy block."),
            tell_operator=True,
            counts_for_breaker=True,
        ),
    ),
    (
        ("20429",),
        Verdict(
            Decision.RETRY,
            Cause.RATE_LIMITED_BY_PROVIDER,
            _("Too many requests at once; Twilio did not process this one."),
        ),
    ),
    (
        ("21211", "21217", "21401", "21604"),
        Verdict(
            Decision.STOP,
            Cause.NUMBER_INVALID,
            _("The phone number is not valid."),
            tell_client=True,
        ),
    ),
    (
        ("21614",),
        Verdict(
            Decision.STOP,
            Cause.LANDLINE,
            _("Not a number that takes SMS: offer the authenticator."),
            tell_client=True,
        ),
    ),
    (
        # Landline only where the number's own type says so: the diagnosis looks at it.
        ("30006",),
        Verdict(
            Decision.STOP,
            Cause.CARRIER_BLOCKED,
            _("A landline, or a carrier that cannot be reached."),
            tell_client=True,
        ),
    ),
    (
        ("30005",),
        Verdict(
            Decision.STOP,
            Cause.NUMBER_UNKNOWN,
            _("The number is unknown or no longer active."),
            tell_client=True,
        ),
    ),
    (
        ("30003",),
        Verdict(
            Decision.NEXT_ONCE,
            Cause.HANDSET_UNREACHABLE,
            _("The phone is off, without signal, or roaming."),
            tell_client=True,
        ),
    ),
    (
        ("30004",),
        Verdict(
            Decision.NEXT_ONCE,
            Cause.CARRIER_BLOCKED,
            _(
                "Blocked by the carrier, the phone, a filter or an opt-out; Twilio does not "
                "say which."
            ),
            tell_client=True,
        ),
    ),
    (
        ("21610",),
        Verdict(
            Decision.STOP,
            Cause.OPTED_OUT,
            _("The client replied STOP and must text START (which a sender name cannot receive)."),
            tell_client=True,
            tell_operator=True,
        ),
    ),
    (
        ("21408",),
        Verdict(
            Decision.STOP,
            Cause.COUNTRY_CLOSED,
            _("The country is switched off at Twilio (Geo-Permissions)."),
            tell_operator=True,
        ),
    ),
    (
        ("30450",),
        Verdict(
            Decision.STOP,
            Cause.FRAUD_HOLD,
            _("Twilio suspects SMS pumping towards this prefix."),
            tell_operator=True,
            hold_prefix=True,
        ),
    ),
    (
        ("30453", "60410", "60605"),
        Verdict(
            Decision.STOP,
            Cause.FRAUD_HOLD,
            _("Twilio refused this as suspected fraud."),
            tell_operator=True,
        ),
    ),
    (("21612", "21703", "21704"), _SENDER_FOR_COUNTRY),
    (
        ("21606", "21212", "21603", "21701", "21705"),
        Verdict(
            Decision.NEXT,
            Cause.SENDER_REJECTED,
            _("The sender or Messaging Service is wrong."),
            tell_operator=True,
            counts_for_breaker=True,
        ),
    ),
    (
        ("30018", "30024", "30042"),
        Verdict(
            Decision.NEXT,
            Cause.SENDER_REJECTED,
            _("The sender ID must be registered in that country."),
            tell_operator=True,
        ),
    ),
    (
        ("30029", "30030"),
        Verdict(
            Decision.NEXT,
            Cause.PROVIDER_INCOMPLETE,
            _("Message Privacy is not enabled on the account: untick it in Provider settings."),
            tell_operator=True,
        ),
    ),
    (
        ("30044", "21617", "21602"),
        Verdict(
            Decision.STOP,
            Cause.TEMPLATE_BROKEN,
            _("The text is too long or empty."),
            tell_operator=True,
        ),
    ),
    (
        ("21609", "21624"),
        Verdict(
            Decision.STOP,
            Cause.CALLBACK_INVALID,
            _("Our callback address or validity setting is invalid."),
            tell_operator=True,
        ),
    ),
    (
        ("21611", "30001"),
        Verdict(
            Decision.NEXT,
            Cause.RATE_LIMITED_BY_PROVIDER,
            _("The sender's queue at Twilio is full."),
            tell_operator=True,
        ),
    ),
    (
        ("63017", "14107", "30022"),
        Verdict(
            Decision.NEXT,
            Cause.RATE_LIMITED_BY_PROVIDER,
            _("Twilio's limit for the sending rate is reached."),
            tell_operator=True,
        ),
    ),
    (
        ("63038", "30023", "30027"),
        Verdict(
            Decision.NEXT,
            Cause.RATE_LIMITED_BY_PROVIDER,
            _("The daily cap is reached; it resets by itself."),
            tell_operator=True,
            counts_for_breaker=True,
            lasting=True,
        ),
    ),
    (
        ("30034", "30035", "30032"),
        Verdict(
            Decision.NEXT,
            Cause.SENDER_REJECTED,
            _("The US number is not registered, or still being set up."),
            tell_operator=True,
        ),
    ),
    (
        ("30007",),
        Verdict(
            Decision.NEXT_ONCE,
            Cause.CARRIER_BLOCKED,
            _("Filtered as spam: check the wording and the sender."),
            tell_operator=True,
        ),
    ),
    (
        ("30017", "30410"),
        Verdict(Decision.NEXT, Cause.CARRIER_CONGESTED, _("The carrier is congested.")),
    ),
    (
        ("30036",),
        Verdict(
            Decision.STOP,
            Cause.CARRIER_DELAY,
            _("The code expired in Twilio's queue."),
        ),
    ),
    (
        ("30008", "30500"),
        Verdict(
            Decision.NEXT_ONCE,
            Cause.UNEXPLAINED,
            _("Not delivered, and Twilio gave no reason."),
            tell_operator=True,
        ),
    ),
)
ERRORS: Mapping[str, Verdict] = {code: verdict for codes, verdict in _ROWS for code in codes}

# What a proxy, or Twilio's own edge, answers without a code.
_BY_STATUS = {401: "20003", 404: "20404", 429: "20429"}


def of_refusal(*, status: int, code: str) -> tuple[str, Verdict]:
    """The code to keep and the verdict, for an HTTP answer that is no success.

    `code` is Twilio's own, or "" when the answer held none.
    """
    known = code or _BY_STATUS.get(status, "")
    if known in ERRORS:
        return known, ERRORS[known]
    if not 400 <= status < 500:
        return code or SERVER_ERROR, ERRORS[SERVER_ERROR]
    return code or f"http-{status}", _unknown(code, Decision.STOP)


def of_report(code: str) -> Verdict:
    """The verdict for the code, or the lack of one, in a report that a message did not arrive."""
    return ERRORS.get(code) or _unknown(code, Decision.NEXT_ONCE)


def page_of(code: str) -> str:
    """None for the codes that are ours, such as `http-404`."""
    return f"https://www.twilio.com/docs/errors/{code}" if code.isdecimal() else ""


def _unknown(code: str, decision: Decision) -> Verdict:
    if code:
        words = format_lazy(
            _("Error {code}: see https://www.twilio.com/docs/errors/{code}"), code=code
        )
    else:
        words = format_lazy(_("Twilio gave no reason and no error code."))
    return Verdict(decision, Cause.UNEXPLAINED, words, tell_operator=True)
