"""The settings of sending, in System > Settings."""

from django.utils.translation import gettext_lazy as _

from backoffice.policy import kinds

TEST_SMS_HOUR = kinds.integer(
    "cap_test_sms_hour",
    group=_("Sending limits"),
    label=_("Test SMS per operator and hour"),
    help=_("Test messages cost money too. Those from the command line are logged, not limited."),
    default=10,
    low=1,
    high=1000,
)
SEGMENTS_MAX = kinds.integer(
    "sms_segments_max",
    group=_("Codes"),
    label=_("Longest SMS, in segments"),
    help=_("Each segment is paid. A longer text of an operator is not saved, nor sent."),
    default=2,
    low=1,
    high=6,
)
