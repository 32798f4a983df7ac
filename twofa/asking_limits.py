"""How often one operator may ask: clients for an approval, the Security desk for an act.

Each is an e-mail to somebody; an account in wrong hands must not send them by the thousand.
"""

from datetime import datetime, timedelta

from backoffice.audit import log
from backoffice.audit.models import AuditEvent, Outcome
from backoffice.common.identifiers import first_uuid7_at
from clients.models import User
from twofa import log_actions
from twofa.operator_acts import NotDone
from twofa.policy_keys import APPROVALS_DAY, DESK_REQUESTS_DAY

DAY = timedelta(days=1)


def too_many_approvals(operator: User, *, at: datetime) -> NotDone | None:
    return _over(operator, log_actions.APPROVAL_ASKED, APPROVALS_DAY(), at=at)


def too_many_desk_requests(operator: User, *, at: datetime) -> NotDone | None:
    return _over(operator, log_actions.DESK_ASKED, DESK_REQUESTS_DAY(), at=at)


def _over(operator: User, action: log.Action, most: int, *, at: datetime) -> NotDone | None:
    """Counted under the operator's own row, so that parallel requests do not slip through."""
    done = AuditEvent.objects.filter(
        actor_id=str(operator.pk),
        action=action.key,
        outcome=Outcome.DONE,
        at__gt=at - DAY,
        id__gte=first_uuid7_at(at - 2 * DAY),  # what the index goes by
    )
    return NotDone.ASKED_TOO_OFTEN if done.count() >= most else None
