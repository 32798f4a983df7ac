"""What support asks of a client who lost the device, and how long each step takes: in
System > Settings."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from backoffice.policy import kinds
from clients.models import VerificationLevel

LOST_DEVICE = _("Lost device")
HOUR, DAY = 3600, 24 * 3600
PROOF_LENGTH = 200
MOST_PROOFS = 10

_MAIL = gettext_noop("An e-mail from the address of your account, with the number of your request.")
_OPENED = gettext_noop("The month in which you opened your account.")
_PHONE = gettext_noop("The phone number of your account, and proof that it is yours.")
_DOCUMENT = gettext_noop("A photo of the identity document that you showed us.")
_FACE = gettext_noop("A photo of yourself with that document and the number of your request.")
_ADDRESS = gettext_noop("A bill or a bank letter with your address, not older than three months.")

_HELP = _(
    "One in a line. The client reads them, and an operator ticks each off. The texts given at "
    "first are translated; your own stay as they are."
)
PROOFS = {
    VerificationLevel.NONE: kinds.lines(
        "lost_device_proofs_none",
        group=LOST_DEVICE,
        label=_("Proofs of clients who are not verified"),
        help=_HELP,
        default=(_MAIL, _OPENED),
        most=MOST_PROOFS,
        length=PROOF_LENGTH,
    ),
    VerificationLevel.BASIC: kinds.lines(
        "lost_device_proofs_basic",
        group=LOST_DEVICE,
        label=_("Proofs of clients verified by e-mail and phone"),
        help=_HELP,
        default=(_MAIL, _PHONE),
        most=MOST_PROOFS,
        length=PROOF_LENGTH,
    ),
    VerificationLevel.IDENTITY: kinds.lines(
        "lost_device_proofs_identity",
        group=LOST_DEVICE,
        label=_("Proofs of clients verified by identity"),
        help=_HELP,
        default=(_MAIL, _DOCUMENT, _FACE),
        most=MOST_PROOFS,
        length=PROOF_LENGTH,
    ),
    VerificationLevel.FULL: kinds.lines(
        "lost_device_proofs_full",
        group=LOST_DEVICE,
        label=_("Proofs of clients verified by identity and address"),
        help=_HELP,
        default=(_MAIL, _DOCUMENT, _FACE, _ADDRESS),
        most=MOST_PROOFS,
        length=PROOF_LENGTH,
    ),
}
ANSWER_HOURS = kinds.integer(
    "lost_device_answer_hours",
    group=LOST_DEVICE,
    label=_("Support answers within"),
    help=_("Hours of the clock, at night and on holidays too. The client is told until when."),
    default=24,
    low=1,
    high=30 * 24,
)
WAIT = kinds.integer(
    "lost_device_wait",
    group=LOST_DEVICE,
    label=_("Nothing is switched off before"),
    help=_("Seconds after the request, so that the client has time to say: this was not me."),
    default=HOUR,
    low=0,
    high=7 * DAY,
)
CLOSED_DAYS = kinds.integer(
    "lost_device_closed_days",
    group=LOST_DEVICE,
    label=_("Closed after “this was not me”"),
    help=_("Days without a new request for that account, unless an operator allows one."),
    default=7,
    low=1,
    high=365,
)
HOLD_AFTER_RESET = kinds.integer(
    "hold_after_reset",
    group=LOST_DEVICE,
    label=_("Hold after a reset"),
    help=_(
        "Seconds for which other systems are told to hold back grave acts of a client, such as "
        "payments, after an operator switched a factor off. 0: no hold."
    ),
    default=DAY,
    low=0,
    high=30 * DAY,
)
