"""The first line: operators who help identified callers with what does no harm, so many a day."""

from datetime import timedelta

from django.utils import timezone

from backoffice.audit.models import AuditEvent, Outcome
from backoffice.common.identifiers import first_uuid7_at
from clients.models import User
from twofa import caller_checks, log_actions
from twofa.operator_acts import NotDone
from twofa.policy_keys import FIRST_LINE_DAY
from twofa.vocabulary import OperatorAct

DAY = timedelta(days=1)
UNLOCK = "twofa.unlock_client"


def is_first_line(operator: User | None) -> bool:
    """Whoever may unlock whom he likes is not held to the rules of the first line."""
    return operator is not None and not operator.has_perm(UNLOCK)


def obstacle(operator: User | None, user: User, act: OperatorAct) -> NotDone | None:
    """The caller must be identified, whatever the settings say, and there is a limit a day.

    The caller of this holds the operator's row, so that parallel requests are counted.
    """
    if operator is None or not is_first_line(operator):
        return None
    at = timezone.now()
    if caller_checks.fresh(user, operator, at=at, act=act) is None:
        return NotDone.CALLER_NOT_IDENTIFIED
    return NotDone.DAILY_LIMIT if done_today(operator) >= FIRST_LINE_DAY() else None


def done_today(operator: User) -> int:
    at = timezone.now()
    counted = (
        log_actions.UNLOCKED,
        log_actions.RESYNCHRONISATION_ALLOWED,
        log_actions.TEST_SMS_SENT,
    )
    done = AuditEvent.objects.filter(
        actor_id=str(operator.pk),
        action__in=[action.key for action in counted],
        outcome=Outcome.DONE,
        at__gt=at - DAY,
        id__gte=first_uuid7_at(at - 2 * DAY),  # what the index goes by
    )
    return done.count()
