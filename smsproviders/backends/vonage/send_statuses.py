"""What each status of an answer means: https://developer.vonage.com/en/api-errors/sms

13, 16, 17, 19, 20 and 34 are no longer in that list; older gateways still give them.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from smsproviders.vocabulary import Cause, Decision, Verdict

# What has no status of Vonage's gets one of ours.
UNREACHABLE = "unreachable"
NO_ANSWER = "no-answer"
UNUSABLE_ANSWER = "unusable-answer"
SERVER_ERROR = "server-error"
PARTLY_TAKEN = "partly-taken"
ADDRESS_REFUSED = "address-refused"

_ROWS: tuple[tuple[tuple[str, ...], Verdict], ...] = (
    (
        (UNREACHABLE, "13"),
        Verdict(
            Decision.NEXT,
            Cause.PROVIDER_DOWN,
            _("Vonage could not be reached; nothing was sent."),
            counts_for_breaker=True,
        ),
    ),
    (
        # 5: an error while it was processed, so that nobody knows how far that went.
        (NO_ANSWER, UNUSABLE_ANSWER, SERVER_ERROR, "5"),
        Verdict(
            Decision.AMBIGUOUS,
            Cause.PROVIDER_DOWN,
            _("Vonage did not confirm; the client may get the same code twice."),
            counts_for_breaker=True,
        ),
    ),
    (
        (PARTLY_TAKEN,),
        Verdict(
            Decision.AMBIGUOUS,
            Cause.PROVIDER_DOWN,
            _("Vonage took a part of the message and refused another; it may not be readable."),
            counts_for_breaker=True,
        ),
    ),
    (
        (ADDRESS_REFUSED,),
        Verdict(
            Decision.NEXT,
            Cause.PROVIDER_INCOMPLETE,
            _("VONAGE_API_URL names a host that is not allowed; nothing was sent."),
            tell_operator=True,
        ),
    ),
    (
        ("1", "10"),
        Verdict(
            Decision.RETRY,
            Cause.RATE_LIMITED_BY_PROVIDER,
            _("Too many requests at once; Vonage did not process this one."),
        ),
    ),
    (
        ("2", "3", "19", "20", "22"),
        Verdict(
            Decision.NEXT,
            Cause.PROVIDER_INCOMPLETE,
            _("Vonage misses a setting, or refuses one: check the sender and the account."),
            tell_operator=True,
        ),
    ),
    (
        ("4",),
        Verdict(
            Decision.NEXT,
            Cause.CREDENTIALS_REJECTED,
            _("The API key with this secret is wrong or disabled."),
            tell_operator=True,
            counts_for_breaker=True,
        ),
    ),
    (
        ("14", "32"),
        Verdict(
            Decision.NEXT,
            Cause.CREDENTIALS_REJECTED,
            _("The account wants signed requests: ask Vonage to take the API secret again."),
            tell_operator=True,
            counts_for_breaker=True,
        ),
    ),
    (
        ("6", "34"),
        Verdict(
            Decision.STOP,
            Cause.NUMBER_INVALID,
            _("The phone number is not valid: Vonage does not know its prefix."),
            tell_client=True,
        ),
    ),
    (
        # An opt-out is among the reasons, so that no other provider may be tried.
        ("7",),
        Verdict(
            Decision.STOP,
            Cause.CARRIER_BLOCKED,
            _(
                "Vonage bars this number: an opt-out, a rule of yours or of Vonage's; it does not "
                "say which. Vonage support can lift it."
            ),
            tell_client=True,
            tell_operator=True,
        ),
    ),
    (
        ("8",),
        Verdict(
            Decision.NEXT,
            Cause.ACCOUNT_SUSPENDED,
            _("The Vonage account is suspended: contact Vonage."),
            tell_operator=True,
            counts_for_breaker=True,
        ),
    ),
    (
        ("9",),
        Verdict(
            Decision.NEXT,
            Cause.BALANCE_LOW,
            _("The Vonage account has no credit left: top it up."),
            tell_operator=True,
            counts_for_breaker=True,
        ),
    ),
    (
        ("11",),
        Verdict(
            Decision.NEXT,
            Cause.PROVIDER_INCOMPLETE,
            _("The account may not use the SMS API: choose it at Vonage under “API Settings”."),
            tell_operator=True,
            counts_for_breaker=True,
        ),
    ),
    (
        ("12",),
        Verdict(
            Decision.STOP,
            Cause.TEMPLATE_BROKEN,
            _("The text is too long."),
            tell_operator=True,
        ),
    ),
    (
        ("15",),
        Verdict(
            Decision.NEXT,
            Cause.SENDER_REJECTED,
            _("The sender may not send to that country; North America takes numbers only."),
            tell_operator=True,
        ),
    ),
    (
        ("16", "23"),
        Verdict(
            Decision.STOP,
            Cause.CALLBACK_INVALID,
            _("Our callback address or validity setting is invalid."),
            tell_operator=True,
        ),
    ),
    (
        ("17",),
        Verdict(
            Decision.NEXT_ONCE,
            Cause.CARRIER_BLOCKED,
            _("Filtered by Vonage: check the wording and the sender."),
            tell_operator=True,
        ),
    ),
    (
        ("29",),
        Verdict(
            Decision.NEXT,
            Cause.TEST_CREDENTIALS,
            _("A demo account: not delivered to other numbers than registered ones; top it up."),
            tell_operator=True,
            counts_for_breaker=True,
        ),
    ),
    (
        ("33",),
        Verdict(
            Decision.STOP,
            Cause.NUMBER_UNKNOWN,
            _("The number is no longer active."),
            tell_client=True,
        ),
    ),
)
STATUSES: Mapping[str, Verdict] = {code: verdict for codes, verdict in _ROWS for code in codes}
