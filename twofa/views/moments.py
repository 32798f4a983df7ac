"""Moments within sentences. The server writes UTC; a script shows them in the reader's own time."""

from datetime import UTC, datetime

from django.utils import formats
from django.utils.html import format_html
from django.utils.safestring import SafeString


def with_time(words: str, moment: datetime, *, mark: str = "moment") -> SafeString:
    """The sentence with the moment in the place of its `%(time)s`."""
    before, _, after = words.partition("%(time)s")
    return format_html("{}{}{}", before, _shown(moment, mark), after)


def _shown(moment: datetime, mark: str) -> SafeString:
    at = moment.astimezone(UTC)
    return format_html(
        '<time datetime="{}" data-local="time" data-test="{}">{} UTC</time>',
        at.isoformat(timespec="seconds"),
        mark,
        formats.time_format(at),
    )
