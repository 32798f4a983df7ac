"""All that a client's page tells an operator of the caller, in one query."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Cast
from django.utils import timezone

from clients.models import User
from twofa.caller_checks import DENIED_FOR
from twofa.models import (
    Approval,
    CallerCheck,
    DeskRequest,
    Resynchronisation,
    SupportRequest,
    TemporaryCode,
)
from twofa.models.support_request import OPEN_STATES
from twofa.vocabulary import CallerProof, FactorKind, OperatorAct

REQUESTS_OF = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Check:
    """`act` None: the caller is identified for whatever is asked for."""

    proof: CallerProof
    factor: FactorKind | None
    act: OperatorAct | None
    until: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """`state`: of a request to the desk; "" of a question to the client."""

    act: OperatorAct
    at: datetime
    state: DeskRequest.State | None = None


@dataclass(frozen=True, slots=True)
class LostDevice:
    """A request that is open."""

    key: str
    number: str
    at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class CallerFacts:
    check: Check | None = None  # this operator's newest that holds
    waiting: Asked | None = None  # for the client's answer, asked by this operator
    denied_until: datetime | None = None
    two_codes_until: datetime | None = None  # resynchronising is allowed
    temporary_until: datetime | None = None  # a code from support may be used
    lost_device: LostDevice | None = None
    requests: tuple[Asked, ...] = ()  # to the desk, the newest first

    @property
    def open_acts(self) -> frozenset[OperatorAct]:
        """Those that the desk was asked for, and has not answered."""
        waiting = (one for one in self.requests if one.state == DeskRequest.State.OPEN)
        return frozenset(one.act for one in waiting)


NOTHING = CallerFacts()


def of(user: User, operator: User) -> CallerFacts:
    at = timezone.now()
    found: dict[str, list[tuple[Any, ...]]] = {}
    for kind, *row in _rows(user, operator, at):
        found.setdefault(kind, []).append(tuple(row))
    newest = {kind: max(rows) for kind, rows in found.items()}
    return CallerFacts(
        check=_check(*newest["check"]) if "check" in newest else None,
        waiting=_asked(*newest["waiting"]) if "waiting" in newest else None,
        denied_until=_denied_until(newest),
        two_codes_until=newest["resync"][1] if "resync" in newest else None,
        temporary_until=newest["temporary"][1] if "temporary" in newest else None,
        lost_device=_lost_device(*newest["lost"]) if "lost" in newest else None,
        requests=tuple(_asked(*row) for row in sorted(found.get("request", []), reverse=True)),
    )


def _rows(user: User, operator: User, at: datetime) -> list[tuple[Any, ...]]:
    """kind, at, until, act, word, factor."""
    checks = CallerCheck.objects.filter(user=user)
    approvals = Approval.objects.filter(user=user)
    allowed = Resynchronisation.objects.filter(user=user, used_at=None, expires_at__gt=at)
    given: QuerySet[Any] = TemporaryCode.objects.filter(
        user=user, used_at=None, voided_at=None, expires_at__gt=at
    )
    asked = DeskRequest.objects.filter(user=user, at__gt=at - REQUESTS_OF)
    mine = checks.filter(operator=operator, expires_at__gt=at)
    proven = checks.filter(proof=CallerProof.PIN, at__gt=at - DENIED_FOR)
    waiting = approvals.filter(operator=operator, answer="", expires_at__gt=at)
    denied = approvals.filter(answer=Approval.Answer.DENIED, answered_at__gt=at - DENIED_FOR)
    lost = SupportRequest.objects.filter(user=user)
    parts = [
        _columns("check", mine, act=F("act"), word=F("proof"), factor=F("factor")),
        _columns("pin", proven),
        _columns("waiting", waiting, act=F("act")),
        _columns("denied", denied, at="answered_at"),
        _columns("denied", lost.filter(denied_at__gt=at - DENIED_FOR), at="denied_at", until="at"),
        _columns(
            "lost",
            lost.filter(state__in=OPEN_STATES),
            until="due_at",
            act=Cast("pk", CharField()),
            word=F("number"),
        ),
        _columns("resync", allowed),
        _columns("temporary", given, at="created_at"),
        _columns("request", asked, until="at", act=F("act"), word=F("state")),
    ]
    return list(parts[0].union(*parts[1:], all=True))


def _columns(
    kind: str,
    rows: QuerySet[Any],
    *,
    at: str = "at",
    until: str = "expires_at",
    act: Any = None,
    word: Any = None,
    factor: Any = None,
) -> QuerySet[Any, Any]:
    texts = [_text(kind), *(one or _text("") for one in (act, word, factor))]
    return rows.order_by().values_list(texts[0], F(at), F(until), *texts[1:])


def _text(value: str) -> Value:
    return Value(value, output_field=CharField())


def _check(_at: datetime, until: datetime, act: str, proof: str, factor: str) -> Check:
    return Check(
        proof=CallerProof(proof),
        factor=FactorKind(factor) if factor else None,
        act=OperatorAct(act) if act else None,
        until=until,
    )


def _asked(at: datetime, _until: datetime, act: str, state: str, _factor: str) -> Asked:
    return Asked(OperatorAct(act), at, DeskRequest.State(state) if state else None)


def _lost_device(at: datetime, due_at: datetime, key: str, number: str, _factor: str) -> LostDevice:
    return LostDevice(key, number, at, due_at)


def _denied_until(newest: dict[str, tuple[Any, ...]]) -> datetime | None:
    if "denied" not in newest:
        return None
    denied_at: datetime = newest["denied"][0]
    is_back = "pin" in newest and newest["pin"][0] > denied_at
    return None if is_back else denied_at + DENIED_FOR
