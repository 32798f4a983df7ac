"""The closed vocabulary of sending. Raw answers of a provider stay in its backend."""

from dataclasses import dataclass
from enum import StrEnum

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


class Cause(StrEnum):
    """Why a message did not arrive, as far as the provider's answer tells. Ids are fixed."""

    PROVIDER_DOWN = "sms.provider_down"
    CREDENTIALS_REJECTED = "sms.credentials_rejected"
    TEST_CREDENTIALS = "sms.test_credentials"
    ACCOUNT_SUSPENDED = "sms.account_suspended"
    BALANCE_LOW = "sms.balance_low"
    RATE_LIMITED_BY_PROVIDER = "sms.rate_limited_by_provider"
    NUMBER_INVALID = "sms.number_invalid"
    LANDLINE = "sms.landline"
    NUMBER_UNKNOWN = "sms.number_unknown"
    HANDSET_UNREACHABLE = "sms.handset_unreachable"
    OPTED_OUT = "sms.opted_out"
    CARRIER_BLOCKED = "sms.carrier_blocked"
    CARRIER_CONGESTED = "sms.carrier_congested"
    CARRIER_DELAY = "sms.carrier_delay"
    COUNTRY_CLOSED = "sms.country_closed"
    FRAUD_HOLD = "sms.fraud_hold"
    SENDER_REJECTED = "sms.sender_rejected"
    PROVIDER_INCOMPLETE = "sms.provider_incomplete"
    TEMPLATE_BROKEN = "sms.template_broken"
    CALLBACK_INVALID = "sms.callback_invalid"
    RECEIPTS_BROKEN = "sms.receipts_broken"
    NO_PROVIDER = "sms.no_provider"
    EXPIRED_BEFORE_SENDING = "sms.expired_before_sending"
    UNEXPLAINED = "sms.unexplained"


class MessageState(models.TextChoices):
    """See the states of a message in docs/architecture.md."""

    QUEUED = "queued", _("Queued")
    SENDING = "sending", _("Sending")
    UNKNOWN = "unknown", _("Not confirmed by the provider")
    ACCEPTED = "accepted", _("Taken by the provider")
    SENT = "sent", _("Handed to the network")
    DELIVERED = "delivered", _("Delivered")
    UNDELIVERED = "undelivered", _("Not delivered")
    FAILED = "failed", _("Failed")
    EXPIRED = "expired", _("Expired")


FINAL_STATES = frozenset(
    {
        MessageState.DELIVERED,
        MessageState.UNDELIVERED,
        MessageState.FAILED,
        MessageState.EXPIRED,
    }
)


class Decision(models.TextChoices):
    """What the outcome of one call means for the message."""

    DONE = "done", _("taken by the provider")
    RETRY = "retry", _("try the same provider again")
    NEXT = "next", _("try the next provider")
    NEXT_ONCE = "next_once", _("try one other provider")
    STOP = "stop", _("do not send again")
    AMBIGUOUS = "ambiguous", _("not known whether it was sent")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one error code of a provider means: one row of a backend's error table."""

    decision: Decision
    cause: Cause
    words: Words
    tell_client: bool = False
    tell_operator: bool = False
    counts_for_breaker: bool = False
    hold_prefix: bool = False
    # It will not pass within minutes (a daily cap): the breaker opens at the first, and for long.
    lasting: bool = False


class Progress(models.TextChoices):
    """How far one message got at one provider, as its reports tell; the rank only grows."""

    ACCEPTED = "accepted", _("taken by the provider")
    SENT = "sent", _("handed to the network")
    DELIVERED = "delivered", _("delivered")
    UNDELIVERED = "undelivered", _("not delivered")
    FAILED = "failed", _("failed")


TERMINAL_PROGRESS = frozenset({Progress.DELIVERED, Progress.UNDELIVERED, Progress.FAILED})


class CheckResult(models.TextChoices):
    OK = "ok", _("OK")
    PROBLEM = "problem", _("Problem")
    UNKNOWN = "unknown", _("Unknown")


class CheckKind(models.TextChoices):
    CREDENTIALS = "credentials", _("Credentials")
    ACCOUNT = "account", _("Account")
    BALANCE = "balance", _("Balance")
    SENDER = "sender", _("Sender")


class BreakerState(models.TextChoices):
    CLOSED = "closed", _("Closed")
    OPEN = "open", _("Open")
    PROBING = "probing", _("Half open: one message probes")


class ConditionKind(models.TextChoices):
    """What operators are told of when it changes."""

    ACCESS = "access", _("Credentials and account")
    BALANCE = "balance", _("Balance")
    BREAKER = "breaker", _("Breaker")
    REPORTS = "reports", _("Delivery reports")
