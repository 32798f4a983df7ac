"""The line of an incident: sends and failures minute by minute, with a while before it began.

As of providers: geometry made on the server, whose numbers stand in a table behind it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.utils.translation import gettext as _

from backoffice.admin.provider_chart import HEIGHT, STEP, Chart, path
from smsproviders.models import Incident, IncidentMinute

POINTS = 90
MINUTE = timedelta(minutes=1)
# Longer ones are shown from here on.
LONGEST = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Point:
    at: datetime
    sends: int
    failed: int


@dataclass(frozen=True, slots=True)
class Line:
    chart: Chart
    points: Sequence[Point]
    minutes: int  # that each point stands for


def line_of(incident: Incident, *, now: datetime) -> Line | None:
    """None before anything was counted."""
    rows = IncidentMinute.objects.filter(incident=incident, minute__gt=now - LONGEST)
    counted = {row.minute: row for row in rows}
    if not counted:
        return None
    first, last = min(counted), max(counted)
    number = int((last - first) / MINUTE) + 1
    minutes = ceil(number / POINTS)
    points = [
        _point(first + start * MINUTE, minutes, counted) for start in range(0, number, minutes)
    ]
    return Line(_chart(points), points, minutes)


def _point(at: datetime, minutes: int, counted: dict[datetime, IncidentMinute]) -> Point:
    rows = [counted.get(at + index * MINUTE) for index in range(minutes)]
    found = [row for row in rows if row is not None]
    return Point(at, sum(row.sends for row in found), sum(row.failed for row in found))


def _chart(points: Sequence[Point]) -> Chart:
    sends = [point.sends for point in points]
    failed = [point.failed for point in points]
    most = max(sends)
    line = path(sends, most)
    return Chart(
        width=STEP * max(1, len(points) - 1),
        height=HEIGHT,
        area=f"{line}V{HEIGHT}H0Z",
        calls=line,
        failures=path(failed, most) if any(failed) else "",
        words=_("%(sends)d sends, %(failed)d of them failed, from %(begin)s to %(end)s UTC.")
        % {
            "sends": sum(sends),
            "failed": sum(failed),
            "begin": f"{points[0].at:%H:%M}",
            "end": f"{points[-1].at:%H:%M}",
        },
        most=most,
        first=f"{points[0].at:%H:%M}",
        last=f"{points[-1].at:%H:%M}",
    )
