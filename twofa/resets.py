"""What an operator does to a client's second factor: disable it, unlock it.

One function per act, for pages, bulk actions and commands alike: permission, change, log, notice
and signal in one transaction. The operator's fresh code is checked before, by
`step_up.verify_for_act`.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from clients import sessions
from clients.models import User
from twofa import (
    caller_checks,
    desk_requests,
    first_line,
    holds,
    locks,
    log_actions,
    lost_device_desk,
    notices,
)
from twofa import temporary_codes as temporary
from twofa.factor_changes import Removed, remove, tell_number
from twofa.factor_facts import enabled
from twofa.models import Authenticator, Reset, SmsConfirmation, VerificationState
from twofa.models.reset import ResetScope
from twofa.notices import NoticeKind
from twofa.operator_acts import (
    NotDone,
    forbidden,
    held,
    hold_both,
    record,
    too_many,
    unfounded,
)
from twofa.results import ResetDone, Unlocked
from twofa.signals import factor_reset, unlocked
from twofa.vocabulary import MAIN_FACTORS, FactorKind, OperatorAct

__all__ = ["NotDone", "disable", "may_disable", "may_unlock", "unlock"]

DISABLE, UNLOCK, UNLOCK_TIMED = "twofa.disable_factor", "twofa.unlock_client", "twofa.unlock_timed"
_KINDS: dict[ResetScope, tuple[FactorKind, ...]] = {
    ResetScope.AUTHENTICATOR: (FactorKind.AUTHENTICATOR,),
    ResetScope.SMS: (FactorKind.SMS,),
    ResetScope.ALL: MAIN_FACTORS,
}
_ACTS = {
    FactorKind.AUTHENTICATOR: OperatorAct.DISABLE_AUTHENTICATOR,
    FactorKind.SMS: OperatorAct.DISABLE_SMS,
}


def may_disable(operator: User, user: User) -> bool:
    """For the page: whether to show the button (permission, not one's own, rank)."""
    return forbidden(operator, user, DISABLE) is None


def may_unlock(operator: User, user: User, *, hard: bool = False) -> bool:
    """`hard`: a lock without an end, which is not for the first line."""
    permissions = (UNLOCK,) if hard else (UNLOCK, UNLOCK_TIMED)
    return forbidden(operator, user, *permissions) is None


def disable(
    user: User,
    scope: ResetScope,
    *,
    operator: User | None,
    reason: str,
    client_request: bool,
    ticket: str = "",
) -> ResetDone | NotDone:
    """Disable a factor, or all, at the client's explicit request and responsibility.

    `operator` None: the command line. All sessions of the client end; the client is told by e-mail
    and a removed number by SMS, in words. What was begun and not confirmed goes too, and with the
    last factor the recovery codes. Where System > Settings asks for two factors, the client must
    enrol again at the next sign-in.
    """
    facts = {"scope": str(scope), "ticket": ticket}
    acts = [_ACTS[kind] for kind in _KINDS[scope]]
    at = timezone.now()
    with transaction.atomic():
        state = hold_both(user, operator)
        refused = forbidden(operator, user, DISABLE)
        refused = refused or unfounded(reason, client_request=client_request)
        refused = refused or held(user) or caller_obstacle(operator, user, scope)
        refused = refused or too_many(operator)
        if refused is None and not _has_any(user, _KINDS[scope]):
            return NotDone.NOTHING_TO_DO
        record(log_actions.FACTOR_RESET, operator, user, refused, reason=reason, facts=facts)
        if refused:
            return refused
        removed = remove(user, _KINDS[scope])
        if not enabled(user):
            # Nothing is left to guess, and a lock would keep the client from enrolling again.
            locks.clear(state, recovery=True)
            state.save()
            temporary.void(user, at=at)
            lost_device_desk.settle(user, operator=operator)
        reset = Reset.objects.create(
            user=user,
            operator=operator,
            scope=scope,
            reason=reason,
            ticket=ticket,
            at=at,
            hold_until=holds.after_reset(at),
        )
        desk_requests.settle(user, acts, operator=operator)
        _tell(user, removed)
        ended = sessions.end_all(user)
        factor_reset.send(Reset, user=user, reset=reset, removed=removed.kinds)
    return ResetDone(reset=reset, removed=removed.kinds, sessions_ended=ended)


def caller_obstacle(operator: User | None, user: User, scope: ResetScope) -> NotDone | None:
    """What about the caller forbids to disable these; of the acts only those that do anything."""
    acts = [_ACTS[kind] for kind in _KINDS[scope] if _has_any(user, (kind,))]
    return lost_device_desk.caller_obstacle(operator, user, *acts)


def unlock(
    user: User, *, operator: User | None, reason: str, ticket: str = ""
) -> Unlocked | NotDone:
    """Clear every counter and lock of wrong codes, recovery codes' too.

    The first line only ends the wait of a timed lock: the count goes on towards the hard one, so
    that talking to it again and again buys no endless guesses.
    """
    at = timezone.now()
    is_first = first_line.is_first_line(operator)
    with transaction.atomic():
        state = hold_both(user, operator)
        refused = forbidden(operator, user, UNLOCK, UNLOCK_TIMED) or unfounded(reason)
        if refused is None and is_first:
            refused = _beyond_the_first_line(state, at=at)
        refused = refused or caller_checks.obstacle(operator, user, OperatorAct.UNLOCK)
        refused = refused or first_line.obstacle(operator, user, OperatorAct.UNLOCK)
        failures = max(state.failures, state.recovery_failures)
        nothing = not (_is_locked(state, at=at) if is_first else failures)
        if refused is None and nothing:
            return NotDone.NOTHING_TO_DO
        facts: dict[str, Any] = {"failures": failures, "ticket": ticket, "timed": is_first}
        record(log_actions.UNLOCKED, operator, user, refused, reason=reason, facts=facts)
        if refused:
            return refused
        if is_first:
            state.locked_until = state.recovery_locked_until = None
        else:
            locks.clear(state, recovery=True)
        state.save()
        desk_requests.settle(user, [OperatorAct.UNLOCK], operator=operator)
        notices.tell(user, NoticeKind.UNLOCKED)
        unlocked.send(VerificationState, user=user, operator=operator)
    return Unlocked(failures=failures)


def _beyond_the_first_line(state: VerificationState, *, at: datetime) -> NotDone | None:
    found = locks.lock_of(state, at=at)
    return NotDone.HARD_LOCKED if found and found.is_hard else None


def _is_locked(state: VerificationState, *, at: datetime) -> bool:
    return bool(locks.lock_of(state, at=at) or locks.recovery_lock_of(state, at=at))


def _has_any(user: User, kinds: tuple[FactorKind, ...]) -> bool:
    models = {FactorKind.AUTHENTICATOR: Authenticator, FactorKind.SMS: SmsConfirmation}
    return any(models[kind].objects.filter(user=user).exists() for kind in kinds)


def _tell(user: User, removed: Removed) -> None:
    if removed.kinds:
        notices.tell(user, NoticeKind.FACTOR_RESET, factors=removed.kinds)
        tell_number(user, removed.number)
