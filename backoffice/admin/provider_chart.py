"""The line of a provider's last day: an SVG made on the server, whose numbers stand beside it.

Only geometry; colours come from the stylesheet, so no style is written into the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from smsproviders.figures import Figures, HourOfDay

HEIGHT = 28
STEP = 5


@dataclass(frozen=True, slots=True)
class Chart:
    """`calls` and `failures` are paths; "" where there is nothing to draw. `words` say the same."""

    width: int
    height: int
    area: str
    calls: str
    failures: str
    words: str
    most: int
    first: str
    last: str


def chart_of(figures: Figures) -> Chart:
    hours = figures.hours
    calls = [one.span.success.whole for one in hours]
    failures = [one.span.failures for one in hours]
    most = max(calls, default=0)
    width = STEP * (len(hours) - 1)
    line = path(calls, most)
    return Chart(
        width=width,
        height=HEIGHT,
        area=f"{line}V{HEIGHT}H0Z" if most else "",
        calls=line if most else "",
        failures=path(failures, most) if any(failures) else "",
        words=_words(hours, calls, failures),
        most=most,
        first=clock(hours[0]),
        last=clock(hours[-1]),
    )


def clock(hour: HourOfDay) -> str:
    return date_format(hour.at, "H:i")


def path(numbers: Sequence[int], most: int) -> str:
    """Two units of air above and below, for the width of the line."""
    scale = (HEIGHT - 4) / most if most else 0
    points = (f"{n * STEP} {HEIGHT - 2 - number * scale:.1f}" for n, number in enumerate(numbers))
    return "M" + "L".join(points)


def _words(hours: Sequence[HourOfDay], calls: Sequence[int], failures: Sequence[int]) -> str:
    if not any(calls):
        return _("Nothing was sent in the last day.")
    most = max(calls)
    total, lost = sum(calls), sum(failures)
    sent = ngettext("%(n)d send in the last day", "%(n)d sends in the last day", total)
    return _("%(sent)s, at most %(most)d an hour (at %(at)s UTC); %(lost)d failed.") % {
        "sent": sent % {"n": total},
        "most": most,
        "at": clock(hours[calls.index(most)]),
        "lost": lost,
    }
