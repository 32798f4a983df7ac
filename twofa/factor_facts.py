"""Reading the factors of a user: what is enabled, and what sign-in offers."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from clients.models import User
from twofa import code_rows, locks, totp
from twofa.factor_rows import FactorRows, rows_of
from twofa.models import Authenticator, SmsConfirmation, VerificationState
from twofa.policy_keys import METHODS, REQUIRE_TWO_FACTOR
from twofa.results import Device, FactorFacts, Overview
from twofa.vocabulary import MAIN_FACTORS, FactorKind


def enabled(user: User) -> frozenset[FactorKind]:
    """The confirmed main factors, whether their method is switched on or not."""
    return code_rows.chosen_among(user)[0]


def offered(user: User) -> list[FactorKind]:
    """The main factors a code may be asked of now: the preferred one first, then the last used."""
    confirmed, preferred, last = code_rows.chosen_among(user)
    methods = METHODS()
    usable = [kind for kind in MAIN_FACTORS if kind in confirmed and kind in methods]
    return sorted(usable, key=lambda kind: (kind != preferred, kind != last))


def is_required(user: User) -> bool:
    """Whether this user must have a factor: operators always, clients by System > Settings."""
    return user.is_staff or REQUIRE_TWO_FACTOR()


def overview(user: User) -> Overview:
    """Everything the security page and the operator's 2FA section show; two queries."""
    state = VerificationState.objects.filter(user=user).first() or VerificationState(user=user)
    return overview_of(rows_of(user), state)


def overview_of(rows: FactorRows, state: VerificationState) -> Overview:
    """The same from rows that were read already."""
    at = timezone.now()
    recovery_lock = locks.recovery_lock_of(state, at=at)
    return Overview(
        factors={
            FactorKind.AUTHENTICATOR: _facts(FactorKind.AUTHENTICATOR, rows.authenticators),
            FactorKind.SMS: _facts(FactorKind.SMS, rows.numbers),
            FactorKind.RECOVERY: _facts(
                FactorKind.RECOVERY, rows.recovery, codes_left=rows.codes_left
            ),
        },
        failures=state.failures,
        lock=locks.lock_of(state, at=at),
        recovery_locked_until=recovery_lock.until if recovery_lock else None,
        last_failure_at=state.last_failure_at,
        last_success_at=state.last_success_at,
        preferred=FactorKind(state.preferred_factor) if state.preferred_factor else None,
    )


def _facts(
    kind: FactorKind, found: Sequence[Device], *, codes_left: int | None = None
) -> FactorFacts:
    """Of at most two rows: the one in force, and the one being enrolled."""
    confirmed = next((row for row in found if row.confirmed), None)
    begun = next((row for row in found if not row.confirmed), None)
    return FactorFacts(
        kind=kind,
        enabled=confirmed is not None,
        since=confirmed.confirmed_at if confirmed else None,
        last_used_at=confirmed.last_used_at if confirmed else None,
        begun_at=begun.created_at if begun else None,
        number=str(confirmed.number) if isinstance(confirmed, SmsConfirmation) else "",
        codes_left=codes_left,
        method_on=kind == FactorKind.RECOVERY or kind in METHODS(),
        drift=_drift(confirmed) if isinstance(confirmed, Authenticator) else timedelta(0),
    )


def _drift(device: Authenticator) -> timedelta:
    return device.drift_steps * totp.STEP
