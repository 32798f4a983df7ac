"""Whether an operator knows who calls, and what that is enough for.

A check is one operator's, of one client, for a quarter of an hour. "This was not me" stops every
act for a day, or until the client proves with a support PIN that it is the client.
"""

from datetime import datetime, timedelta

from django.db.models import Max, Q
from django.utils import timezone

from clients.models import User
from twofa import log_actions
from twofa.models import Approval, CallerCheck, SupportRequest
from twofa.operator_acts import NotDone, record
from twofa.policy_keys import REQUIRE_CALLER_CHECK
from twofa.vocabulary import GRAVE_ACTS, CallerProof, OperatorAct

LIFE = timedelta(minutes=15)
DENIED_FOR = timedelta(hours=24)


def fresh(
    user: User, operator: User, *, at: datetime, act: OperatorAct | None = None
) -> CallerCheck | None:
    """The newest one that holds; with `act` one that is enough for it."""
    rows = CallerCheck.objects.filter(user=user, operator=operator, expires_at__gt=at)
    if act in GRAVE_ACTS:
        rows = rows.filter(Q(act="") | Q(act=act)).exclude(proof=CallerProof.PASSWORD)
    return rows.order_by("-id").first()


def obstacle(operator: User | None, user: User, *acts: OperatorAct) -> NotDone | None:
    """What about the caller forbids these acts. The command line is not stopped by a caller."""
    if operator is None:
        return None
    at = timezone.now()
    if denied_until(user, at=at):
        return NotDone.DENIED_BY_CLIENT
    if not REQUIRE_CALLER_CHECK():
        return None
    known = all(fresh(user, operator, at=at, act=act) for act in acts)
    return None if known else NotDone.CALLER_NOT_IDENTIFIED


def denied_until(user: User, *, at: datetime) -> datetime | None:
    """Until when nothing is done for callers, since the client said that it was somebody else."""
    denied_at = max(filter(None, _denied(user, since=at - DENIED_FOR)), default=None)
    if denied_at is None:
        return None
    proven = CallerCheck.objects.filter(user=user, proof=CallerProof.PIN, at__gt=denied_at)
    return None if proven.exists() else denied_at + DENIED_FOR


def _denied(user: User, *, since: datetime) -> list[datetime | None]:
    """When the client said so, of an approval and of a lost-device request. With the password alone
    it does not count: a stranger could keep the client from every help for ever."""
    approvals = Approval.objects.filter(
        user=user, answer=Approval.Answer.DENIED, answered_at__gt=since
    ).exclude(proof=CallerProof.PASSWORD)
    requests = SupportRequest.objects.filter(user=user, denied_at__gt=since)
    return [
        approvals.aggregate(at=Max("answered_at"))["at"],
        requests.aggregate(at=Max("denied_at"))["at"],
    ]


def note(
    user: User,
    operator: User,
    proof: CallerProof,
    *,
    at: datetime,
    factor: str = "",
    act: str = "",
    ticket: str = "",
) -> CallerCheck:
    """Write down that this operator knows who calls. Logged as the operator's."""
    check = CallerCheck.objects.create(
        user=user,
        operator=operator,
        proof=proof,
        factor=factor,
        act=act,
        ticket=ticket,
        at=at,
        expires_at=at + LIFE,
    )
    facts = {"proof": proof.value, "factor": factor, "act": act, "ticket": ticket}
    record(log_actions.CALLER_IDENTIFIED, operator, user, None, facts=facts)
    return check
