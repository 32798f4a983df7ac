"""How the Back Office shows a state and a moment: a word with a colour, "2 min ago" with the time.

Usable in `list_display` methods and, through the template library `back_office`, in templates.
"""

from datetime import datetime
from enum import StrEnum

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

Words = str | Promise
NOTHING = "–"  # noqa: RUF001  (a dash is what an empty cell shows)
MINUTE, HOUR, DAY = 60, 3600, 86400


class Tone(StrEnum):
    """The colour of a chip. The word carries the meaning; the colour only helps to find it."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"
    CALM = "calm"


def chip(words: Words, tone: Tone | str = Tone.CALM) -> SafeString:
    return format_html('<span class="chip {}">{}</span>', Tone(tone), capfirst(str(words)))


def ago(moment: datetime | None) -> SafeString | str:
    """`2 min ago`, or `in 3 min`, with the exact UTC in its title; a dash for None."""
    if moment is None:
        return NOTHING
    utc = moment.astimezone(timezone.get_default_timezone())
    return format_html(
        '<time datetime="{}" title="{} UTC">{}</time>',
        utc.isoformat(timespec="seconds"),
        f"{utc:%Y-%m-%d %H:%M:%S}",
        in_words(moment),
    )


def to_the_second(moment: datetime) -> SafeString:
    """`08:46:03` UTC, with the day when it is another: where seconds tell what came of what."""
    utc = moment.astimezone(timezone.get_default_timezone())
    is_today = utc.date() == timezone.now().date()
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        utc.isoformat(timespec="seconds"),
        in_words(moment),
        f"{utc:%H:%M:%S}" if is_today else f"{utc:%d %b %H:%M:%S}",
    )


def in_words(moment: datetime) -> str:
    seconds = (timezone.now() - moment).total_seconds()
    past = seconds >= 0
    seconds = abs(seconds)
    if seconds < MINUTE:
        return _("just now") if past else _("in a moment")
    if seconds >= 30 * DAY:
        return date_format(moment, "DATE_FORMAT")
    span = _span(seconds)
    return _("%(span)s ago") % {"span": span} if past else _("in %(span)s") % {"span": span}


def _span(seconds: float) -> str:
    if seconds < HOUR:
        number = int(seconds // MINUTE)
        return ngettext("%(number)d min", "%(number)d min", number) % {"number": number}
    if seconds < DAY:
        number = int(seconds // HOUR)
        return ngettext("%(number)d hour", "%(number)d hours", number) % {"number": number}
    number = int(seconds // DAY)
    return ngettext("%(number)d day", "%(number)d days", number) % {"number": number}
