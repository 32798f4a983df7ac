"""The factors of one user in one query, without what is secret in them.

Pages show when a factor was enabled and used; no seed has to be in memory for that.
"""

from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import CharField, Count, F, IntegerField, Q, QuerySet, Value

from clients.models import User
from twofa.models import Authenticator, RecoveryCodes, SmsConfirmation
from twofa.results import Device

_MODELS: dict[str, type[Device]] = {
    model.kind.value: model for model in (Authenticator, SmsConfirmation, RecoveryCodes)
}
_COLUMNS = ("id", "user_id", "confirmed", "created_at", "confirmed_at", "last_used_at")


@dataclass(frozen=True, slots=True)
class FactorRows:
    """Of each factor the one in force, and the one being enrolled, in this order.

    Their seed and key are not read; asking such a row for it costs a query.
    """

    authenticators: list[Authenticator]
    numbers: list[SmsConfirmation]
    recovery: list[RecoveryCodes]
    codes_left: int  # recovery codes

    @property
    def main(self) -> list[Device]:
        return [*self.authenticators, *self.numbers]


def rows_of(user: User) -> FactorRows:
    """One query."""
    first, *others = (_query(model, user) for model in _MODELS.values())
    rows = first.union(*others, all=True)
    found = sorted(
        (
            (_row(kind, columns, number, drift), left)
            for kind, *columns, number, drift, left in rows
        ),
        key=lambda pair: not pair[0].confirmed,
    )
    return FactorRows(
        authenticators=[row for row, _ in found if isinstance(row, Authenticator)],
        numbers=[row for row, _ in found if isinstance(row, SmsConfirmation)],
        recovery=[row for row, _ in found if isinstance(row, RecoveryCodes)],
        codes_left=sum(left for _, left in found),
    )


def _query(model: type[Device], user: User) -> QuerySet[Any, tuple[Any, ...]]:
    number: Any = F("number") if model is SmsConfirmation else Value("")
    drift: Any = F("drift_steps") if model is Authenticator else Value(0)
    left: Any = Value(0, output_field=IntegerField())
    if model is RecoveryCodes:
        left = Count("codes", filter=Q(codes__used_at=None))
    kind = Value(model.kind.value, output_field=CharField())
    rows = model.objects.filter(user=user).order_by().annotate(left=left)
    read = (kind, *_COLUMNS, number, drift, "left")
    columns: QuerySet[Any, tuple[Any, ...]] = rows.values_list(*read)
    return columns


def _row(kind: str, columns: list[Any], number: str, drift: int) -> Device:
    model = _MODELS[kind]
    fields, values = list(_COLUMNS), list(columns)
    if model is SmsConfirmation:
        fields, values = [*fields, "number"], [*values, number]
    if model is Authenticator:
        fields, values = [*fields, "drift_steps"], [*values, drift]
    row: Device = model.from_db(DEFAULT_DB_ALIAS, fields, values)
    return row
