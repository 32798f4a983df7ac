"""The authenticator: what each refused code fits."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from twofa import log_actions, totp
from twofa.diagnosis.checks.line import fine, judged
from twofa.diagnosis.facts import Facts
from twofa.diagnosis.findings import Checked, Fact, Finding, Words
from twofa.diagnosis.vocabulary import CauseId, Confidence
from twofa.diagnosis.words import FAST, SLOW, clock, exactly, later
from twofa.models import CodeAttempt
from twofa.vocabulary import CodeOutcome, FactorKind

KIND = FactorKind.AUTHENTICATOR
# Codes at offsets this close, in steps, come from one clock.
STEADY = 1
# This many steps behind the window is a slow hand, not a slow clock.
LATE = 3
# One code that fits nowhere is a slip of the finger.
NOWHERE_AT_LEAST = 2
QUARTER = timedelta(minutes=15)
SHOWN = 5
_NEW_ONE_BEGUN = gettext_lazy(
    "A new one was begun and not confirmed: the app may hold that key, which works once confirmed."
)
_NOT_FINISHED = gettext_lazy(
    "Enabling was begun more than once or not finished: the app may hold an earlier key."
)
_REPLACED = gettext_lazy("It was replaced today: the app may still show the old entry.")
_LOST = gettext_lazy("The app was reinstalled, or an old entry is used.")


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
        if device.confirmed
        else _("Begun, and not confirmed yet.")
    )
    if drift := _drift(facts):
        well = f"{well} {_known_clock(drift)}"
    return judged("authenticator", title, [explain(facts)], well=well, at=used or facts.at)


def _drift(facts: Facts) -> int:
    """Steps that the app's clock is known to be ahead, since it was resynchronised."""
    return facts.authenticator.drift_steps if facts.authenticator else 0


def _known_clock(drift: int) -> str:
    return _(
        "The app's clock is %(offset)s %(direction)s; since it was resynchronised, codes are taken "
        "around its time as well as around ours."
    ) % {
        "offset": exactly(abs(drift) * totp.STEP),
        "direction": FAST if drift > 0 else SLOW,
    }


def explain(facts: Facts) -> Finding | None:
    """The refused codes since the last right one, taken together."""
    tries = [row for row in facts.fresh_tries(KIND) if row.outcome != CodeOutcome.LOCKED]
    if tries and tries[0].outcome == CodeOutcome.REUSED:
        return _reused(facts, tries[0])
    refused = [row for row in tries if row.outcome == CodeOutcome.INCORRECT]
    fitting = [row for row in refused if row.offset_steps is not None]
    nowhere = _newest_that_fit_nowhere(refused)
    if _are_several(nowhere) and _from_the_client(facts, nowhere):
        return _wrong_seed(facts, nowhere)
    # A slip of the finger after them takes nothing back.
    return _off(_at_one_offset(fitting), fitting, _drift(facts)) if fitting else None


def _newest_that_fit_nowhere(refused: Sequence[CodeAttempt]) -> list[CodeAttempt]:
    """Up to the first that fits this key, which shows that the app held it then."""
    found: list[CodeAttempt] = []
    for row in refused:
        if row.offset_steps is not None:
            break
        if not row.other_factor:
            found.append(row)
    return found


def _are_several(tries: Sequence[CodeAttempt]) -> bool:
    """Within one time step an app shows one code, however often it is typed."""
    return len({totp.step_at(row.at) for row in tries}) >= NOWHERE_AT_LEAST


def _at_one_offset(fitting: Sequence[CodeAttempt]) -> list[CodeAttempt]:
    """The newest code and those before it whose offset is the same, each time step once."""
    steady: dict[int | None, CodeAttempt] = {}
    for row in fitting:
        if abs((row.offset_steps or 0) - (fitting[0].offset_steps or 0)) <= STEADY:
            steady.setdefault(row.matched_step, row)
    return list(steady.values())


def _off(steady: Sequence[CodeAttempt], fitting: Sequence[CodeAttempt], drift: int) -> Finding:
    """A code is late by the app's own clock, where that is known."""
    offset = steady[0].offset_steps or 0
    late = -LATE - totp.WINDOW <= offset - drift < 0
    different = {row.matched_step for row in fitting}
    if late and len(steady) < len(different):
        return _late(steady[0], Confidence.LIKELY, drift)
    if late and len(steady) == 1:
        return _late(steady[0], Confidence.POSSIBLE, drift)
    return _skewed(steady, offset)


def _skewed(steady: Sequence[CodeAttempt], offset: int) -> Finding:
    newest = steady[0]
    confidence = Confidence.POSSIBLE if len(steady) == 1 else Confidence.CERTAIN
    return Finding(
        CauseId.CLOCK_SKEW,
        confidence,
        tuple(_fact(row) for row in steady[:SHOWN]),
        at=newest.at,
        since=steady[-1].at,
        factor=KIND,
        values={
            "offset": later(exactly, error_of(offset)),
            "direction": FAST if offset > 0 else SLOW,
            "count": str(len(steady)),
        },
    )


def error_of(offset: int) -> timedelta:
    """Of a clock: by its steps, or in whole quarter-hours where it was set to another zone."""
    exact = offset * totp.STEP
    if abs(offset) <= totp.EXPLAIN_STEPS:
        return exact
    return round(exact / QUARTER) * QUARTER


def _late(row: CodeAttempt, confidence: Confidence, drift: int) -> Finding:
    over = timedelta(0) - ((row.offset_steps or 0) - drift + totp.WINDOW) * totp.STEP
    return Finding(
        CauseId.CODE_LATE,
        confidence,
        (_fact(row),),
        at=row.at,
        since=row.at,
        factor=KIND,
        values={"seconds": str(round(over.total_seconds()))},
    )


def _reused(facts: Facts, row: CodeAttempt) -> Finding:
    return Finding(
        CauseId.CODE_REUSED,
        Confidence.CERTAIN,
        (Fact(_how_used(facts, row), row.at),),
        at=row.at,
        since=row.at,
        factor=KIND,
        values={"at": later(clock, row.at)},
    )


def _how_used(facts: Facts, row: CodeAttempt) -> str:
    """A code that was once refused and explained is used up by that too."""
    before = [one for one in facts.tries if one.at < row.at and one.factor_id == row.factor_id]
    burnt = any(
        one.matched_step == row.matched_step and one.outcome == CodeOutcome.INCORRECT
        for one in before
    )
    if burnt:
        return _("The code was typed earlier, at a wrong time of the phone's; it works no more.")
    return _("A code that was used already was typed, or one before it.")


def _wrong_seed(facts: Facts, nowhere: Sequence[CodeAttempt]) -> Finding:
    return Finding(
        CauseId.WRONG_SEED,
        Confidence.LIKELY,
        tuple(
            Fact(_("A code of the right form that fits nowhere"), row.at) for row in nowhere[:SHOWN]
        ),
        at=nowhere[0].at,
        since=nowhere[-1].at,
        factor=KIND,
        values={"count": str(len(nowhere)), "hint": _which(facts)},
    )


def _which(facts: Facts) -> Words:
    begun = any(not row.confirmed for row in facts.authenticators)
    if begun:
        return _NEW_ONE_BEGUN if facts.authenticator else _NOT_FINISHED
    replaced = any(
        row.action == log_actions.FACTOR_ENABLED.key
        and row.facts.get("factor") == KIND
        and row.facts.get("replaced")
        for row in facts.events
    )
    return _REPLACED if replaced else _LOST


def _from_the_client(facts: Facts, tries: Sequence[CodeAttempt]) -> bool:
    """Codes of a stranger tell nothing of the client's app. Without a past nobody is a stranger."""
    return not facts.sessions or any(facts.knows(row) for row in tries)


def _fact(row: CodeAttempt) -> Fact:
    offset = row.offset_steps or 0
    words = _("Refused; it fits %(length)s %(side)s our time") % {
        "length": exactly(offset * totp.STEP),
        "side": _("ahead of") if offset > 0 else _("behind"),
    }
    return Fact(words, row.at)
