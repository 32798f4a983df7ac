"""Codes: how far they came, what stopped them, what was typed, who is locked out."""

from collections.abc import Iterator
from itertools import product

from django.db.models import QuerySet
from django.utils import timezone
from prometheus_client.core import Metric

from backoffice.metrics.families import Values, Window, ages, gauge, gauges
from smsproviders.vocabulary import Cause
from twofa import code_figures, locks, lost_device
from twofa.code_figures import CodeFigures, Codes
from twofa.models import Challenge, SupportRequest, VerificationState
from twofa.vocabulary import CodeOutcome, FactorKind, SendOutcome

COUNTED = 1_000
OTHER = "other"
Spans = dict[Window, Codes]


def codes() -> Iterator[Metric]:
    """Five queries: the tallies, three short indexes, the clients without device."""
    found = code_figures.figures()
    spans: Spans = {Window.HOUR: found.hour, Window.DAY: found.day}
    yield _counted_age(found)
    yield gauges(
        "codes",
        "Codes by SMS that came so far: asked for, taken by a provider, delivered, typed.",
        ["stage", "window"],
        _stages(spans),
    )
    yield gauges(
        "code_step_seconds",
        "Median time to that stage from the one before.",
        ["stage", "window"],
        _steps(spans),
    )
    yield gauges(
        "code_requests_refused",
        "Requests for a code by SMS that our own limits refused, by reason.",
        ["reason", "window"],
        _refused(spans),
    )
    yield gauges(
        "messages_failed",
        "Messages of any purpose that did not arrive, by cause.",
        ["cause", "window"],
        _failed(spans),
    )
    yield gauges(
        "code_tries",
        "What was typed, by factor and outcome.",
        ["factor", "outcome", "window"],
        _tries(spans),
    )
    yield from _now()


def _counted_age(found: CodeFigures) -> Metric:
    return gauges(
        "codes_counted_age_seconds",
        "Since beat last counted codes: older than a few minutes, the figures of codes are old.",
        [],
        [((), seconds) for _of, seconds in ages([("", found.counted_at)])],
    )


def _stages(spans: Spans) -> Values:
    for window, of in spans.items():
        for stage in ("asked", "taken", "delivered", "typed"):
            yield (stage, window), getattr(of, stage)


def _steps(spans: Spans) -> Values:
    for window, of in spans.items():
        for stage in ("taken", "delivered", "typed"):
            median = getattr(of, f"until_{stage}")
            if median is not None:
                yield (stage, window), median / 1000


def _refused(spans: Spans) -> Values:
    reasons = [reason for reason in SendOutcome if reason != SendOutcome.QUEUED]
    for (window, of), reason in product(spans.items(), reasons):
        yield (reason.value, window), of.refused.get(reason, 0)


def _failed(spans: Spans) -> Values:
    """What is no cause of the closed list, as from an older version, is counted together."""
    known = [cause.value for cause in Cause]
    for window, of in spans.items():
        for cause in known:
            yield (cause, window), of.failed.get(cause, 0)
        others = sum(number for cause, number in of.failed.items() if cause not in known)
        yield (OTHER, window), others


def _tries(spans: Spans) -> Values:
    for (window, of), factor, outcome in product(spans.items(), FactorKind, CodeOutcome):
        number = of.tries.get(factor, {}).get(outcome, 0)
        yield (factor.value, outcome.value, window), number


def _now() -> Iterator[Metric]:
    at = timezone.now()
    locked = locks.locked_now(at=at).filter(user__client__isnull=False)
    living = Challenge.objects.exclude(code="").filter(expires_at__gt=at)
    yield gauge(
        "challenges_open",
        f"Codes by SMS that can be typed now, counted to {COUNTED}.",
        _counted(living),
    )
    yield gauge(
        "clients_locked",
        f"Clients locked after wrong codes, counted to {COUNTED}.",
        _counted(locked),
    )
    yield gauge(
        "lost_devices_overdue",
        f"Clients without device whose answer by support is late, counted to {COUNTED}.",
        _counted(lost_device.overdue(at)),
    )


def _counted(
    rows: QuerySet[Challenge] | QuerySet[VerificationState] | QuerySet[SupportRequest],
) -> int:
    return rows.order_by().values("pk")[:COUNTED].count()
