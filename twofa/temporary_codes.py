"""A code from support: for a client without the phone, once, within the hour, besides the password.

It is as grave as disabling a factor, since whoever signs in by it may enable a new one; so it is
held, limited and told just so. The operator reads it out; nobody ever asks a client for one.
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from backoffice.common.encryption import derive_key
from clients.models import User
from twofa import desk_requests, log_actions, lost_device_desk, notices
from twofa.codes import LONGEST_TYPED, equal, without_separators
from twofa.factor_facts import enabled
from twofa.models import TemporaryCode
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
from twofa.references import ALPHABET, random_word
from twofa.vocabulary import Malformed, OperatorAct

ISSUE = "twofa.issue_temporary_code"
LIFE = timedelta(hours=1)
SYMBOLS = 8  # 40 bits; the account's lock allows ten tries


@dataclass(frozen=True, slots=True)
class Issued:
    """`code` stands nowhere else: it is shown once."""

    code: str = field(repr=False)
    until: datetime


def may_issue(operator: User, user: User) -> bool:
    """To clients only: an operator without a factor is helped by an administrator's reset."""
    return forbidden(operator, user, ISSUE) is None and not user.is_staff


def issue(
    user: User, *, operator: User, reason: str, client_request: bool, ticket: str = ""
) -> Issued | NotDone:
    """Make a code in place of an earlier one. The client is told by e-mail."""
    with transaction.atomic():
        hold_both(user, operator)
        refused = _forbidden(operator, user) or unfounded(reason, client_request=client_request)
        refused = refused or held(user)
        refused = refused or lost_device_desk.caller_obstacle(
            operator, user, OperatorAct.TEMPORARY_CODE
        )
        refused = refused or too_many(operator)
        if refused is None and not enabled(user):
            return NotDone.NOTHING_TO_DO  # the password alone signs in
        facts = {"ticket": ticket}
        action = log_actions.TEMPORARY_CODE_ISSUED
        record(action, operator, user, refused, reason=reason, facts=facts)
        if refused:
            return refused
        issued = _make(user, operator, reason=reason, ticket=ticket)
        desk_requests.settle(user, [OperatorAct.TEMPORARY_CODE], operator=operator)
        notices.tell(user, NoticeKind.TEMPORARY_CODE_ISSUED)
    return issued


def void(user: User, *, at: datetime) -> None:
    """No code that was given out before signs in any more."""
    TemporaryCode.objects.filter(user=user, used_at=None, voided_at=None).update(voided_at=at)


def live(user: User, *, at: datetime) -> TemporaryCode | None:
    rows: QuerySet[TemporaryCode] = TemporaryCode.objects.filter(
        user=user, used_at=None, voided_at=None, expires_at__gt=at
    )
    return rows.order_by("-id").first()


def as_typed(text: str) -> str | Malformed:
    """A code without spaces, dashes and case, or why it cannot be one."""
    if len(text) > LONGEST_TYPED:
        return Malformed.TOO_MANY
    typed = without_separators(text).upper()
    if not typed:
        return Malformed.EMPTY
    if not set(typed) <= set(ALPHABET):
        return Malformed.NOT_DIGITS
    if len(typed) != SYMBOLS:
        return Malformed.TOO_FEW if len(typed) < SYMBOLS else Malformed.TOO_MANY
    return typed


def is_code_of(row: TemporaryCode, code: str) -> bool:
    return equal(row.digest, _digest(code, row.pk))


def _forbidden(operator: User, user: User) -> NotDone | None:
    refused = forbidden(operator, user, ISSUE)
    return refused or (NotDone.NOT_ALLOWED if user.is_staff else None)


def _make(user: User, operator: User, *, reason: str, ticket: str) -> Issued:
    at = timezone.now()
    void(user, at=at)
    code = random_word(SYMBOLS)
    row = TemporaryCode(
        user=user,
        operator=operator,
        reason=reason,
        ticket=ticket,
        confirmed=True,
        confirmed_at=at,
        created_at=at,
        expires_at=at + LIFE,
    )
    row.digest = _digest(code.replace("-", ""), row.pk)
    row.save(force_insert=True)
    return Issued(code, row.expires_at)


def _digest(code: str, key: UUID) -> str:
    """Keyed, since so short a code could be found by trying all."""
    secret = derive_key("twofa temporary code")
    return hmac.new(secret, key.bytes + code.encode(), hashlib.sha256).hexdigest()
