"""How times and lengths stand in sentences. Times are UTC: operators sit in several zones."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def clock(moment: datetime | None) -> str:
    """`14:02 UTC`, with the day when it is not today's."""
    if moment is None:
        return _("an unknown time")
    today = timezone.now().date() == moment.date()
    return f"{moment:%H:%M} UTC" if today else f"{moment:%d %b %H:%M} UTC"


def length(span: timedelta) -> str:
    """`45 s`, `3 min`, `2 h`: as one would say it."""
    seconds = abs(round(span.total_seconds()))
    if seconds < 90:
        return _("%(count)d s") % {"count": seconds}
    if seconds < 90 * 60:
        return _("%(count)d min") % {"count": round(seconds / 60)}
    hours, minutes = divmod(round(seconds / 60), 60)
    if minutes:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}


def raw_code(provider: str, code: str) -> str:
    """` (Twilio 30005)`, or nothing: the raw code, so that it can be looked up."""
    return f" ({provider} {code})" if code else ""
