"""The way back for a client with neither phone nor app: a request to support, with a number.

Asked for after the password. Whoever has the password can ask, so every step is told by e-mail
with a link, and "this was not me" stops the request at once. By the password alone a request can
be made and looked at, and nothing else: a stranger who has it could stop the client's own for ever.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from backoffice.audit import log
from backoffice.audit.models import Outcome
from clients import password_links, sessions
from clients.link_models import LinkPurpose
from clients.models import User, VerificationLevel
from twofa import denials, locks, log_actions, lost_device_news
from twofa.factor_facts import enabled
from twofa.lost_device_keys import ANSWER_HOURS, CLOSED_DAYS, PROOFS, WAIT
from twofa.models import SupportRequest, SupportRequestProof
from twofa.models.support_request import OPEN_STATES, RequestState
from twofa.references import ALPHABET
from twofa.signals import lost_device_denied
from twofa.vocabulary import CallerProof

NUMBER_BEGINS, SYMBOLS = "R-", 6
DAY = timedelta(days=1)
AFTER_NEW_PASSWORD = DAY
ASKED_A_DAY = 3  # of one account: the e-mails must not become a nuisance
REPLY_LENGTH = 500
# In which it is for support to do something.
_OURS = (RequestState.RECEIVED, RequestState.TAKEN)


class NotAsked(Enum):
    NO_CLIENT = "no_client"  # operators are helped by an administrator
    NOTHING_LOST = "nothing_lost"  # no factor is on: the password alone signs in
    CLOSED = "closed"  # the client said "this was not me"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class Over:
    """Nothing was changed: somebody was faster."""

    request: SupportRequest


def proofs_for(user: User) -> list[str]:
    """What support will ask this client for, in the reader's language."""
    return [words(line) for line in PROOFS[level_of(user)]()]


def proofs_of(request: SupportRequest) -> list[str]:
    """What was asked for when the request was made."""
    return [words(proof.text) for proof in request.proofs.all()]


def words(line: str) -> str:
    """Ours are translated; an operator's own line stays as it was written."""
    return gettext(line) if line else ""


def level_of(user: User) -> VerificationLevel:
    client = getattr(user, "client", None)
    return VerificationLevel(client.verification_level) if client else VerificationLevel.NONE


def due_from(at: datetime) -> datetime:
    return at + timedelta(hours=ANSWER_HOURS())


def earliest(request: SupportRequest) -> datetime:
    """Nothing is switched off before.

    Who reads the client's e-mail can choose a new password, and then say that the phone is lost:
    the client must have a day to see that the old password does not work any more.
    """
    allowed = request.at + timedelta(seconds=WAIT())
    chosen = password_links.last_used_at(request.user, LinkPurpose.RESET)
    return max(allowed, chosen + AFTER_NEW_PASSWORD) if chosen else allowed


def standing(user: User) -> SupportRequest | None:
    """The one that is open."""
    return SupportRequest.objects.filter(user=user, state__in=OPEN_STATES).first()


def newest(user: User) -> SupportRequest | None:
    return SupportRequest.objects.filter(user=user).order_by("-id").first()


def overdue(at: datetime) -> QuerySet[SupportRequest]:
    """Those whose answer is late. One that waits for the client is not."""
    return SupportRequest.objects.filter(state__in=_OURS, due_at__lt=at)


def is_overdue(request: SupportRequest, *, at: datetime) -> bool:
    return request.state in _OURS and request.due_at < at


def closed_until(user: User, *, at: datetime) -> datetime | None:
    """Until when nothing can be asked for, since the client said that it was somebody else."""
    span = timedelta(days=CLOSED_DAYS())
    rows = SupportRequest.objects.filter(user=user, denied_at__gt=at - span, reopened_at=None)
    denied = rows.order_by("-denied_at").first()
    if denied is None or denied.denied_at is None:
        return None
    until = denied.denied_at + span
    chosen = password_links.last_used_at(user, LinkPurpose.RESET)
    if chosen and chosen > denied.denied_at:
        # Who asked then does not know the password any more.
        until = min(until, chosen + AFTER_NEW_PASSWORD)
    return until if until > at else None


def may_act(proof: CallerProof) -> bool:
    """Whether it is enough to answer, withdraw or stop a request."""
    return proof is not CallerProof.PASSWORD


def ask(user: User) -> SupportRequest | NotAsked:
    """Open a request; while one is open, that one. Told by e-mail, and by SMS in words."""
    with transaction.atomic():
        locks.hold(user)
        if found := standing(user):
            return found
        at = timezone.now()
        refused = _refusal(user, at=at)
        _log_asking(user, refused)
        if refused:
            return refused
        request = _make(user, at=at)
        lost_device_news.tell(request, proofs=proofs_for)
        lost_device_news.tell_number(user)
    return request


def withdraw(key: UUID, *, proof: CallerProof) -> SupportRequest | Over:
    return _change(key, RequestState.WITHDRAWN, among=OPEN_STATES, proof=proof)


def reply(key: UUID, text: str, *, proof: CallerProof) -> SupportRequest | Over:
    """What the operator asked for, in the client's words. The time to answer begins anew."""
    with transaction.atomic():
        request = _held(key, proof)
        if request.state != RequestState.MORE_NEEDED:
            return Over(request)
        at = timezone.now()
        request.state, request.reply = RequestState.TAKEN, text.strip()[:REPLY_LENGTH]
        request.changed_at, request.due_at, request.told_overdue_at = at, due_from(at), None
        request.save()
        _log(log_actions.LOST_DEVICE_REPLIED, request, proof=proof.value)
    return request


def deny(key: UUID, *, proof: CallerProof) -> SupportRequest | Over:
    """ "This was not me": whatever became of the request. The operators are told.

    After the factor was switched off it ends every session too: a stranger may be in one.
    """
    among = [state for state in RequestState if state is not RequestState.DENIED]
    with transaction.atomic():
        changed = _change(key, RequestState.DENIED, among=among, proof=proof)
        if isinstance(changed, SupportRequest):
            denials.end_all(changed.user)
            if changed.answered_at:
                sessions.end_all(changed.user)
            lost_device_denied.send(SupportRequest, request=changed)
    return changed


def _change(
    key: UUID,
    state: RequestState,
    *,
    among: Collection[RequestState],
    proof: CallerProof,
) -> SupportRequest | Over:
    with transaction.atomic():
        request = _held(key, proof)
        if request.state not in among:
            return Over(request)
        request.state, request.changed_at = state, timezone.now()
        if state is RequestState.DENIED:
            request.denied_at = request.changed_at
        request.save()
        _log(_ACTIONS[state], request, proof=proof.value)
        lost_device_news.tell(request)
    return request


_ACTIONS = {
    RequestState.WITHDRAWN: log_actions.LOST_DEVICE_WITHDRAWN,
    RequestState.DENIED: log_actions.LOST_DEVICE_DENIED,
}


def _held(key: UUID, proof: CallerProof) -> SupportRequest:
    """The request under the lock of its client, as an operator's acts are: one comes first.

    PermissionDenied for who knows the password only.
    """
    if not may_act(proof):
        raise PermissionDenied
    user = SupportRequest.objects.select_related("user__client").get(pk=key).user
    locks.hold(user)
    request = SupportRequest.objects.get(pk=key)
    request.user = user
    return request


def _refusal(user: User, *, at: datetime) -> NotAsked | None:
    if getattr(user, "client", None) is None:
        return NotAsked.NO_CLIENT
    if not enabled(user):
        return NotAsked.NOTHING_LOST
    if closed_until(user, at=at):
        return NotAsked.CLOSED
    asked = SupportRequest.objects.filter(user=user, at__gt=at - DAY).count()
    return NotAsked.TOO_MANY if asked >= ASKED_A_DAY else None


def _make(user: User, *, at: datetime) -> SupportRequest:
    level = level_of(user)
    request = SupportRequest.objects.create(
        number=_free_number(), user=user, level=level, at=at, changed_at=at, due_at=due_from(at)
    )
    SupportRequestProof.objects.bulk_create(
        SupportRequestProof(request=request, position=position, text=line)
        for position, line in enumerate(PROOFS[level]())
    )
    return request


def _free_number() -> str:
    while True:
        number = NUMBER_BEGINS + "".join(secrets.choice(ALPHABET) for _ in range(SYMBOLS))
        if not SupportRequest.objects.filter(number=number).exists():
            return number


def _log_asking(user: User, refused: NotAsked | None) -> None:
    action, subject = log_actions.LOST_DEVICE_ASKED, log_actions.subject(user)
    if refused and log_actions.is_repeated(action, subject):
        return
    log.record(
        action,
        actor=log_actions.actor(user),
        subject=subject,
        outcome=Outcome.REFUSED if refused else Outcome.DONE,
        facts={"refused": refused.value if refused else ""},
    )


def _log(action: log.Action, request: SupportRequest, **facts: str) -> None:
    log.record(
        action,
        actor=log_actions.actor(request.user),
        subject=log_actions.subject(request.user),
        facts={"request": request.number, **facts},
    )
