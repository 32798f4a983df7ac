"""What each error code of a delivery receipt means.

https://developer.vonage.com/en/messaging/sms/guides/delivery-receipts#dlr-error-codes

The codes are numbers, as the statuses of answers are, with other meanings: so they are kept as
"dlr-2". A receipt without a code that says something stands under its status.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from smsproviders.vocabulary import Cause, Decision, Verdict

_ROWS: tuple[tuple[tuple[str, ...], Verdict], ...] = (
    (
        ("dlr-1", "dlr-99", "dlr-failed"),
        Verdict(
            Decision.NEXT_ONCE,
            Cause.UNEXPLAINED,
            _("Not delivered, and Vonage gave no reason."),
            tell_operator=True,
        ),
    ),
    (
        ("dlr-2", "dlr-7"),
        Verdict(
            Decision.NEXT_ONCE,
            Cause.HANDSET_UNREACHABLE,
            _("The phone is off, without signal, roaming, or busy."),
            tell_client=True,
        ),
    ),
    (
        ("dlr-3",),
        Verdict(
            Decision.STOP,
            Cause.NUMBER_UNKNOWN,
            _("The number is unknown or no longer active."),
            tell_client=True,
        ),
    ),
    (
        ("dlr-4", "dlr-13", "dlr-15"),
        Verdict(
            Decision.STOP,
            Cause.CARRIER_BLOCKED,
            _(
                "The network keeps messages from this line: barred by its owner, by age, or for "
                "lack of prepaid credit."
            ),
            tell_client=True,
        ),
    ),
    (
        ("dlr-5",),
        Verdict(
            Decision.NEXT_ONCE,
            Cause.UNEXPLAINED,
            _("The number changed networks, and Vonage does not find it in the new one."),
            tell_operator=True,
        ),
    ),
    (
        ("dlr-6",),
        Verdict(
            Decision.NEXT_ONCE,
            Cause.CARRIER_BLOCKED,
            _("Filtered as spam: check the wording and the sender."),
            tell_operator=True,
        ),
    ),
    (
        ("dlr-8",),
        Verdict(Decision.NEXT, Cause.CARRIER_CONGESTED, _("An error in the carrier's network.")),
    ),
    (
        ("dlr-9",),
        Verdict(
            Decision.STOP,
            Cause.OPTED_OUT,
            _("The client asked not to get messages of this sender."),
            tell_client=True,
            tell_operator=True,
        ),
    ),
    (
        # Of a country that keeps a register of consent: as good as an opt-out.
        ("dlr-53",),
        Verdict(
            Decision.STOP,
            Cause.OPTED_OUT,
            _("The client's consent to this sender is not in the country's register."),
            tell_client=True,
            tell_operator=True,
        ),
    ),
    (
        ("dlr-10",),
        Verdict(
            Decision.NEXT_ONCE,
            Cause.TEMPLATE_BROKEN,
            _("The carrier could not read the message: check its text."),
            tell_operator=True,
        ),
    ),
    (
        ("dlr-11",),
        Verdict(
            Decision.NEXT,
            Cause.SENDER_REJECTED,
            _("Vonage has no route to that network with this sender."),
            tell_operator=True,
        ),
    ),
    (
        # Landline only where the number's own type says so: the diagnosis looks at it.
        ("dlr-12",),
        Verdict(
            Decision.STOP,
            Cause.CARRIER_BLOCKED,
            _("A landline, or a carrier that cannot be reached."),
            tell_client=True,
        ),
    ),
    (
        ("dlr-14", "dlr-rejected"),
        Verdict(
            Decision.NEXT_ONCE,
            Cause.CARRIER_BLOCKED,
            _("Blocked by the carrier; the client can ask it to allow SMS."),
            tell_client=True,
        ),
    ),
    (
        ("dlr-39",),
        Verdict(
            Decision.NEXT,
            Cause.SENDER_REJECTED,
            _("To the United States: the sender must be a registered number or short code."),
            tell_operator=True,
        ),
    ),
    (
        ("dlr-50", "dlr-51", "dlr-52", "dlr-54"),
        Verdict(
            Decision.NEXT,
            Cause.SENDER_REJECTED,
            _("Company, sender and text must be registered in that country."),
            tell_operator=True,
        ),
    ),
    (
        ("dlr-expired",),
        Verdict(Decision.STOP, Cause.CARRIER_DELAY, _("The code expired in the carrier's queue.")),
    ),
)
CODES: Mapping[str, Verdict] = {code: verdict for codes, verdict in _ROWS for code in codes}
