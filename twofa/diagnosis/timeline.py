"""What happened, step by step: asked for, called, reported, typed, and what operators did."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils.translation import gettext as _

from backoffice.audit import log
from backoffice.audit.models import ActorKind
from smsproviders.models import SmsAttempt
from smsproviders.queue_health import LONG_WAIT
from smsproviders.vocabulary import FINAL_STATES
from twofa import log_actions
from twofa.diagnosis.catalogue import CATALOGUE
from twofa.diagnosis.facts import Facts
from twofa.diagnosis.findings import Step
from twofa.diagnosis.message_facts import MessageFacts
from twofa.diagnosis.vocabulary import CauseId
from twofa.diagnosis.words import length
from twofa.models import Challenge
from twofa.vocabulary import FactorKind, SendOutcome

SHOWN = 80
# A step that is missing for so long is worth a line of its own.
GAP = timedelta(seconds=30)


def of(facts: Facts) -> tuple[Step, ...]:
    """The newest first."""
    steps = [
        *_asked(facts),
        *_refused(facts),
        *(step for one in facts.messages for step in _of_message(facts, one)),
        *_typed(facts),
        *_acts(facts),
    ]
    # Turned around, so that of one moment too what followed stands above.
    return tuple(sorted(steps, key=lambda step: step.at)[::-1][:SHOWN])


def _asked(facts: Facts) -> Iterator[Step]:
    for row in facts.challenges:
        words = _("Code asked for: %(factor)s, %(purpose)s (%(reference)s)") % {
            "factor": row.get_factor_display(),
            "purpose": row.get_purpose_display(),
            "reference": row.public_reference,
        }
        yield Step(row.created_at, words)
        yield from _unused(facts, row)


def _refused(facts: Facts) -> Iterator[Step]:
    for row in facts.requests:
        if row.outcome != SendOutcome.QUEUED:
            words = _("Not sent: %(why)s") % {"why": row.get_outcome_display()}
            yield Step(row.at, words, "bad")


def _of_message(facts: Facts, one: MessageFacts) -> Iterator[Step]:
    row = one.message
    yield Step(row.created_at, _("SMS queued"))
    yield from _picked_up(one)
    for attempt in one.attempts:
        yield _call(attempt)
        for report in one.reports_of(attempt):
            words = _("%(provider)s reports: %(status)s %(code)s") % {
                "provider": attempt.provider_caption,
                "status": report.raw_status,
                "code": report.error_code,
            }
            tone = "ok" if report.progress == "delivered" else ""
            yield Step(report.received_at, words.strip(), tone)
    if row.finished_at and row.cause and row.state in FINAL_STATES:
        yield Step(row.finished_at, _("SMS: %(state)s") % {"state": row.get_state_display()}, "bad")
    yield from _gap(facts, one)


def _call(attempt: SmsAttempt) -> Step:
    took = _(", %(ms)d ms") % {"ms": attempt.duration_ms} if attempt.duration_ms else ""
    words = _("Call of %(provider)s%(took)s: %(outcome)s %(code)s") % {
        "provider": attempt.provider_caption,
        "took": took,
        "outcome": _outcome(attempt),
        "code": attempt.error_code or attempt.provider_message_id,
    }
    return Step(attempt.started_at, words.strip(), "bad" if attempt.cause else "")


def _outcome(attempt: SmsAttempt) -> str:
    if attempt.cause:
        return str(CATALOGUE[CauseId(attempt.cause)].title)
    return attempt.get_decision_display() or _("no answer yet")


def _picked_up(one: MessageFacts) -> Iterator[Step]:
    """Where that took longer than it does when all is well."""
    first = next(iter(one.attempts), None)
    waited = first.started_at - one.message.created_at if first else timedelta()
    if first and waited >= LONG_WAIT:
        words = _("Picked up by a worker after %(length)s") % {"length": length(waited)}
        yield Step(first.started_at, words, "warn")


def _unused(facts: Facts, row: Challenge) -> Iterator[Step]:
    is_open = row.consumed_at is None and row.superseded_at is None
    if row.factor == FactorKind.SMS and is_open and row.expires_at <= facts.at:
        yield Step(row.expires_at, _("Code expired, not used"), "warn")


def _gap(facts: Facts, one: MessageFacts) -> Iterator[Step]:
    """What did not come is news as well."""
    row = one.message
    if row.delivered_at or row.accepted_at is None or row.state in FINAL_STATES:
        return
    until = min(facts.at, row.expires_at)
    if until - row.accepted_at > GAP:
        waited = length(until - row.accepted_at)
        yield Step(until, _("No receipt after %(length)s") % {"length": waited}, "warn")


def _typed(facts: Facts) -> Iterator[Step]:
    for row in facts.tries:
        words = _("Code typed, %(factor)s: %(outcome)s") % {
            "factor": FactorKind(row.factor).label,
            "outcome": row.get_outcome_display(),
        }
        yield Step(row.at, words, "ok" if row.outcome == "accepted" else "bad")


def _acts(facts: Facts) -> Iterator[Step]:
    """Not what the client did himself, who may be an operator."""
    own = str(facts.user.pk)
    for event in facts.events:
        if event.actor_id == own or event.action == log_actions.DIAGNOSED.key:
            continue
        if event.actor_kind in {ActorKind.OPERATOR, ActorKind.COMMAND}:
            words = f"{log.words_of(event.action)}: {event.get_outcome_display()}"
            yield Step(event.at, words, "act")
    for event in facts.events:
        if event.action == log_actions.RESYNCHRONISED.key:
            yield Step(event.at, str(log_actions.RESYNCHRONISED.words), "ok")
