"""The closed vocabulary of the diagnosis. Ids are fixed: scripts and other systems read them."""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class CauseId(StrEnum):
    """Why codes do not work. Those that begin with `sms.` are also what messages end with."""

    CLIENT_INACTIVE = "client.inactive"
    CLIENT_BLOCKED = "client.blocked"
    NEVER_ASKED = "signin.never_asked"
    NOT_ENABLED = "twofa.not_enabled"
    ENROLMENT_UNFINISHED = "twofa.enrolment_unfinished"
    METHOD_OFF = "twofa.method_off"
    LOCKED = "twofa.locked"
    HARD_LOCKED = "twofa.hard_locked"
    FOREIGN_ATTEMPTS = "twofa.foreign_attempts"
    OTHER_METHOD = "twofa.other_method"
    UNREADABLE = "twofa.unreadable"
    CLOCK_SKEW = "totp.clock_skew"
    CODE_LATE = "totp.code_late"
    CODE_REUSED = "totp.code_reused"
    WRONG_SEED = "totp.wrong_seed"
    SERVER_CLOCK = "totp.server_clock"
    NUMBER_MISSING = "sms.number_missing"
    NUMBER_CHANGED = "sms.number_changed"
    NUMBER_INVALID = "sms.number_invalid"
    LANDLINE = "sms.landline"
    NUMBER_UNKNOWN = "sms.number_unknown"
    HANDSET_UNREACHABLE = "sms.handset_unreachable"
    OPTED_OUT = "sms.opted_out"
    CARRIER_BLOCKED = "sms.carrier_blocked"
    CARRIER_CONGESTED = "sms.carrier_congested"
    CARRIER_DELAY = "sms.carrier_delay"
    DELIVERED_NOT_TYPED = "sms.delivered_not_typed"
    NO_PROVIDER = "sms.no_provider"
    PROVIDER_DISABLED = "sms.provider_disabled"
    PROVIDER_INCOMPLETE = "sms.provider_incomplete"
    CREDENTIALS_REJECTED = "sms.credentials_rejected"
    TEST_CREDENTIALS = "sms.test_credentials"
    ACCOUNT_SUSPENDED = "sms.account_suspended"
    BALANCE_LOW = "sms.balance_low"
    SENDER_REJECTED = "sms.sender_rejected"
    CALLBACK_INVALID = "sms.callback_invalid"
    RECEIPTS_BROKEN = "sms.receipts_broken"
    COUNTRY_CLOSED = "sms.country_closed"
    ROUTE_PAUSED = "sms.route_paused"
    PROVIDER_DOWN = "sms.provider_down"
    PROVIDER_SLOW = "sms.provider_slow"
    RATE_LIMITED = "sms.rate_limited_by_provider"
    FRAUD_HOLD = "sms.fraud_hold"
    TEMPLATE_BROKEN = "sms.template_broken"
    SEND_LIMIT = "sms.send_limit"
    QUEUE_STALLED = "sms.queue_stalled"
    EXPIRED_BEFORE_SENDING = "sms.expired_before_sending"
    CODE_EXPIRED = "sms.code_expired"
    CODE_SUPERSEDED = "sms.code_superseded"
    UNEXPLAINED = "sms.unexplained"
    INCIDENT = "sms.incident"


class Owner(models.TextChoices):
    """Who can mend it."""

    CLIENT = "client", _("The client")
    OPERATOR = "operator", _("Us: settings")
    PROVIDER = "provider", _("SMS provider")
    CARRIER = "carrier", _("Mobile network")
    PLATFORM = "platform", _("Us: our systems")
    UNKNOWN = "unknown", _("Not known")


class Confidence(models.TextChoices):
    CERTAIN = "certain", _("certain")
    LIKELY = "likely", _("likely")
    POSSIBLE = "possible", _("possible")


class Result(models.TextChoices):
    """Of one check."""

    OK = "ok", _("OK")
    PROBLEM = "problem", _("Problem")
    UNKNOWN = "unknown", _("Unknown")


class Reach(models.IntegerChoices):
    """Whom a cause stops: the first part of the order in which findings are shown."""

    ROUTE = 0, _("everyone on this route")
    ACCOUNT = 1, _("everything this client does")
    METHOD = 2, _("one method of this client")


class Action(models.TextChoices):
    """What the page offers beside a finding, the best first."""

    TELL = "tell", _("Tell the client")
    OPEN_CLIENT = "open_client", _("Open the client")
    UNBLOCK = "unblock", _("Unblock the client")
    UNLOCK = "unlock", _("Unlock")
    RESYNCHRONISE = "resynchronise", _("Resynchronise the authenticator")
    DISABLE_AUTHENTICATOR = "disable_authenticator", _("Disable Google Authenticator")
    DISABLE_SMS = "disable_sms", _("Disable SMS confirmation")
    END_SESSIONS = "end_sessions", _("End sessions")
    SEND_TEST_CODE = "send_test_code", _("Send a test SMS to this client")
    CHECK_PROVIDER = "check_provider", _("Check the provider now")
    OPEN_PROVIDER = "open_provider", _("Open Provider settings")
    ENABLE_PROVIDER = "enable_provider", _("Enable the provider")
    RESET_BREAKER = "reset_breaker", _("Let the provider be tried again")
    SWITCH_ROUTE = "switch_route", _("Change the order of providers")
    OPEN_SETTINGS = "open_settings", _("Open System > Settings")
    OPEN_TEMPLATES = "open_templates", _("Open SMS templates")
    LIFT_PAUSE = "lift_pause", _("Review the pause")
    OPEN_INCIDENT = "open_incident", _("Open the incident")
    START_WORKER = "start_worker", _("Start a worker")
    FIX_TIME = "fix_time", _("Repair the server's time service")
    RESTORE_KEY = "restore_key", _("Put the missing key back")
    SET_PUBLIC_URL = "set_public_url", _("Set PUBLIC_URL")
