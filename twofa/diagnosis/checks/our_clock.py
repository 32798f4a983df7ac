"""Our own clock: an authenticator's codes are right only while it is."""

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from smsproviders.clock_watch import ClockState
from smsproviders.models import ClockReading
from twofa.diagnosis.checks.line import judged, unknown
from twofa.diagnosis.facts import Facts
from twofa.diagnosis.findings import Checked, Fact, Finding
from twofa.diagnosis.vocabulary import CauseId, Confidence
from twofa.diagnosis.words import FAST, SLOW, clock, exactly, later
from twofa.vocabulary import FactorKind

KIND = FactorKind.AUTHENTICATOR
_AGAINST = {
    ClockReading.Source.PROVIDERS: gettext_lazy("the clocks of our SMS providers"),
    ClockReading.Source.DATABASE: gettext_lazy("the clock of the database"),
}


def server_clock(facts: Facts) -> Checked:
    title = _("Our clock")
    reading = facts.clock
    if reading is None:
        words = _("Not compared yet; it is at each call of a provider.")
        return unknown("server_clock", title, words)
    well = _("Within %(seconds)s s of %(against)s.") % {
        "seconds": f"{abs(reading.offset.total_seconds()):.1f}",
        "against": _AGAINST[reading.source],
    }
    found = _off(reading) if reading.is_off and _matters(facts, reading) else None
    return judged("server_clock", title, [found], well=well, at=reading.at)


def _matters(facts: Facts, reading: ClockState) -> bool:
    """To a client of the app whose codes were not taken since."""
    device = next(iter(facts.authenticators), None)
    if device is None or facts.last_method not in {KIND, None}:
        return False
    used, since = device.last_used_at, reading.since
    return not (used and since and used > since)


def _off(reading: ClockState) -> Finding:
    direction = FAST if reading.offset > timedelta(0) else SLOW
    off = _("Ours is %(length)s %(direction)s") % {
        "length": exactly(reading.offset),
        "direction": direction,
    }
    return Finding(
        CauseId.SERVER_CLOCK,
        Confidence.CERTAIN if reading.is_confirmed else Confidence.LIKELY,
        (Fact(off, reading.at),),
        at=reading.at,
        since=reading.since,
        factor=KIND,
        values={
            "offset": later(exactly, reading.offset),
            "direction": direction,
            "against": _AGAINST[reading.source],
            "since": later(clock, reading.since),
        },
    )
