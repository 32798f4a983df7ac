"""Whether many fail as this client does: an incident that his message was in, or would be in."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils.translation import gettext as _

from smsproviders import incident_words
from smsproviders.incident_sends import speaks
from smsproviders.models import Incident, IncidentKind
from smsproviders.vocabulary import MessageState
from twofa.diagnosis.catalogue import CATALOGUE
from twofa.diagnosis.checks.line import fine, judged
from twofa.diagnosis.facts import Facts
from twofa.diagnosis.findings import Checked, Fact, Finding, Subject
from twofa.diagnosis.message_facts import MessageFacts
from twofa.diagnosis.vocabulary import CauseId, Confidence, Owner
from twofa.diagnosis.words import clock, later, raw_code
from twofa.vocabulary import FactorKind

CHECK = "incident"
# What was asked for right before the first failure may have been one.
JUST_BEFORE = timedelta(minutes=1)
# A receipt may still come.
SOON = timedelta(seconds=30)
_TAKEN = frozenset({MessageState.ACCEPTED, MessageState.SENT})


def incident(facts: Facts) -> Checked:
    title = _("Incidents")
    if not facts.uses_sms:
        return fine(CHECK, title, _("No codes by SMS."), facts.at)
    # The queue has a check of its own, which says more.
    on_route = [one for one in facts.route.incidents if one.kind != IncidentKind.QUEUE]
    found = [finding for one in on_route if (finding := _finding(facts, one))]
    well = _("None on this client's route.")
    if on_route:
        well = _("One goes on since %(time)s, but this client's messages are not in it.") % {
            "time": clock(on_route[0].began_at)
        }
    return judged(CHECK, title, found[:1], well=well, at=facts.at)


def _finding(facts: Facts, one: Incident) -> Finding | None:
    last = facts.last_message
    if last is not None and last.message.created_at >= one.began_at - JUST_BEFORE:
        if not _is_in(last, one, facts):
            return None
        return _made(one, _sure(one), _own(last), *_evidence(one))
    succeeded = facts.state.last_success_at
    if succeeded is not None and succeeded >= one.began_at:
        return None
    if not one.is_felt or not _goes_by(facts, one):
        return None
    return _made(one, Confidence.LIKELY, *_evidence(one))


def _is_in(last: MessageFacts, one: Incident, facts: Facts) -> bool:
    """Whether this client's own message shares its fate."""
    row = last.message
    if row.converted_at is not None:
        return False
    if one.kind == IncidentKind.CONVERSION:
        return row.accepted_at is not None and row.accepted_at < facts.at - SOON
    if row.delivered_at is not None:
        return False
    if one.kind == IncidentKind.RECEIPTS:
        late = row.accepted_at is not None and row.accepted_at < facts.at - SOON
        return late and row.state in _TAKEN and _was_by(last, one)
    if row.state in _TAKEN or not speaks(row.cause):
        return False
    return not last.attempts or any(
        speaks(call.cause) and one.provider_id in (None, call.provider_id) for call in last.attempts
    )


def _was_by(last: MessageFacts, one: Incident) -> bool:
    call = last.last_attempt
    return call is not None and one.provider_id in (None, call.provider_id)


def _goes_by(facts: Facts, one: Incident) -> bool:
    """Whether the next message would be in it: by the first provider, or where none is well."""
    if one.provider_id is None:
        return True
    serving = facts.route.serving
    if not any(state.provider.pk == one.provider_id for state in serving):
        return False
    others = [state for state in serving if state.provider.pk != one.provider_id]
    is_first = serving[0].provider.pk == one.provider_id
    return is_first or all(state.stops is not None for state in others)


def _sure(one: Incident) -> Confidence:
    """People abandon codes: that others do so too proves little of one of them."""
    return Confidence.POSSIBLE if one.kind == IncidentKind.CONVERSION else Confidence.CERTAIN


def _made(one: Incident, confidence: Confidence, *evidence: Fact) -> Finding:
    return Finding(
        CauseId.INCIDENT,
        confidence,
        evidence,
        at=one.last_bad_at,
        since=one.began_at,
        factor=FactorKind.SMS,
        values={
            "failed": str(one.failed),
            "all": str(one.sends),
            "where": later(incident_words.place, one),
            "what": later(incident_words.what, one),
            "since": later(clock, one.began_at),
        },
        subject=Subject(provider_id=one.provider_id, incident_id=one.pk),
        owned_by=Owner(one.owner),
    )


def _own(last: MessageFacts) -> Fact:
    return Fact(_("This client's newest message is one of them"), last.message.created_at)


def _evidence(one: Incident) -> Iterator[Fact]:
    words = _("%(numbers)s numbers, %(hit)s of them got no code") % {
        "numbers": one.numbers,
        "hit": one.hit,
    }
    yield Fact(words, one.last_bad_at)
    if one.cause:
        title = CATALOGUE[CauseId(one.cause)].title
        code = raw_code(one.provider_caption, one.error_code)
        yield Fact(_("Most of them: %(cause)s%(code)s") % {"cause": title, "code": code})
    if one.usual_sends:
        usual = {"failed": one.usual_failed, "all": one.usual_sends}
        yield Fact(_("Usual there: %(failed)s of %(all)s") % usual)
    if one.note:
        yield Fact(_("Note: %(note)s") % {"note": one.note}, one.noted_at)
