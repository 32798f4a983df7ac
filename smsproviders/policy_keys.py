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
SPEND_CAP_COUNTRY_HOUR = kinds.money(
    "spend_cap_country_hour",
    group=_("Sending limits"),
    label=_("Spend per country and hour"),
    help=_(
        "In the currency below, by the prices that providers told lately. Over it no code is "
        "sent to that country until the hour has moved on."
    ),
    default="200",
    high=1_000_000,
)
SPEND_CAP_HOUR = kinds.money(
    "spend_cap_hour",
    group=_("Sending limits"),
    label=_("Spend per hour"),
    help=_("The same for all countries together."),
    default="1000",
    high=10_000_000,
)
ASSUMED_PRICE = kinds.money(
    "assumed_price",
    group=_("Sending limits"),
    label=_("Assumed price of an SMS"),
    help=_("Counts where no provider told a price for that country within the last week."),
    default="0.10",
    high=100,
)
SPEND_CURRENCY = kinds.text(
    "spend_currency",
    group=_("Sending limits"),
    label=_("Currency"),
    help=_(
        "Of these amounts, as three letters. Prices told in another one are not converted: "
        "the assumed price counts instead."
    ),
    default="USD",
    length=3,
)
PAUSE_SENDS = kinds.integer(
    "pause_sends",
    group=_("Pauses"),
    label=_("Codes before a route is judged"),
    help=_("Fewer codes to one prefix (a number without its last four digits) tell nothing."),
    default=30,
    low=1,
    high=100_000,
)
PAUSE_CONVERSION = kinds.integer(
    "pause_conversion",
    group=_("Pauses"),
    label=_("Codes typed, percent"),
    help=_("A prefix where fewer of the codes sent are typed is paused. 0 pauses nothing."),
    default=20,
    low=0,
    high=100,
)
PAUSE_WINDOW = kinds.integer(
    "pause_window",
    group=_("Pauses"),
    label=_("Judged by the last"),
    help=_("Seconds. Codes sent before, or before a pause ended, do not count."),
    default=24 * 3600,
    low=600,
    high=7 * 24 * 3600,
)
PAUSE_LENGTH = kinds.integer(
    "pause_length",
    group=_("Pauses"),
    label=_("A pause lasts"),
    help=_("Seconds, unless an operator lifts it before."),
    default=6 * 3600,
    low=60,
    high=30 * 24 * 3600,
)
PAUSE_COUNTRY_PREFIXES = kinds.integer(
    "pause_country_prefixes",
    group=_("Pauses"),
    label=_("Prefixes before a country"),
    help=_(
        "A country is paused when so many of its prefixes are, and its own codes are seldom "
        "typed too."
    ),
    default=3,
    low=2,
    high=1000,
)
FRAUD_HOLD = kinds.integer(
    "fraud_hold",
    group=_("Pauses"),
    label=_("Held after a provider suspects fraud"),
    help=_("Seconds for which no code goes to that prefix."),
    default=30 * 60,
    low=60,
    high=7 * 24 * 3600,
)
INCIDENT_NUMBERS = kinds.integer(
    "incident_numbers",
    group=_("Incidents"),
    label=_("Numbers before it is an incident"),
    help=_("Failures to fewer different numbers within ten minutes open none."),
    default=5,
    low=3,
    high=10_000,
)
INCIDENT_PERCENT = kinds.integer(
    "incident_percent",
    group=_("Incidents"),
    label=_("Numbers that fail, percent"),
    help=_(
        "Counts where too little was sent in the last three days to know what is usual. Else "
        "twenty more in a hundred than usual are too many, unless it may be chance."
    ),
    default=50,
    low=10,
    high=100,
)
