"""The authenticator: what each refused code fits, and our own clock."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from smsproviders.models import ClockReading
from twofa import totp
from twofa.diagnosis.checks.line import fine, judged, unknown
from twofa.diagnosis.facts import Facts
from twofa.diagnosis.findings import Checked, Fact, Finding
from twofa.diagnosis.vocabulary import CauseId, Confidence
from twofa.diagnosis.words import clock, length
from twofa.models import CodeAttempt
from twofa.vocabulary import CodeOutcome, FactorKind

KIND = FactorKind.AUTHENTICATOR
# Codes at offsets this close, in steps, come from one clock.
STEADY = 1
# This many steps behind the window is a slow hand, not a slow clock.
LATE = 3
_AGAINST = {
    ClockReading.Source.PROVIDERS: gettext_lazy("the clocks of our SMS providers"),
    ClockReading.Source.DATABASE: gettext_lazy("the clock of the database"),
}
# One code that fits nowhere is a slip of the finger.
NOWHERE_AT_LEAST = 2


def authenticator(facts: Facts) -> Checked:
    """Last success, and what the refused codes since tell."""
    title = _("Authenticator")
    device = facts.authenticator or next(iter(facts.authenticators), None)
    if device is None:
        return fine("authenticator", title, _("Not used by this client."), facts.at)
    used = device.last_used_at
    well = (
        _("Last right code at %(time)s.") % {"time": clock(used)}
        if used
        else _("Enabled; no code was typed yet.")
    )
    return judged("authenticator", title, [explain(facts)], well=well, at=used or facts.at)


def explain(facts: Facts) -> Finding | None:
    """The refused codes since the last right one, taken together."""
    tries = [row for row in facts.fresh_tries(KIND) if row.outcome != CodeOutcome.LOCKED]
    refused = [row for row in tries if row.outcome == CodeOutcome.INCORRECT]
    if tries and tries[0].outcome == CodeOutcome.REUSED:
        return _reused(tries[0])
    fitting = [row for row in refused if row.offset_steps is not None]
    if refused and refused[0] in fitting:
        return _off(_at_one_offset(fitting), fitting)
    nowhere = [row for row in refused if row.offset_steps is None and row.other_factor == ""]
    if refused and len(nowhere) >= NOWHERE_AT_LEAST and _from_the_client(facts, nowhere):
        return _wrong_seed(facts, nowhere)
    return None


def _at_one_offset(fitting: Sequence[CodeAttempt]) -> list[CodeAttempt]:
    """The newest code and those before it whose offset is the same, each time step once."""
    steady: dict[int | None, CodeAttempt] = {}
    for row in fitting:
        if abs((row.offset_steps or 0) - (fitting[0].offset_steps or 0)) <= STEADY:
            steady.setdefault(row.matched_step, row)
    return list(steady.values())


def _off(steady: Sequence[CodeAttempt], fitting: Sequence[CodeAttempt]) -> Finding:
    offset = steady[0].offset_steps or 0
    late = -LATE - totp.WINDOW <= offset < 0
    different = {row.matched_step for row in fitting}
    if late and len(steady) < len(different):
        return _late(steady[0], Confidence.LIKELY)
    if late and len(steady) == 1:
        return _late(steady[0], Confidence.POSSIBLE)
    return _skewed(steady, offset)


def _skewed(steady: Sequence[CodeAttempt], offset: int) -> Finding:
    newest = steady[0]
    confidence = Confidence.POSSIBLE if len(steady) == 1 else Confidence.CERTAIN
    return Finding(
        CauseId.CLOCK_SKEW,
        confidence,
        tuple(_fact(row) for row in steady[:5]),
        at=newest.at,
        since=steady[-1].at,
        factor=KIND,
        values={
            "offset": length(offset * totp.STEP),
            "direction": _("fast") if offset > 0 else _("slow"),
            "count": str(len(steady)),
        },
    )


def _late(row: CodeAttempt, confidence: Confidence) -> Finding:
    over = timedelta(0) - ((row.offset_steps or 0) + totp.WINDOW) * totp.STEP
    return Finding(
        CauseId.CODE_LATE,
        confidence,
        (_fact(row),),
        at=row.at,
        since=row.at,
        factor=KIND,
        values={"seconds": str(round(over.total_seconds()))},
    )


def _reused(row: CodeAttempt) -> Finding:
    return Finding(
        CauseId.CODE_REUSED,
        Confidence.CERTAIN,
        (Fact(_("A code that was used already was typed."), row.at),),
        at=row.at,
        since=row.at,
        factor=KIND,
        values={"at": clock(row.at)},
    )


def _wrong_seed(facts: Facts, nowhere: Sequence[CodeAttempt]) -> Finding:
    begun = any(not row.confirmed for row in facts.authenticators)
    if begun and facts.authenticator:
        hint = _("A new one was begun and not confirmed: the app may hold that key.")
    elif begun:
        hint = _("Enabling was begun and not finished: the app may hold an earlier key.")
    else:
        hint = _("It was reinstalled or changed, or an old entry is used.")
    return Finding(
        CauseId.WRONG_SEED,
        Confidence.LIKELY,
        tuple(Fact(_("A code of the right form that fits nowhere"), row.at) for row in nowhere[:5]),
        at=nowhere[0].at,
        since=nowhere[-1].at,
        factor=KIND,
        values={"count": str(len(nowhere)), "hint": hint},
    )


def _from_the_client(facts: Facts, tries: Sequence[CodeAttempt]) -> bool:
    """Codes of a stranger tell nothing of the client's app. Without a past nobody is a stranger."""
    return not facts.sessions or any(facts.knows(row) for row in tries)


def _fact(row: CodeAttempt) -> Fact:
    offset = row.offset_steps or 0
    words = _("Refused; it fits %(length)s %(side)s our time") % {
        "length": length(offset * totp.STEP),
        "side": _("ahead of") if offset > 0 else _("behind"),
    }
    return Fact(words, row.at)


def server_clock(facts: Facts) -> Checked:
    """Ours against the database's and the providers': an authenticator needs both to be right."""
    title = _("Our clock")
    reading = facts.clock
    if reading is None:
        words = _("Not compared yet; it is at each call of a provider.")
        return unknown("server_clock", title, words)
    well = _("Within %(seconds)s s of %(against)s.") % {
        "seconds": f"{abs(reading.offset.total_seconds()):.1f}",
        "against": _AGAINST[reading.source],
    }
    found = None
    if reading.is_off:
        seconds = f"{reading.offset.total_seconds():+.0f}"
        found = Finding(
            CauseId.SERVER_CLOCK,
            Confidence.CERTAIN if reading.is_confirmed else Confidence.LIKELY,
            (Fact(_("Off by %(seconds)s s") % {"seconds": seconds}, reading.at),),
            at=reading.at,
            since=reading.since,
            factor=KIND,
            values={
                "offset": seconds,
                "against": _AGAINST[reading.source],
                "since": clock(reading.since),
            },
        )
    wanted = found if facts.last_method in {KIND, None} else None
    return judged("server_clock", title, [wanted], well=well, at=reading.at)
