"""A page on which the client agrees to what an operator is about to do, or says "not me".

An e-mail leads to it. What the answer proves depends on what the client had besides: the link alone
proves the mailbox, with the password both. After the password step the page is reached without the
link too; that proves the password alone, which is not enough for a grave act.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from backoffice.audit import log
from clients.models import User
from twofa import asking_limits, caller_checks, denials, locks, log_actions, notices, texts
from twofa.models import Approval
from twofa.notices import NoticeKind
from twofa.operator_acts import NotDone, forbidden, held, hold_both, record
from twofa.signals import caller_denied
from twofa.support_pins import IDENTIFY
from twofa.vocabulary import CallerProof, OperatorAct

LIFE = timedelta(minutes=15)
HOUR = timedelta(hours=1)
ASKED_AN_HOUR = 5  # of one client: the e-mails must not become a nuisance
ASKED_FOR = (
    OperatorAct.UNLOCK,
    OperatorAct.RESYNCHRONISE,
    OperatorAct.DISABLE_AUTHENTICATOR,
    OperatorAct.DISABLE_SMS,
    OperatorAct.TEMPORARY_CODE,
)


@dataclass(frozen=True, slots=True)
class Over:
    """Nothing was changed: it was answered before, or its time is over."""

    approval: Approval


def ask(user: User, act: OperatorAct, *, operator: User, ticket: str = "") -> Approval | NotDone:
    """Send the e-mail with the link. An earlier question of this operator is withdrawn.

    HELD while the address is one that an operator has just entered: it would prove nothing.
    """
    if act not in ASKED_FOR:
        raise ValueError(f"{act} is not asked for")
    at, ticket = timezone.now(), " ".join(ticket.split())
    with transaction.atomic():
        hold_both(user, operator)
        refused = forbidden(operator, user, IDENTIFY) or held(user)
        refused = refused or _too_many(user, at=at)
        refused = refused or asking_limits.too_many_approvals(operator, at=at)
        facts = {"act": act.value, "ticket": ticket}
        record(log_actions.APPROVAL_ASKED, operator, user, refused, facts=facts)
        if refused:
            return refused
        pending(user, at=at).filter(operator=operator).update(expires_at=at)
        token = secrets.token_urlsafe(32)
        approval = Approval.objects.create(
            user=user,
            operator=operator,
            act=act,
            ticket=ticket,
            token_digest=_digest(token),
            at=at,
            expires_at=at + LIFE,
        )
        _send(approval, token)
    return approval


def find(token: str) -> Approval | None:
    """The approval that a link is of, answered or over too."""
    rows = Approval.objects.select_related("user", "operator")
    return rows.filter(token_digest=_digest(token)).first()


def pending(user: User, *, at: datetime) -> QuerySet[Approval]:
    """What waits for the client's answer, the newest first."""
    rows = Approval.objects.filter(user=user, answer="", expires_at__gt=at)
    return rows.select_related("operator", "user").order_by("-id")


def is_open(approval: Approval, *, at: datetime) -> bool:
    return not approval.answer and at < approval.expires_at


def answer(key: UUID, *, approved: bool, proof: CallerProof) -> Approval | Over:
    """Once. Agreeing identifies the caller to the operator who asked, for that act; "not me" stops
    every act for callers of this client, and the operators are told. Said with the password alone
    it answers this one question: a stranger who has it could stop the client's own help."""
    found = Approval.objects.select_related("user", "operator").get(pk=key)
    with transaction.atomic():
        locks.hold(found.user)
        approval = Approval.objects.select_related("user", "operator").get(pk=key)
        at = timezone.now()
        if not is_open(approval, at=at):
            return Over(approval)
        said = Approval.Answer.APPROVED if approved else Approval.Answer.DENIED
        approval.answer, approval.answered_at, approval.proof = said, at, proof
        approval.save()
        _log(approval)
        if approved:
            caller_checks.note(
                approval.user,
                approval.operator,
                proof,
                at=at,
                act=approval.act,
                ticket=approval.ticket,
            )
        else:
            if proof is not CallerProof.PASSWORD:
                denials.end_all(approval.user)
            caller_denied.send(Approval, approval=approval)
    return approval


def operator_name(approval: Approval) -> str:
    """As the client reads it: an operator's address is nobody's business."""
    return approval.operator.name or _("our support")


def _too_many(user: User, *, at: datetime) -> NotDone | None:
    asked = Approval.objects.filter(user=user, at__gt=at - HOUR)
    return NotDone.TOO_MANY if asked.count() >= ASKED_AN_HOUR else None


def _send(approval: Approval, token: str) -> None:
    with translation.override(texts.language_of(approval.user)):
        act = str(OperatorAct(approval.act).label)
        operator = operator_name(approval)
    path = reverse("twofa:approval-link", args=[token])
    facts: dict[str, str | int] = {
        "act": act,
        "operator": operator,
        "ticket": approval.ticket,
        "link": f"{settings.PUBLIC_URL}{path}",
        "minutes": int(LIFE.total_seconds() // 60),
    }
    notices.tell(approval.user, NoticeKind.APPROVAL_ASKED, facts)


def _log(approval: Approval) -> None:
    log.record(
        log_actions.APPROVAL_ANSWERED,
        actor=log_actions.actor(approval.user),
        subject=log_actions.subject(approval.user),
        facts={
            "act": approval.act,
            "answer": approval.answer,
            "proof": approval.proof,
            "ticket": approval.ticket,
        },
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
