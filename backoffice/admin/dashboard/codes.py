"""Codes on the first page: how far they came, what stopped them, what was typed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.admin.dashboard import pictures
from backoffice.admin.dashboard.pictures import Lines, Shape
from backoffice.admin.display import Words
from backoffice.admin.messages_words import cause_words
from smsproviders.figures import Share
from twofa import code_figures
from twofa.code_figures import CodeFigures, Codes, HourOfDay
from twofa.vocabulary import CodeOutcome

SHOWN = 8
# Ten runs of the job that did not come.
OLD = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Stage:
    """How many codes came so far. `after`: the median since the step before, in milliseconds."""

    words: Words
    number: int
    share: Share
    after: int | None


@dataclass(frozen=True, slots=True)
class Funnel:
    """Of one span of time. `words` say what the shape shows."""

    key: str
    title: Words
    stages: Sequence[Stage]
    shape: Shape
    words: str


@dataclass(frozen=True, slots=True)
class Counted:
    """One reason with how often it was one. `bar`: of the most frequent one, in percent."""

    words: Words
    hour: int
    day: int
    bar: int
    address: str = ""


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed of one factor in a day. `refused`: why not, the most first."""

    factor: Words
    accepted: Share
    refused: Sequence[Counted]


@dataclass(frozen=True, slots=True)
class Picture:
    """`counted_at` None: nothing was counted yet."""

    counted_at: datetime | None
    is_old: bool
    is_empty: bool
    funnels: Sequence[Funnel]
    hours: Sequence[HourOfDay]
    lines: Lines
    lines_end: datetime
    lines_words: str
    failures: Sequence[Counted]
    more_failures: int
    refusals: Sequence[Counted]
    typed: Sequence[Typed]

    @property
    def steps(self) -> Iterable[tuple[Stage, ...]]:
        """The stages of all funnels side by side."""
        return zip(*(funnel.stages for funnel in self.funnels), strict=True)


def picture() -> Picture:
    """One query."""
    found = code_figures.figures()
    failures = list(_failures(found))
    hours = found.hours
    # An hour that has begun would look like a fall.
    whole = hours[:-1]
    asked, typed = [one.asked for one in whole], [one.typed for one in whole]
    failed = [one.failed for one in whole]
    return Picture(
        counted_at=found.counted_at,
        is_old=found.counted_at is not None and timezone.now() - found.counted_at > OLD,
        is_empty=not (found.day.asked or found.day.tries or found.day.refused or failures),
        funnels=[
            _funnel("hour", gettext_lazy("Last hour"), found.hour),
            _funnel("day", gettext_lazy("Last 24 hours"), found.day),
        ],
        hours=hours,
        lines=pictures.lines(asked, typed, failed),
        lines_end=hours[-1].at,
        lines_words=_lines_words(asked, typed, failed),
        failures=failures[:SHOWN],
        more_failures=max(0, len(failures) - SHOWN),
        refusals=_counted(
            (outcome.label, found.hour.refused.get(outcome, 0), number, "")
            for outcome, number in found.day.refused.items()
        ),
        typed=_typed(found.day),
    )


def _funnel(key: str, title: Words, codes: Codes) -> Funnel:
    steps = (
        (gettext_lazy("Asked"), codes.asked, None),
        (gettext_lazy("Sent"), codes.taken, codes.until_taken),
        (gettext_lazy("Delivered"), codes.delivered, codes.until_delivered),
        (gettext_lazy("Typed"), codes.typed, codes.until_typed),
    )
    return Funnel(
        key=key,
        title=title,
        stages=[Stage(words, n, Share(n, codes.asked), after) for words, n, after in steps],
        shape=pictures.funnel([number for _words, number, _after in steps]),
        words=_(
            "Of %(asked)s codes, %(taken)s were sent, %(delivered)s delivered, %(typed)s typed."
        )
        % {
            "asked": number_format(codes.asked),
            "taken": number_format(codes.taken),
            "delivered": number_format(codes.delivered),
            "typed": number_format(codes.typed),
        },
    )


def _lines_words(asked: Sequence[int], typed: Sequence[int], failed: Sequence[int]) -> str:
    return _("An hour at most %(asked)s codes asked for, %(typed)s typed, %(failed)s failures.") % {
        "asked": number_format(max(asked)),
        "typed": number_format(max(typed)),
        "failed": number_format(max(failed)),
    }


def _failures(found: CodeFigures) -> Sequence[Counted]:
    return _counted(
        (cause_words(cause), found.hour.failed.get(cause, 0), number, _messages_of(cause))
        for cause, number in found.day.failed.items()
    )


def _messages_of(cause: str) -> str:
    listed = reverse("admin:smsproviders_smsmessage_changelist")
    return f"{listed}?{urlencode({'cause': cause, 'within': 'day'})}"


def _counted(rows: Iterable[tuple[Words, int, int, str]]) -> list[Counted]:
    found = list(rows)
    most = max((day for _words, _hour, day, _address in found), default=0)
    return [
        Counted(words, hour, day, pictures.percent(day, most), address)
        for words, hour, day, address in found
    ]


def _typed(codes: Codes) -> list[Typed]:
    return [
        Typed(
            factor=factor.label,
            accepted=Share(outcomes.get(CodeOutcome.ACCEPTED, 0), sum(outcomes.values())),
            refused=_refused(outcomes),
        )
        for factor, outcomes in codes.tries.items()
    ]


def _refused(outcomes: Mapping[CodeOutcome, int]) -> list[Counted]:
    return _counted(
        (outcome.label, 0, number, "")
        for outcome, number in outcomes.items()
        if outcome != CodeOutcome.ACCEPTED
    )
