"""How long the evidence of codes is kept, in System > Settings."""

from django.utils.translation import gettext_lazy as _

from backoffice.policy import kinds

RETENTION = _("Retention")
CENTURY = 36_500  # days: for ever

# A week at least: caps look back a day, and a burnt step of an app may lie 14 hours ahead.
KEEP_CODES_DAYS = kinds.integer(
    "keep_codes_days",
    group=RETENTION,
    label=_("Tries and requests are kept for"),
    help=_("Days. Who asked for a code, and what was typed wrong or right; never the code itself."),
    default=180,
    low=7,
    high=CENTURY,
)
KEEP_NOTICES_DAYS = kinds.integer(
    "keep_notices_days",
    group=RETENTION,
    label=_("Sent e-mails are kept for"),
    help=_("Days. That a client was told of a change, and whether the mail left."),
    default=90,
    low=1,
    high=CENTURY,
)
