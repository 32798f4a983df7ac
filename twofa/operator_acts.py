"""What the acts of operators on a client's second factor have in common: who may, and why not.

An act is one function: it holds both rows, asks here, changes, logs and tells, in one transaction.
"""

import logging
from datetime import timedelta
from enum import Enum
from typing import Any

from django.utils import timezone

from backoffice.audit import log
from backoffice.audit.models import Outcome
from clients.models import User
from clients.people import contact_held_until
from twofa import locks, log_actions
from twofa.models import Reset, TemporaryCode, VerificationState
from twofa.policy_keys import RESETS_HOUR

HOUR = timedelta(hours=1)

logger = logging.getLogger(__name__)


class NotDone(Enum):
    """Why nothing was changed. Each but NOTHING_TO_DO is logged as refused."""

    NOT_ALLOWED = "not_allowed"  # lacks the permission, or the target is an operator of more rank
    OWN_FACTOR = "own_factor"
    REASON_MISSING = "reason_missing"
    NOT_REQUESTED = "not_requested"  # the client did not ask for it, or was not identified
    TOO_MANY = "too_many"  # this operator's limit an hour; reported
    HELD = "held"  # an operator changed the client's e-mail or phone within a day
    CALLER_NOT_IDENTIFIED = "caller_not_identified"  # by PIN or approval, where it is required
    DENIED_BY_CLIENT = "denied_by_client"  # "this was not me", within a day
    PROOFS_MISSING = "proofs_missing"  # of the client's open lost-device request
    TOO_EARLY = "too_early"  # after that request: time to say "this was not me"
    HARD_LOCKED = "hard_locked"  # not for the first line to open
    DAILY_LIMIT = "daily_limit"  # of the first line
    ASKED_TOO_OFTEN = "asked_too_often"  # e-mails of this operator within a day
    NOTHING_TO_DO = "nothing_to_do"  # done already: repeating is harmless


def forbidden(operator: User | None, user: User, *permissions: str) -> NotDone | None:
    """`permissions`: one of them is enough. None as operator is the command line."""
    if operator is None:
        return None
    if operator.pk == user.pk:
        return NotDone.OWN_FACTOR
    if not any(operator.has_perm(permission) for permission in permissions):
        return NotDone.NOT_ALLOWED
    # Else a desk that serves clients could strip an administrator of his second factor.
    if user.is_staff and not operator.is_superuser and not operator.has_perm("clients.change_user"):
        return NotDone.NOT_ALLOWED
    return None


def unfounded(reason: str, *, client_request: bool = True) -> NotDone | None:
    if not reason.strip():
        return NotDone.REASON_MISSING
    return None if client_request else NotDone.NOT_REQUESTED


def held(user: User) -> NotDone | None:
    """Else a changed address and then a reset would be a takeover in two steps."""
    return NotDone.HELD if contact_held_until(user) else None


def too_many(operator: User | None) -> NotDone | None:
    """Whom this operator let around a factor within the hour, in whatever way.

    Counted under the operator's own row, so that parallel requests do not slip through.
    """
    if operator is None:
        return None
    since = timezone.now() - HOUR
    done = Reset.objects.filter(operator=operator, at__gt=since).count()
    done += TemporaryCode.objects.filter(operator=operator, created_at__gt=since).count()
    if done < RESETS_HOUR():
        return None
    logger.error("an operator reached the limit of resets", extra={"operator": str(operator.pk)})
    return NotDone.TOO_MANY


def hold_both(user: User, operator: User | None) -> VerificationState:
    """The rows of both, always in one order, so that two operators cannot wait for each other."""
    people = {person.pk: person for person in (user, operator or user)}
    held = {pk: locks.hold(people[pk]) for pk in sorted(people)}
    return held[user.pk]


def record(
    action: log.Action,
    operator: User | None,
    user: User,
    refused: NotDone | None,
    *,
    reason: str = "",
    facts: dict[str, Any] | None = None,
) -> None:
    log.record(
        action,
        actor=log_actions.actor(operator) if operator else log_actions.COMMAND,
        subject=log_actions.subject(user),
        outcome=Outcome.REFUSED if refused else Outcome.DONE,
        reason=reason,
        facts={**(facts or {}), "refused": refused.value if refused else ""},
    )
