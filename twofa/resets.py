"""What an operator does to a client's second factor: disable it, unlock it.

One function per act, for pages, bulk actions and commands alike: permission, change, log, notice
and signal in one transaction. The operator's fresh code is checked before, by
`step_up.verify_for_act`.
"""

import logging
from datetime import timedelta
from enum import Enum
from typing import Any

from django.db import transaction
from django.utils import timezone

from backoffice.audit import log
from backoffice.audit.models import Outcome
from clients import sessions
from clients.models import User
from clients.people import contact_held_until
from twofa import locks, log_actions, notices
from twofa.factor_changes import Removed, remove, tell_number
from twofa.factor_facts import enabled
from twofa.models import Authenticator, Reset, SmsConfirmation, VerificationState
from twofa.models.reset import ResetScope
from twofa.notices import NoticeKind
from twofa.policy_keys import RESETS_HOUR
from twofa.results import ResetDone, Unlocked
from twofa.signals import factor_reset, unlocked
from twofa.vocabulary import MAIN_FACTORS, FactorKind

DISABLE, UNLOCK = "twofa.disable_factor", "twofa.unlock_client"
HOUR = timedelta(hours=1)
_KINDS: dict[ResetScope, tuple[FactorKind, ...]] = {
    ResetScope.AUTHENTICATOR: (FactorKind.AUTHENTICATOR,),
    ResetScope.SMS: (FactorKind.SMS,),
    ResetScope.ALL: MAIN_FACTORS,
}

logger = logging.getLogger(__name__)


class NotDone(Enum):
    """Why nothing was changed. Each but NOTHING_TO_DO is logged as refused."""

    NOT_ALLOWED = "not_allowed"  # lacks the permission, or the target is an operator of more rank
    OWN_FACTOR = "own_factor"
    REASON_MISSING = "reason_missing"
    NOT_REQUESTED = "not_requested"  # the client did not ask for it, or was not identified
    TOO_MANY = "too_many"  # this operator's limit an hour; reported
    HELD = "held"  # an operator changed the client's e-mail or phone within a day
    NOTHING_TO_DO = "nothing_to_do"  # done already: repeating is harmless


def may_disable(operator: User, user: User) -> bool:
    """For the page: whether to show the button (permission, not one's own, rank)."""
    return _forbidden(operator, user, DISABLE) is None


def may_unlock(operator: User, user: User) -> bool:
    return _forbidden(operator, user, UNLOCK) is None


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
    with transaction.atomic():
        state = _hold_both(user, operator)
        refused = _forbidden(operator, user, DISABLE) or _unfounded(reason, client_request)
        refused = refused or _held(user) or _too_many(operator)
        if refused is None and not _has_any(user, _KINDS[scope]):
            return NotDone.NOTHING_TO_DO
        _log(log_actions.FACTOR_RESET, operator, user, refused, reason=reason, facts=facts)
        if refused:
            return refused
        removed = remove(user, _KINDS[scope])
        if not enabled(user):
            # Nothing is left to guess, and a lock would keep the client from enrolling again.
            locks.clear(state, recovery=True)
            state.save()
        reset = Reset.objects.create(
            user=user, operator=operator, scope=scope, reason=reason, ticket=ticket
        )
        _tell(user, removed)
        ended = sessions.end_all(user)
        factor_reset.send(Reset, user=user, reset=reset, removed=removed.kinds)
    return ResetDone(reset=reset, removed=removed.kinds, sessions_ended=ended)


def unlock(
    user: User, *, operator: User | None, reason: str, ticket: str = ""
) -> Unlocked | NotDone:
    """Clear every counter and lock of wrong codes, recovery codes' too."""
    with transaction.atomic():
        state = _hold_both(user, operator)
        refused = _forbidden(operator, user, UNLOCK) or _unfounded(reason, client_request=True)
        failures = max(state.failures, state.recovery_failures)
        if refused is None and not failures:
            return NotDone.NOTHING_TO_DO
        facts = {"failures": failures, "ticket": ticket}
        _log(log_actions.UNLOCKED, operator, user, refused, reason=reason, facts=facts)
        if refused:
            return refused
        locks.clear(state, recovery=True)
        state.save()
        notices.tell(user, NoticeKind.UNLOCKED)
        unlocked.send(VerificationState, user=user, operator=operator)
    return Unlocked(failures=failures)


def _forbidden(operator: User | None, user: User, permission: str) -> NotDone | None:
    if operator is None:
        return None
    if operator.pk == user.pk:
        return NotDone.OWN_FACTOR
    if not operator.has_perm(permission):
        return NotDone.NOT_ALLOWED
    # Else a desk that serves clients could strip an administrator of his second factor.
    if user.is_staff and not operator.is_superuser and not operator.has_perm("clients.change_user"):
        return NotDone.NOT_ALLOWED
    return None


def _unfounded(reason: str, client_request: bool) -> NotDone | None:
    if not reason.strip():
        return NotDone.REASON_MISSING
    return None if client_request else NotDone.NOT_REQUESTED


def _held(user: User) -> NotDone | None:
    """Else a changed address and then a reset would be a takeover in two steps."""
    return NotDone.HELD if contact_held_until(user) else None


def _too_many(operator: User | None) -> NotDone | None:
    """Counted under the operator's own row, so that parallel requests do not slip through."""
    if operator is None:
        return None
    since = timezone.now() - HOUR
    done = Reset.objects.filter(operator=operator, at__gt=since).count()
    if done < RESETS_HOUR():
        return None
    logger.error("an operator reached the limit of resets", extra={"operator": str(operator.pk)})
    return NotDone.TOO_MANY


def _hold_both(user: User, operator: User | None) -> VerificationState:
    """The rows of both, always in one order, so that two operators cannot wait for each other."""
    people = {person.pk: person for person in (user, operator or user)}
    held = {pk: locks.hold(people[pk]) for pk in sorted(people)}
    return held[user.pk]


def _has_any(user: User, kinds: tuple[FactorKind, ...]) -> bool:
    models = {FactorKind.AUTHENTICATOR: Authenticator, FactorKind.SMS: SmsConfirmation}
    return any(models[kind].objects.filter(user=user).exists() for kind in kinds)


def _tell(user: User, removed: Removed) -> None:
    if removed.kinds:
        notices.tell(user, NoticeKind.FACTOR_RESET, factors=removed.kinds)
        tell_number(user, removed.number)


def _log(
    action: log.Action,
    operator: User | None,
    user: User,
    refused: NotDone | None,
    *,
    reason: str,
    facts: dict[str, Any],
) -> None:
    log.record(
        action,
        actor=log_actions.actor(operator) if operator else log_actions.COMMAND,
        subject=log_actions.subject(user),
        outcome=Outcome.REFUSED if refused else Outcome.DONE,
        reason=reason,
        facts={**facts, "refused": refused.value if refused else ""},
    )
