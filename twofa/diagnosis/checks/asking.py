"""Whether a code was asked for at all since the last sign-in, and of which factor."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from backoffice.audit.models import Outcome
from twofa import log_actions
from twofa.diagnosis.checks.line import fine, judged
from twofa.diagnosis.facts import Facts
from twofa.diagnosis.findings import Checked, Fact, Finding, Words
from twofa.diagnosis.vocabulary import CauseId, Confidence
from twofa.diagnosis.words import CODE_OF, capital, clock, later
from twofa.models import Challenge
from twofa.sign_in import HALF_SIGN_IN_LIFE
from twofa.vocabulary import MAIN_FACTORS, FactorKind, Purpose

CHECK = "asked"
# Opening the app and typing takes a while.
LOOKED_AT = timedelta(seconds=45)


def asked(facts: Facts) -> Checked:
    title = _("Code asked for")
    fresh = [row for row in facts.challenges if row.created_at > facts.since]
    newest = fresh[0] if fresh else None
    tried = facts.fresh_tries() or facts.fresh_requests()
    if newest is None and not tried:
        return judged(
            CHECK,
            title,
            [_never_asked(facts)],
            well=_("Nothing was asked for since the last sign-in, and nothing was tried."),
            at=facts.at,
        )
    at = newest.created_at if newest else facts.at
    words = _("Asked for at %(time)s.") % {"time": clock(at)}
    if newest is None or facts.fresh_tries() or not _is_of_the_app(newest):
        return fine(CHECK, title, words, at)
    return judged(CHECK, title, [_untouched(facts, newest)], well=words, at=at)


def _is_of_the_app(row: Challenge) -> bool:
    return row.factor == FactorKind.AUTHENTICATOR and row.purpose == Purpose.SIGN_IN


def _untouched(facts: Facts, row: Challenge) -> Finding | None:
    """The page waits for a code of the app and none was typed: an SMS is expected, or he left."""
    if facts.at - row.created_at < LOOKED_AT or facts.fresh_requests():
        return None
    if all(kind in facts.enabled and kind in facts.methods for kind in MAIN_FACTORS):
        return _waits_for_an_sms(row)
    ended = row.created_at + HALF_SIGN_IN_LIFE
    if facts.at < ended:
        return None
    why = later(_left, row.created_at, ended)
    return _never(facts, row.created_at, why, Confidence.POSSIBLE)


def _waits_for_an_sms(row: Challenge) -> Finding:
    return Finding(
        CauseId.OTHER_METHOD,
        Confidence.POSSIBLE,
        (
            Fact(_("Sign-in asked for a code of the app."), row.created_at),
            Fact(_("No SMS was asked for since, and no code was typed.")),
        ),
        at=row.created_at,
        since=row.created_at,
        factor=FactorKind.AUTHENTICATOR,
        values={
            "asked": CODE_OF[FactorKind.AUTHENTICATOR],
            "used": later(_expects_nothing_sent),
            "told": later(_no_message_was_sent),
        },
    )


def _expects_nothing_sent() -> str:
    return _(" and sent no SMS, since none was asked for; no code was typed")


def _no_message_was_sent() -> str:
    return _("The page waits for the code in your authenticator app, so no message was sent.")


def _left(began_at: datetime, ended_at: datetime) -> str:
    return _("the sign-in begun at %(began)s was left without a code, and ended at %(ended)s") % {
        "began": clock(began_at),
        "ended": clock(ended_at),
    }


def _never_asked(facts: Facts) -> Finding | None:
    """By the newest thing that happened instead."""
    if not facts.enabled or facts.password_block is not None:
        return None
    fresh = [row for row in facts.events if row.at > facts.since]
    refused = [row for row in fresh if row.action == log_actions.PASSWORD_REFUSED.key]
    accepted = [
        row
        for row in fresh
        if row.action == log_actions.PASSWORD_ACCEPTED.key and row.outcome == Outcome.DONE
    ]
    if accepted and not (refused and refused[0].at > accepted[0].at):
        return _never(facts, accepted[0].at, later(_left_at_once))
    if refused:
        return _wrong_password(facts, refused[0].at, len(refused))
    return _elsewhere(facts)


def _left_at_once() -> str:
    return _("the password was right, and the sign-in was left there")


def _wrong_password(facts: Facts, at: datetime, count: int) -> Finding:
    return _never(facts, at, later(_wrong_words, count, at))


def _wrong_words(count: int, at: datetime) -> str:
    return _("the password was wrong (%(count)d times, last at %(time)s)") % {
        "count": count,
        "time": clock(at),
    }


def _elsewhere(facts: Facts) -> Finding | None:
    other = facts.other_account
    if other is None or other.asked_at <= facts.since:
        return None
    why = later(_elsewhere_words, other.email, other.asked_at)
    return _never(facts, other.asked_at, why, Confidence.POSSIBLE)


def _elsewhere_words(account: str, at: datetime) -> str:
    return _("the code sent to this phone at %(time)s was for another account, %(account)s") % {
        "time": clock(at),
        "account": account,
    }


def _never(
    facts: Facts, at: datetime, why: Words, confidence: Confidence = Confidence.LIKELY
) -> Finding:
    return Finding(
        CauseId.NEVER_ASKED,
        confidence,
        (Fact(later(capital, why), at),),
        at=at,
        since=at,
        values={"why": why, "email": facts.user.email},
    )
