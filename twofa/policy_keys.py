"""The settings of two-factor sign-in, in System > Settings. Defaults: the project's policy."""

from django.utils.translation import gettext_lazy as _
from phonenumbers import SUPPORTED_REGIONS

from backoffice.policy import kinds
from twofa.vocabulary import MAIN_FACTORS

SIGN_IN = _("Sign-in")
CODES = _("Codes")
SENDING = _("Sending limits")
OPERATORS = _("Operators")

# Sending costs money, and some countries' numbers are farmed for it: closed unless allowed. Open
# from the start are the European Economic Area, the United Kingdom, Switzerland, the United States,
# Canada, Australia and New Zealand, where an SMS is cheap and numbers belong to people.
# docs/settings.md says so too.
COUNTRIES_AT_FIRST = (
    "AT", "AU", "BE", "BG", "CA", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR",
    "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "NZ", "PL", "PT", "RO",
    "SE", "SI", "SK", "US",
)  # fmt: skip

# Leaves the built-in texts of an SMS within one segment.
SERVICE_NAME_LENGTH = 30

METHODS = kinds.words(
    "methods",
    group=SIGN_IN,
    label=_("Methods"),
    help=_("Second factors that may be used: authenticator, sms."),
    default=tuple(MAIN_FACTORS),
    allowed=tuple(MAIN_FACTORS),
)
REQUIRE_TWO_FACTOR = kinds.switch(
    "require_two_factor",
    group=SIGN_IN,
    label=_("Two-factor sign-in is required of clients"),
    help=_("A client without a factor must enable one before anything else. Operators always."),
    default=False,
)
TRUSTED_BROWSERS = kinds.switch(
    "trusted_browsers",
    group=SIGN_IN,
    label=_("Clients may trust a browser"),
    help=_("After a code they choose to sign in there by password alone. Operators never."),
    default=False,
)
TRUSTED_BROWSER_DAYS = kinds.integer(
    "trusted_browser_days",
    group=SIGN_IN,
    label=_("A browser is trusted for"),
    help=_("Days from the code, however often it is used; at most 90. Fewer count at once."),
    default=30,
    low=1,
    high=90,
)
PASSWORDS_OF_ADDRESS = kinds.integer(
    "passwords_of_address",
    group=SIGN_IN,
    label=_("Wrong passwords from one address in 15 minutes"),
    help=_(
        "Over all accounts. After so many, only browsers in which the account signed in before may "
        "try from there. Raise it when many clients share an address."
    ),
    default=50,
    low=10,
    high=100_000,
)
PASSWORDS_OF_ACCOUNT = kinds.integer(
    "passwords_of_account",
    group=SIGN_IN,
    label=_("Wrong passwords of one account in 15 minutes"),
    help=_(
        "From all addresses. After so many, each address has three tries, unless the account "
        "signed in in that browser before: strangers lock nobody out."
    ),
    default=50,
    low=10,
    high=100_000,
)
SERVICE_NAME = kinds.text(
    "service_name",
    group=SIGN_IN,
    label=_("Name of the service"),
    help=_("As it stands on the pages, in the SMS, the e-mails and the authenticator app."),
    default="Back Office",
    length=SERVICE_NAME_LENGTH,
)
ALLOWED_COUNTRIES = kinds.words(
    "allowed_countries",
    group=SENDING,
    label=_("Countries"),
    help=_("Countries whose numbers are sent codes, as two letters: FR, GB. All others are not."),
    default=COUNTRIES_AT_FIRST,
    allowed=SUPPORTED_REGIONS,
)
CODE_LIFETIME = kinds.integer(
    "code_lifetime",
    group=CODES,
    label=_("A code lives"),
    help=_("Seconds from the first sending until the code is dead; at most 600."),
    default=300,
    low=1,
    high=600,
)
TRIES = kinds.integer(
    "tries",
    group=CODES,
    label=_("Wrong codes in a row"),
    help=_("After so many wrong codes the account is locked for a while."),
    default=5,
    low=1,
    high=20,
)
BLOCK_TIME = kinds.integer(
    "block_time",
    group=CODES,
    label=_("Locked for"),
    help=_("Seconds for which wrong codes lock."),
    default=900,
    low=1,
    high=7 * 24 * 3600,
)
HARD_TRIES = kinds.integer(
    "hard_lock_tries",
    group=CODES,
    label=_("Wrong codes without a success"),
    help=_("After so many, over any time, only an operator or a recovery code unlocks."),
    default=10,
    low=1,
    high=100,
)
RESEND_DELAYS = kinds.integers(
    "resend_delays",
    group=SENDING,
    label=_("Resend after"),
    help=_("Seconds until the second, third … code may be asked for; the last one repeats."),
    default=(30, 60, 120, 300),
    low=1,
    high=24 * 3600,
)
CAP_NUMBER_HOUR = kinds.integer(
    "cap_number_hour",
    group=SENDING,
    label=_("To one number in an hour"),
    help=_("Messages with codes."),
    default=5,
    low=1,
    high=100_000,
)
CAP_NUMBER_DAY = kinds.integer(
    "cap_number_day",
    group=SENDING,
    label=_("To one number in a day"),
    help=_("Messages with codes."),
    default=10,
    low=1,
    high=100_000,
)
CAP_ACCOUNT_HOUR = kinds.integer(
    "cap_account_hour",
    group=SENDING,
    label=_("For one account in an hour"),
    help=_("Messages with codes to all its numbers; it has several only while it enrols."),
    default=20,
    low=1,
    high=100_000,
)
CAP_ACCOUNT_DAY = kinds.integer(
    "cap_account_day",
    group=SENDING,
    label=_("For one account in a day"),
    help=_("Messages with codes to all its numbers."),
    default=40,
    low=1,
    high=100_000,
)
CAP_ADDRESS_HOUR = kinds.integer(
    "cap_address_hour",
    group=SENDING,
    label=_("From one address in an hour"),
    help=_("Messages asked for from one IPv4 address, or one IPv6 network (/64)."),
    default=10,
    low=1,
    high=100_000,
)
CAP_PREFIX_HOUR = kinds.integer(
    "cap_prefix_hour",
    group=SENDING,
    label=_("To similar numbers in an hour"),
    help=_("Messages to numbers that differ in the last four digits only."),
    default=20,
    low=1,
    high=100_000,
)
TELL_AFTER_INCIDENT = kinds.switch(
    "tell_clients_after_incident",
    group=_("Incidents"),
    label=_("Clients are told when an incident is over"),
    help=_("An e-mail to those whose codes did not arrive, and who have not signed in since."),
    default=True,
)
RESETS_HOUR = kinds.integer(
    "resets_hour",
    group=OPERATORS,
    label=_("Clients reset by one operator in an hour"),
    help=_("More are refused and reported: disabling in bulk is what a stolen account does."),
    default=20,
    low=1,
    high=10_000,
)
RESENDS_HOUR = kinds.integer(
    "resends_hour",
    group=OPERATORS,
    label=_("Codes sent again by one operator in an hour"),
    help=_("Each is paid, and counts for the client's own limits as well."),
    default=30,
    low=1,
    high=10_000,
)
APPROVALS_DAY = kinds.integer(
    "approvals_day",
    group=OPERATORS,
    label=_("Approvals asked for by one operator in a day"),
    help=_("Each is an e-mail to a client. One client gets five an hour at most."),
    default=60,
    low=1,
    high=10_000,
)
DESK_REQUESTS_DAY = kinds.integer(
    "desk_requests_day",
    group=OPERATORS,
    label=_("Requests to the Security desk by one operator in a day"),
    help=_("Each is an e-mail to everybody of the desk."),
    default=40,
    low=1,
    high=10_000,
)
REQUIRE_CALLER_CHECK = kinds.switch(
    "require_caller_check",
    group=OPERATORS,
    label=_("The caller must be identified first"),
    help=_(
        "By support PIN or approval, before a factor is disabled, a client unlocked or a temporary "
        "code given out. The first line must in any case."
    ),
    default=False,
)
FIRST_LINE_DAY = kinds.integer(
    "first_line_day",
    group=OPERATORS,
    label=_("Acts of one operator of the first line in a day"),
    help=_("Unlocking timed locks, resynchronising and test messages, all together."),
    default=30,
    low=0,
    high=10_000,
)
