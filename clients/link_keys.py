"""How long links to choose a password live, and how many are asked for, in System > Settings."""

from django.utils.translation import gettext_lazy as _

from backoffice.policy import kinds

PASSWORDS = _("Passwords")

RESET_MINUTES = kinds.integer(
    "password_reset_minutes",
    group=PASSWORDS,
    label=_("A link to reset the password lives"),
    help=_("Minutes. A newer link, a sign-in or a changed password ends it before."),
    default=60,
    low=5,
    high=24 * 60,
)
RESETS_NETWORK_HOUR = kinds.integer(
    "password_resets_address_hour",
    group=PASSWORDS,
    label=_("Password resets asked for from one address in an hour"),
    help=_("From one IPv4 address, or one IPv6 network (/64)."),
    default=20,
    low=1,
    high=100_000,
)
INVITATION_DAYS = kinds.integer(
    "invitation_days",
    group=PASSWORDS,
    label=_("An invitation lives"),
    help=_("Days in which the new client chooses a password. Afterwards send a new one."),
    default=7,
    low=1,
    high=30,
)
