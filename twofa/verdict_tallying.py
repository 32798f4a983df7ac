"""Counting what became of verdicts, a day (UTC) at a time, for the dashboard to add up."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Count, F, Q, QuerySet

from smsproviders.latencies import bucket_of
from twofa.models import VerdictOutcome, VerdictShown, VerdictTally

OUTCOMES = tuple(outcome.value for outcome in VerdictOutcome)


def count(days: Iterable[date]) -> None:
    """Count these days anew, and write over what was counted before."""
    for day in sorted(days):
        _write(day)


def _write(day: date) -> None:
    begin = datetime.combine(day, time.min, tzinfo=UTC)
    shown = VerdictShown.objects.filter(
        shown_at__gte=begin, shown_at__lt=begin + timedelta(days=1)
    ).order_by()
    recoveries = _recoveries(shown.filter(recovered_at__isnull=False))
    counted = shown.values("verdict").annotate(
        shown=Count("pk"),
        **{outcome: Count("pk", filter=Q(outcome=outcome)) for outcome in OUTCOMES},
    )
    VerdictTally.objects.bulk_create(
        [
            VerdictTally(day=day, recoveries=dict(recoveries[row["verdict"]]), **row)
            for row in counted
        ],
        update_conflicts=True,
        unique_fields=["day", "verdict"],
        update_fields=["shown", *OUTCOMES, "recoveries"],
    )


def _recoveries(shown: QuerySet[VerdictShown]) -> dict[str, Counter[str]]:
    """By verdict, a histogram of seconds."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    took = shown.annotate(took=F("recovered_at") - F("shown_at"))
    for verdict, span in took.values_list("verdict", "took"):
        found[verdict][str(bucket_of(span.total_seconds()))] += 1
    return found
