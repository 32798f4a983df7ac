"""Ways through many messages, some at a time: see `keyset.Walk`.

Where the rows lie apart in the table their keys are read first, with a limit and in the index's
order, and the rows are then found by those: the planner takes a range of UUIDs for a handful of
rows, and would rather scan it.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from backoffice.admin.keyset import DOWN, Span, Walk
from smsproviders.models import SmsAttempt, SmsMessage

# Side by side in the table: a page of it holds thirty.
SIDE_BY_SIDE = 200_000
APART = 5_000
# Calls for one page of messages, when all of them match.
FOR_A_PAGE = 200
# A code is sent within its life, which is shorter.
LONGEST_LIFE = timedelta(minutes=15)
# A call that another machine made may seem older than its message: so many more are read.
MARGIN = 100


def through_all(period: Span) -> Walk:
    """All messages of that time."""

    def walk(span: Span) -> tuple[UUID | None, None]:
        keys = span.within(period).cut(SmsMessage.objects.all()).order_by(DOWN)
        rest = keys.values_list("pk", flat=True)[SIDE_BY_SIDE : SIDE_BY_SIDE + 1]
        return next(iter(rest), None), None

    return walk


def through(rows: QuerySet[SmsMessage], period: Span) -> Walk:
    """Those that an index yields in the order of their keys."""

    def walk(span: Span) -> tuple[UUID | None, Sequence[UUID]]:
        newest = span.within(period).cut(rows).order_by(DOWN)
        keys = list(newest.values_list("pk", flat=True)[: APART + 1])
        return (keys[APART], keys[:APART]) if len(keys) > APART else (None, keys)

    return walk


def through_calls(calls: QuerySet[SmsAttempt], period: Span, *, number: int) -> Walk:
    """The messages of these calls. A message is older than its calls, by no more than its life."""

    def walk(span: Span) -> tuple[UUID | None, Sequence[UUID]]:
        wanted = span.within(period)
        around = Span(wanted.above, wanted.wider(before=timedelta(), after=LONGEST_LIFE).below)
        newest: Any = around.cut(calls).order_by(DOWN).values_list("pk", F("message"))
        if wanted.below:
            newest = newest.filter(message__lt=wanted.below)
        steps = list(newest[: number + MARGIN])
        edge = steps[number][0] if len(steps) > number else None
        return edge, list({message for _call, message in steps})

    return walk
