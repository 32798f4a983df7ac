"""What was typed: unreadable by us, the right code too late, an older one, the other method's."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import takewhile

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from twofa.diagnosis.checks.line import judged
from twofa.diagnosis.facts import Facts
from twofa.diagnosis.findings import Checked, Fact, Finding
from twofa.diagnosis.vocabulary import CauseId, Confidence
from twofa.diagnosis.words import CODE_OF, clock, later
from twofa.models import CodeAttempt
from twofa.vocabulary import CodeOutcome, FactorKind, SendOutcome

CHECK = "typed"
# What is left of a code's life when its message comes must do for reading and typing.
TO_TYPE = timedelta(seconds=60)


def typed(facts: Facts) -> Checked:
    title = _("Code typed")
    tries = [row for row in facts.fresh_tries() if row.outcome != CodeOutcome.LOCKED]
    newest = tries[0] if tries else None
    if newest is None:
        words = _("No code was typed since the last sign-in.")
        return judged(CHECK, title, [], well=words, at=facts.at)
    well = _("Last tried at %(time)s: %(outcome)s.") % {
        "time": clock(newest.at),
        "outcome": newest.get_outcome_display(),
    }
    found = [_unreadable(tries)]
    if not _was_answered(facts, newest):
        found += [_dead(facts, newest), _other_method(newest)]
    return judged(CHECK, title, found, well=well, at=newest.at)


def _unreadable(tries: Sequence[CodeAttempt]) -> Finding | None:
    """Whatever was asked for since: it would be compared with the same."""
    unread = list(takewhile(lambda one: one.outcome == CodeOutcome.UNCHECKED, tries))
    if not unread:
        return None
    newest, oldest = unread[0], unread[-1]
    words = ngettext(
        "%(count)d code could not be compared: decrypting failed.",
        "%(count)d codes could not be compared: decrypting failed.",
        len(unread),
    )
    return Finding(
        CauseId.UNREADABLE,
        Confidence.CERTAIN,
        (Fact(words % {"count": len(unread)}, newest.at),),
        at=newest.at,
        since=oldest.at,
        factor=FactorKind(newest.factor),
        values={"at": later(clock, newest.at), "since": later(clock, oldest.at)},
    )


def _was_answered(facts: Facts, row: CodeAttempt) -> bool:
    """A new code was sent since: what became of that one counts."""
    sent = (one.at for one in facts.requests if one.outcome == SendOutcome.QUEUED)
    return any(at > row.at for at in sent)


def _dead(facts: Facts, row: CodeAttempt) -> Finding | None:
    if row.factor != FactorKind.SMS:
        return None
    if row.outcome == CodeOutcome.EXPIRED:
        return _expired(facts, row)
    if row.outcome == CodeOutcome.SUPERSEDED:
        return Finding(
            CauseId.CODE_SUPERSEDED,
            Confidence.CERTAIN,
            (Fact(_("The code of an earlier message was typed."), row.at),),
            at=row.at,
            since=row.at,
            factor=FactorKind.SMS,
            values={"at": later(clock, row.at)},
        )
    return None


def _expired(facts: Facts, row: CodeAttempt) -> Finding:
    asked = next((one for one in facts.challenges if one.pk == row.challenge_id), None)
    late = (row.at - asked.expires_at).total_seconds() if asked else 0
    return Finding(
        CauseId.CODE_EXPIRED,
        # Where the message came too late to be typed in time, that is why.
        Confidence.LIKELY if _came_late(facts, row) else Confidence.CERTAIN,
        (Fact(_("The right code, typed after its life."), row.at),),
        at=row.at,
        since=row.at,
        factor=FactorKind.SMS,
        values={"at": later(clock, row.at), "seconds": str(max(0, round(late)))},
    )


def _came_late(facts: Facts, row: CodeAttempt) -> bool:
    return any(
        one.message.delivered_at is not None
        and one.challenge.expires_at - one.message.delivered_at < TO_TYPE
        for one in facts.messages
        if one.challenge.pk == row.challenge_id
    )


def _other_method(row: CodeAttempt) -> Finding | None:
    if not row.other_factor:
        return None
    asked, typed_of = FactorKind(row.factor), FactorKind(row.other_factor)
    return Finding(
        CauseId.OTHER_METHOD,
        Confidence.CERTAIN,
        (Fact(_("The code typed is one of the other method."), row.at),),
        at=row.at,
        since=row.at,
        factor=asked,
        values={
            "asked": CODE_OF[asked],
            "used": later(_typed_instead, typed_of),
            "told": later(_told, asked, typed_of),
        },
    )


def _typed_instead(kind: FactorKind) -> str:
    return _(", and the client typed %(typed)s") % {"typed": CODE_OF[kind]}


def _told(asked: FactorKind, kind: FactorKind) -> str:
    return _("The page asked for %(asked)s, and you typed %(typed)s.") % {
        "asked": CODE_OF[asked],
        "typed": CODE_OF[kind],
    }
