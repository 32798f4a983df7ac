"""Counting wrong codes: five in a row lock for a while, ten without a success until somebody acts.

Counters belong to the account, not to a session, a device or a factor; recovery codes have their
own. The row of `VerificationState` is what every verify, send, change and reset locks first.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from backoffice.common.ready_queries import ReadyInsert, ReadyQuery, ReadyUpdate
from clients.models import User
from twofa.models import VerificationState
from twofa.policy_keys import BLOCK_TIME, HARD_TRIES, TRIES
from twofa.results import Lock
from twofa.vocabulary import SPARE_FACTORS, FactorKind

_rows = ReadyQuery(
    lambda user_id: VerificationState.objects.select_for_update().filter(user=user_id), UUID(int=0)
)
_standing = ReadyQuery(lambda user_id: VerificationState.objects.filter(user=user_id), UUID(int=0))
_insert = ReadyInsert(VerificationState, unless_there=True)
_write = ReadyUpdate(VerificationState)


def hold(user: User) -> VerificationState:
    """The user's row, locked until the end of the present transaction."""
    state = next(iter(_rows(user.pk)), None) or _new(user)
    state.user = user  # spares the callers a query, here and by `user.verification_state`
    return state


def _new(user: User) -> VerificationState:
    """Somebody else may make it at the same moment."""
    _insert(VerificationState(user=user))
    return _rows(user.pk)[0]


def shown(user: User, *, at: datetime) -> Lock | None:
    """The lock on codes, for a page to show; nothing is held, so decide nothing by it."""
    state = next(iter(_standing(user.pk)), None)
    if state is None:
        return None
    state.user = user  # spares the page a query by `user.verification_state`
    return lock_of(state, at=at)


def lock_of(state: VerificationState, *, at: datetime) -> Lock | None:
    """The lock on codes that holds at that moment."""
    if state.hard_locked_at is not None:
        return Lock(until=None, failures=state.failures)
    if state.locked_until is not None and at < state.locked_until:
        return Lock(until=state.locked_until, failures=state.failures)
    return None


def locked_now(*, at: datetime) -> QuerySet[VerificationState]:
    """Whom wrong codes keep out at that moment: what `lock_of` says, of all."""
    return VerificationState.objects.filter(
        Q(locked_until__gt=at) | Q(hard_locked_at__isnull=False)
    )


def recovery_lock_of(state: VerificationState, *, at: datetime) -> Lock | None:
    """The lock on recovery codes: of their own, so that a locked client can still use one."""
    until = state.recovery_locked_until
    if until is None or at >= until:
        return None
    return Lock(until=until, failures=state.recovery_failures)


def tries_left(state: VerificationState) -> int:
    """Wrong codes until the next lock."""
    return min(TRIES() - state.failures % TRIES(), HARD_TRIES() - state.failures)


def recovery_tries_left(state: VerificationState) -> int:
    return TRIES() - state.recovery_failures % TRIES()


def count_failure(state: VerificationState, *, at: datetime) -> Lock | None:
    """One more wrong code; the lock that it caused.

    The end of a lock clears nothing: guessing goes on from where it stood, up to the hard lock.
    """
    state.failures += 1
    state.last_failure_at = at
    if state.failures >= HARD_TRIES():
        state.hard_locked_at = at
    if state.failures % TRIES() == 0:
        state.locked_until = at + timedelta(seconds=BLOCK_TIME())
    _write(state)
    return lock_of(state, at=at)


def count_recovery_failure(state: VerificationState, *, at: datetime) -> Lock | None:
    """One more wrong recovery code. They are too long to guess: no hard lock is needed."""
    state.recovery_failures += 1
    state.last_failure_at = at
    if state.recovery_failures % TRIES() == 0:
        state.recovery_locked_until = at + timedelta(seconds=BLOCK_TIME())
    _write(state)
    return recovery_lock_of(state, at=at)


def succeed(state: VerificationState, factor: FactorKind, *, at: datetime) -> None:
    """A right code clears what was counted; a recovery code a hard lock too."""
    clear(state, recovery=factor == FactorKind.RECOVERY)
    state.last_success_at = at
    if factor not in SPARE_FACTORS:
        state.last_factor = factor
    _write(state)


def clear(state: VerificationState, *, recovery: bool) -> None:
    """Forget wrong codes and locks; with `recovery` those of recovery codes too. Not saved yet."""
    state.failures = 0
    state.locked_until = state.hard_locked_at = None
    if recovery:
        state.recovery_failures = 0
        state.recovery_locked_until = None
