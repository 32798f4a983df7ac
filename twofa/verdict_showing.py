"""Keeping which verdicts operators were shown; `verdict_outcomes` finds out what followed."""

from datetime import datetime, timedelta

from django.utils import timezone

from clients.models import User
from twofa.diagnosis.findings import Diagnosis
from twofa.models import VerdictShown

# More often, and the same verdict by the same operator is the same showing.
ONCE_IN = timedelta(minutes=10)
REMEMBERED = timedelta(days=7)
MOST_REMEMBERED = 50


def show(diagnosis: Diagnosis, *, operator: User | None) -> list[VerdictShown]:
    """Keep that this verdict was shown. The earlier ones of the week, the newest first.

    `operator` None: by the command. Two queries, or one where it was shown just before.
    """
    now = timezone.now()
    week = VerdictShown.objects.filter(user=diagnosis.user, shown_at__gt=now - REMEMBERED)
    earlier = list(week.order_by("-shown_at")[:MOST_REMEMBERED])
    row = _row(diagnosis, operator, now)
    others = [one for one in earlier if not _is_same(one, row)]
    if len(others) == len(earlier):
        VerdictShown.objects.bulk_create([row], ignore_conflicts=True)
    return others


def _row(diagnosis: Diagnosis, operator: User | None, now: datetime) -> VerdictShown:
    slot = int(now.timestamp() // ONCE_IN.total_seconds())
    return VerdictShown(
        user=diagnosis.user,
        operator=operator,
        verdict=diagnosis.verdict,
        further=[one.cause.value for one in diagnosis.findings[1:]],
        shown_at=now,
        as_of=diagnosis.at if diagnosis.is_past else None,
        shown_once=f"{slot}:{operator.pk if operator else ''}",
        look_at=now,
    )


def _is_same(one: VerdictShown, row: VerdictShown) -> bool:
    return (
        one.verdict == row.verdict
        and one.operator_id == row.operator_id
        and one.shown_at > row.shown_at - ONCE_IN
    )
