"""How times and lengths stand in sentences. Times are UTC: operators sit in several zones.

What stands in a sentence for the client must be lazy, since that is told in his language.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import ParamSpec

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise, lazy
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from twofa.vocabulary import FactorKind

P = ParamSpec("P")
Words = str | Promise

FAST, SLOW = gettext_lazy("fast"), gettext_lazy("slow")  # of clocks
# As a client would call it; of the main factors.
CODE_OF: dict[FactorKind, Words] = {
    FactorKind.AUTHENTICATOR: gettext_lazy("the code in the authenticator app"),
    FactorKind.SMS: gettext_lazy("the code in a text message"),
}


def later(words: Callable[P, str], *args: P.args, **kwargs: P.kwargs) -> Words:
    """`later(clock, moment)`: the words in the language in which they are read."""
    return lazy(words, str)(*args, **kwargs)


def capital(words: Words) -> str:
    """As the beginning of a sentence."""
    return capfirst(str(words)) or ""


def clock(moment: datetime | None) -> str:
    """`14:02 UTC`, with the day when it is not today's."""
    if moment is None:
        return _("an unknown time")
    today = timezone.now().date() == moment.date()
    return f"{date_format(moment, 'H:i' if today else 'd M H:i')} UTC"


def length(span: timedelta) -> str:
    """`45 s`, `3 min`, `2 hours`: as one would say it."""
    seconds = abs(round(span.total_seconds()))
    if seconds < 90:
        return _("%(count)d s") % {"count": seconds}
    if seconds < 90 * 60:
        return _("%(count)d min") % {"count": round(seconds / 60)}
    return _hours(round(seconds / 60))


def exactly(span: timedelta) -> str:
    """`45 s`, `2 min 30 s`, `2 hours`: to the second below two hours, else to the minute."""
    seconds = abs(round(span.total_seconds()))
    if seconds < 90:
        return _("%(count)d s") % {"count": seconds}
    if seconds >= 2 * 3600:
        return _hours(round(seconds / 60))
    minutes, rest = divmod(seconds, 60)
    if rest:
        return _("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": rest}
    return _("%(count)d min") % {"count": minutes}


def _hours(whole_minutes: int) -> str:
    hours, minutes = divmod(whole_minutes, 60)
    if minutes:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}


def raw_code(provider: str, code: str) -> str:
    """` (Twilio 30005)`, or nothing: the raw code, so that it can be looked up."""
    return f" ({provider} {code})" if code else ""
