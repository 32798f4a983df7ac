"""What the first line asks of the Security desk, and what comes of it."""

from collections.abc import Sequence
from enum import Enum

from django.db import transaction
from django.utils import timezone

from clients.models import User
from twofa import asking_limits, caller_checks, log_actions
from twofa.models import DeskRequest
from twofa.operator_acts import NotDone, forbidden, hold_both, record
from twofa.signals import desk_asked
from twofa.vocabulary import OperatorAct

ASK, ANSWER = "twofa.ask_security_desk", "twofa.disable_factor"
ASKED_FOR = (
    OperatorAct.DISABLE_AUTHENTICATOR,
    OperatorAct.DISABLE_SMS,
    OperatorAct.UNLOCK,
    OperatorAct.TEMPORARY_CODE,
)


class Declined(Enum):
    DONE = "done"
    OVER = "over"  # somebody answered before


def may_ask(operator: User, user: User) -> bool:
    return forbidden(operator, user, ASK) is None


def may_answer(operator: User) -> bool:
    return operator.has_perm(ANSWER)


def ask(
    user: User,
    act: OperatorAct,
    *,
    operator: User,
    reason: str = "",
    verdict: str = "",
    ticket: str = "",
) -> DeskRequest | NotDone:
    """Ask for one act; the same one as long as it is open. The desk is told by e-mail.

    How the caller was identified goes with it: that is what the desk must not ask again.
    """
    if act not in ASKED_FOR:
        raise ValueError(f"{act} is not asked for")
    with transaction.atomic():
        hold_both(user, operator)
        refused = forbidden(operator, user, ASK)
        if refused is None and (found := standing(user, act)):
            return found
        at = timezone.now()
        refused = refused or asking_limits.too_many_desk_requests(operator, at=at)
        facts = {"act": act.value, "verdict": verdict, "ticket": ticket}
        record(log_actions.DESK_ASKED, operator, user, refused, reason=reason, facts=facts)
        if refused:
            return refused
        check = caller_checks.fresh(user, operator, at=at, act=act)
        request = DeskRequest.objects.create(
            user=user,
            asked_by=operator,
            act=act,
            reason=reason,
            verdict=verdict,
            ticket=ticket or (check.ticket if check else ""),
            proof=check.proof if check else "",
            at=at,
        )
        desk_asked.send(DeskRequest, request=request)
    return request


def standing(user: User, act: OperatorAct) -> DeskRequest | None:
    """What was asked for and waits for an answer."""
    rows = DeskRequest.objects.filter(user=user, act=act, state=DeskRequest.State.OPEN)
    return rows.first()


def settle(user: User, acts: Sequence[OperatorAct], *, operator: User | None) -> None:
    """What was asked for is done. In the transaction of the act, which is logged by itself."""
    rows = DeskRequest.objects.filter(user=user, act__in=acts, state=DeskRequest.State.OPEN)
    rows.update(state=DeskRequest.State.DONE, answered_by=operator, answered_at=timezone.now())


def decline(request: DeskRequest, *, operator: User, reason: str) -> Declined | NotDone:
    """Say no, and why; whoever asked sees it."""
    user = request.user
    with transaction.atomic():
        hold_both(user, operator)
        row = DeskRequest.objects.get(pk=request.pk)
        refused = forbidden(operator, user, ANSWER)
        if refused is None and not reason.strip():
            refused = NotDone.REASON_MISSING
        if refused is None and row.state != DeskRequest.State.OPEN:
            return Declined.OVER
        facts = {"act": row.act, "request": str(row.pk)}
        record(log_actions.DESK_ANSWERED, operator, user, refused, reason=reason, facts=facts)
        if refused:
            return refused
        row.state, row.answer = DeskRequest.State.DECLINED, reason
        row.answered_by, row.answered_at = operator, timezone.now()
        row.save()
    return Declined.DONE
