"""Who is diagnosed: account, client, counters and what stands in the way of a sign-in, read once.

A page that shows a client needs the same rows, so it reads them here, and hands them on.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Concat
from django.utils import timezone

from backoffice.audit import log
from backoffice.audit.models import AuditEvent, Outcome
from backoffice.common.masking import mask_email
from backoffice.common.written_uuid import WrittenUuid
from clients import people
from clients.models import Client, User
from twofa.models import Reset, SendRequest, VerificationState
from twofa.vocabulary import SendOutcome


@dataclass(frozen=True, slots=True)
class PasswordBlock:
    """Too many wrong passwords from one address: no password is taken there for a while."""

    failures: int
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class OtherAccount:
    """Another account that a code was sent to this client's phone for, within a day."""

    email: str  # masked
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Person:
    user: User
    client: Client | None
    state: VerificationState
    # No factor may be disabled before, since an operator changed where notices go.
    held_until: datetime | None
    # Grave acts are to be held back elsewhere, since an operator switched a factor off.
    on_hold_until: datetime | None
    password_block: PasswordBlock | None
    blocked_since: datetime | None  # by an operator
    other_account: OtherAccount | None


def of_user(user: User, *, at: datetime | None = None) -> Person:
    """One query. The account is as it is now; `at` is of the password's block."""
    return _person(_accounts(at or timezone.now()).get(pk=user.pk))


def of_client(pk: int, *, at: datetime | None = None) -> Person | None:
    """One query; None when there is no such client."""
    found = _accounts(at or timezone.now()).filter(client=pk).first()
    return _person(found) if found else None


def _accounts(at: datetime) -> QuerySet[Any]:
    return User.objects.select_related("client", "verification_state").annotate(
        contact_changed_at=Subquery(_acts(people.CONTACT_CHANGED).values("at")[:1]),
        on_hold_until=Subquery(_holds(at).values("hold_until")[:1]),
        blocked_at=Subquery(_acts(people.BLOCKED).values("at")[:1]),
        wrong_passwords=Subquery(_blocks(at).values("failures_since_start")[:1]),
        blocked_since=Subquery(_blocks(at).values("attempt_time")[:1]),
        other_email=Subquery(_others(at).values("user__email")[:1]),
        other_asked_at=Subquery(_others(at).values("at")[:1]),
    )


def _acts(action: log.Action) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(
        subject=Concat(Value("user:"), WrittenUuid(OuterRef("pk"))),
        action=action.key,
        outcome=Outcome.DONE,
    ).order_by("-id")


def _holds(at: datetime) -> QuerySet[Reset]:
    rows = Reset.objects.filter(user=OuterRef("pk"), hold_until__gt=at)
    return rows.order_by("-hold_until")


def _blocks(at: datetime) -> QuerySet[AccessAttempt]:
    blocks: QuerySet[AccessAttempt] = AccessAttempt.objects.filter(
        username=OuterRef("email"),
        failures_since_start__gte=settings.AXES_FAILURE_LIMIT,
        attempt_time__range=(at - _cool_off(), at),
    ).order_by("-attempt_time")
    return blocks


def _others(at: datetime) -> QuerySet[SendRequest]:
    """Codes that went to this client's phone for somebody else: he may be at the wrong account."""
    rows = SendRequest.objects.filter(
        number=OuterRef("client__phone"),
        outcome=SendOutcome.QUEUED,
        at__range=(at - timedelta(days=1), at),
    )
    return rows.exclude(user=OuterRef("pk")).exclude(number="").order_by("-at")


def _cool_off() -> timedelta:
    return timedelta(hours=settings.AXES_COOLOFF_TIME)


def _person(account: Any) -> Person:
    state = getattr(account, "verification_state", None)
    changed_at = account.contact_changed_at
    held_until = changed_at + people.HOLD if changed_at else None
    return Person(
        user=account,
        client=getattr(account, "client", None),
        state=state or VerificationState(user=account),
        held_until=held_until if held_until and held_until > timezone.now() else None,
        on_hold_until=account.on_hold_until,
        password_block=_block(account.wrong_passwords, account.blocked_since),
        blocked_since=account.blocked_at,
        other_account=_other(account.other_email, account.other_asked_at),
    )


def _other(email: str | None, asked_at: datetime | None) -> OtherAccount | None:
    return OtherAccount(mask_email(email), asked_at) if email and asked_at else None


def _block(failures: int | None, since: datetime | None) -> PasswordBlock | None:
    if failures is None or since is None:
        return None
    return PasswordBlock(failures, since, since + _cool_off())
