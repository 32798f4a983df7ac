"""How long sending keeps what happened, in System > Settings."""

from django.utils.translation import gettext_lazy as _

from backoffice.policy import kinds

RETENTION = _("Retention")
CENTURY = 36_500  # days: for ever

KEEP_MESSAGES_DAYS = kinds.integer(
    "keep_messages_days",
    group=RETENTION,
    label=_("Messages are kept for"),
    help=_("Days. Then a message is deleted with its attempts and its reports."),
    default=180,
    low=7,
    high=CENTURY,
)
KEEP_ANSWERS_DAYS = kinds.integer(
    "keep_answers_days",
    group=RETENTION,
    label=_("Answers of providers are kept for"),
    help=_("Days. Their exact words, at calls and in reports; what they meant is kept longer."),
    default=30,
    low=1,
    high=CENTURY,
)
