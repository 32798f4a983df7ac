"""What operators do with a lost-device request, proof by proof. See `twofa.lost_device`."""

from collections.abc import Callable
from enum import Enum
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from backoffice.audit import log
from clients.models import User
from twofa import caller_checks, log_actions, lost_device, lost_device_news
from twofa.models import SupportRequest, SupportRequestProof
from twofa.models.support_request import OPEN_STATES, RequestState
from twofa.operator_acts import NotDone, forbidden, hold_both, record
from twofa.vocabulary import OperatorAct

HANDLE, VIEW, OPEN_AGAIN = (
    "twofa.handle_lost_device",
    "twofa.view_supportrequest",
    "twofa.disable_factor",
)


class Handled(Enum):
    DONE = "done"
    OVER = "over"  # it is not in that state any more


def may_handle(operator: User, user: User) -> bool:
    return forbidden(operator, user, HANDLE) is None


def may_open_again(operator: User, user: User) -> bool:
    return forbidden(operator, user, OPEN_AGAIN) is None


def take(request: SupportRequest, *, operator: User) -> Handled | NotDone:
    """Begin to look at it; from a colleague as well. The client is told the first time."""

    def change(row: SupportRequest) -> None:
        is_first = row.state == RequestState.RECEIVED
        row.taken_by = operator
        if is_first:
            _move(row, RequestState.TAKEN)

    return _act(request, operator, log_actions.LOST_DEVICE_TAKEN, change)


def check(
    request: SupportRequest, proof: UUID, *, operator: User, is_proved: bool, note: str = ""
) -> Handled | NotDone:
    """Tick one proof off, or take the tick back, with a note that is kept encrypted."""

    def change(row: SupportRequest) -> None:
        found = SupportRequestProof.objects.get(request=row, pk=proof)
        found.checked_at = timezone.now() if is_proved else None
        found.checked_by = operator if is_proved else None
        found.note = note.strip()
        found.save()

    facts = {"proof_number": _position(request, proof) + 1, "proved": is_proved}
    return _act(request, operator, log_actions.LOST_DEVICE_PROOF, change, facts=facts)


def ask_more(request: SupportRequest, *, operator: User, question: str) -> Handled | NotDone:
    """Ask the client something, in words that go by e-mail. The request waits for the client."""

    def change(row: SupportRequest) -> None:
        row.question, row.reply, row.taken_by = question.strip(), "", operator
        _move(row, RequestState.MORE_NEEDED)

    action = log_actions.LOST_DEVICE_MORE_ASKED
    return _act(request, operator, action, change, reason=question, needs_reason=True)


def refuse(request: SupportRequest, *, operator: User, reason: str) -> Handled | NotDone:
    """Say no, and why; the client reads it."""

    def change(row: SupportRequest) -> None:
        row.refusal, row.finished_by = reason.strip(), operator
        _move(row, RequestState.REFUSED)

    action = log_actions.LOST_DEVICE_REFUSED
    return _act(request, operator, action, change, reason=reason, needs_reason=True)


def open_again(request: SupportRequest, *, operator: User) -> Handled | NotDone:
    """After "this was not me": the client may ask anew at once."""
    with transaction.atomic():
        hold_both(request.user, operator)
        row = SupportRequest.objects.get(pk=request.pk)
        refused = forbidden(operator, request.user, OPEN_AGAIN)
        if refused is None and (row.denied_at is None or row.reopened_at):
            return Handled.OVER
        _record(log_actions.LOST_DEVICE_OPENED_AGAIN, operator, row, refused)
        if refused:
            return refused
        row.reopened_at = timezone.now()
        row.save()
    return Handled.DONE


def unproved(request: SupportRequest) -> int:
    """How many proofs are not ticked yet."""
    return request.proofs.filter(checked_at=None).count()


def obstacle(request: SupportRequest) -> NotDone | None:
    """What forbids to switch the factor off for this request. A full list of proofs stands for an
    identified caller: who lost the device can show no support PIN."""
    at = timezone.now()
    if caller_checks.denied_until(request.user, at=at):
        return NotDone.DENIED_BY_CLIENT
    if unproved(request):
        return NotDone.PROOFS_MISSING
    return NotDone.TOO_EARLY if at < lost_device.earliest(request) else None


def caller_obstacle(operator: User | None, user: User, *acts: OperatorAct) -> NotDone | None:
    """What about the caller forbids these grave acts. While a request is open its proofs and its
    time count, in whatever way an operator goes around the factor."""
    request = lost_device.standing(user) if operator else None
    return obstacle(request) if request else caller_checks.obstacle(operator, user, *acts)


def settle(user: User, *, operator: User | None) -> None:
    """No factor is left: what was asked for is done. In the transaction of the reset."""
    request = lost_device.standing(user)
    if request is None:
        return
    request.user = user
    request.finished_by, request.answered_at = operator, timezone.now()
    _move(request, RequestState.ANSWERED)
    request.save()


def _move(row: SupportRequest, state: RequestState) -> None:
    row.state, row.changed_at = state, timezone.now()
    lost_device_news.tell(row)


def _act(
    request: SupportRequest,
    operator: User,
    action: log.Action,
    change: Callable[[SupportRequest], None],
    *,
    reason: str = "",
    needs_reason: bool = False,
    facts: dict[str, Any] | None = None,
) -> Handled | NotDone:
    """Only while it is open; under the client's row, as the client's own acts are."""
    user = request.user
    with transaction.atomic():
        hold_both(user, operator)
        row = SupportRequest.objects.get(pk=request.pk)
        row.user = user
        refused = forbidden(operator, user, HANDLE)
        if refused is None and row.state not in OPEN_STATES:
            return Handled.OVER
        if refused is None and needs_reason and not reason.strip():
            refused = NotDone.REASON_MISSING
        _record(action, operator, row, refused, reason=reason, facts=facts)
        if refused:
            return refused
        change(row)
        row.save()
    return Handled.DONE


def _record(
    action: log.Action,
    operator: User,
    row: SupportRequest,
    refused: NotDone | None,
    *,
    reason: str = "",
    facts: dict[str, Any] | None = None,
) -> None:
    told = {"request": row.number, **(facts or {})}
    record(action, operator, row.user, refused, reason=reason, facts=told)


def _position(request: SupportRequest, proof: UUID) -> int:
    return SupportRequestProof.objects.get(request=request, pk=proof).position
