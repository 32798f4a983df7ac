"""How long past sessions are kept, in System > Settings."""

from django.utils.translation import gettext_lazy as _

from backoffice.policy import kinds

# Two days at least: a session lives for one.
KEEP_SESSIONS_DAYS = kinds.integer(
    "keep_sessions_days",
    group=_("Retention"),
    label=_("Past sessions are kept for"),
    help=_("Days. When, from which address and by which browser somebody was signed in."),
    default=90,
    low=2,
    high=36_500,
)
