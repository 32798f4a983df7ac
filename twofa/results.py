"""What the domain's functions return. A refusal is a result like any other, never an exception.

An exception would roll back the count of a wrong code together with everything else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from clients.models import User
from twofa.models import (
    Authenticator,
    Challenge,
    RecoveryCodes,
    Reset,
    SmsConfirmation,
    TemporaryCode,
)
from twofa.vocabulary import (
    CodeOutcome,
    Delivery,
    FactorKind,
    Malformed,
    Purpose,
    SendOutcome,
    Trouble,
)

Device = Authenticator | SmsConfirmation | RecoveryCodes | TemporaryCode


@dataclass(frozen=True, slots=True)
class Started:
    """A challenge stands; by SMS, its message is queued.

    For an authenticator nothing is sent: `challenge` gives the page its reference.
    """

    challenge: Challenge
    resend_from: datetime | None = None  # None: nothing to resend


@dataclass(frozen=True, slots=True)
class SendRefused:
    """No message was queued, and the refusal is on record.

    `challenge` is the one that stays in force, when there is one: an earlier code may still be
    typed (asked again too soon, caps).
    """

    outcome: SendOutcome
    allowed_from: datetime | None = None  # None: waiting does not help
    challenge: Challenge | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """What the client's page shows of one challenge, live. No code and no whole number."""

    reference: str
    factor: FactorKind
    delivery: Delivery | None  # None: an authenticator, or nothing was sent
    trouble: Trouble | None
    ending: str  # "••01", or ""
    sender: str  # as the phone shows it, or ""
    sent_at: datetime | None
    delivered_at: datetime | None
    expires_at: datetime
    resend_from: datetime | None
    is_live: bool  # a code can still be typed
    usual: timedelta | None = None  # within which most arrive on this route, where that is known


@dataclass(frozen=True, slots=True)
class Verified:
    """The code was right, and is used up."""

    user: User
    factor: FactorKind
    purpose: Purpose
    device: Device
    challenge: Challenge | None
    recovery_codes_left: int | None = None  # only when a recovery code was used


@dataclass(frozen=True, slots=True)
class Refused:
    """The code was not accepted.

    - `malformed`: why, when `outcome` is MALFORMED (nothing was counted).
    - `locked_until` / `hard_locked`: the lock that holds now, also when this try caused it.
    - `tries_left`: wrong codes until the next lock; None while locked or not counted.
    - `challenge_dead`: offer a new code, this one's life is over.
    - `clock_offset`: the phone's clock is that far ahead (negative: behind). Given only after two
      different codes in a row matched at it, so that a guesser learns nothing.
    """

    outcome: CodeOutcome
    malformed: Malformed | None = None
    locked_until: datetime | None = None
    hard_locked: bool = False
    tries_left: int | None = None
    challenge_dead: bool = False
    clock_offset: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock in force. `until` None: no end by itself."""

    until: datetime | None
    failures: int

    @property
    def is_hard(self) -> bool:
        return self.until is None


@dataclass(frozen=True, slots=True)
class FactorFacts:
    """One factor as pages show it."""

    kind: FactorKind
    enabled: bool
    since: datetime | None = None
    last_used_at: datetime | None = None
    begun_at: datetime | None = None  # an enrolment that was not finished
    number: str = ""  # E.164; mask it before showing it to an operator
    codes_left: int | None = None  # recovery codes
    method_on: bool = True  # by System > Settings
    drift: timedelta = timedelta(0)  # how far the app's clock is known to be ahead


@dataclass(frozen=True, slots=True)
class Overview:
    """The whole second factor of one user, for the security page and the operator's 2FA section."""

    factors: Mapping[FactorKind, FactorFacts]
    failures: int
    lock: Lock | None
    recovery_locked_until: datetime | None
    last_failure_at: datetime | None
    last_success_at: datetime | None
    preferred: FactorKind | None = None  # asked first at sign-in, while it is on

    @property
    def enabled(self) -> frozenset[FactorKind]:
        return frozenset(
            kind
            for kind, facts in self.factors.items()
            if facts.enabled and kind != FactorKind.RECOVERY
        )


@dataclass(frozen=True, slots=True)
class AuthenticatorEnrolment:
    """Begun, not confirmed. `key` and `uri` are secret: `no-store`, and only while enrolling."""

    challenge: Challenge
    key: str = field(repr=False)  # base32
    uri: str = field(repr=False)  # otpauth://, for the QR picture


@dataclass(frozen=True, slots=True)
class Enabled:
    """A factor is in force now. `recovery_codes`: made with the first factor, shown once."""

    kind: FactorKind
    device: Device
    replaced: bool
    recovery_codes: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class ResetDone:
    """A factor was disabled by an operator."""

    reset: Reset
    removed: tuple[FactorKind, ...]
    sessions_ended: int


@dataclass(frozen=True, slots=True)
class Unlocked:
    failures: int  # that were on the counter
