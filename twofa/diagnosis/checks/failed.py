"""A message that failed, or that cannot go out: by the cause that its last call or report gave."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from smsproviders.models import SmsAttempt, SmsProvider
from smsproviders.queue_health import LONG_WAIT
from smsproviders.vocabulary import CheckResult, Decision, MessageState
from twofa.diagnosis.catalogue import CATALOGUE
from twofa.diagnosis.checks.message_words import (
    call,
    first_of_a_row,
    since_when,
    telling,
    values_of,
)
from twofa.diagnosis.facts import Facts
from twofa.diagnosis.findings import Fact, Finding, Subject
from twofa.diagnosis.message_facts import MessageFacts
from twofa.diagnosis.vocabulary import CauseId, Confidence, Reach
from twofa.numbers import is_landline
from twofa.vocabulary import FactorKind

_OVER = frozenset(
    {MessageState.FAILED, MessageState.UNDELIVERED, MessageState.UNKNOWN, MessageState.EXPIRED}
)
SHOWN = 3
# What a check of the provider tells as well.
_CHECKED = frozenset(
    {
        CauseId.CREDENTIALS_REJECTED,
        CauseId.TEST_CREDENTIALS,
        CauseId.ACCOUNT_SUSPENDED,
        CauseId.PROVIDER_INCOMPLETE,
    }
)


def found(facts: Facts, last: MessageFacts) -> Finding | None:
    """None while the next provider is being called, or where another check says more."""
    failed = [one for one in last.attempts if one.cause or one.decision == Decision.AMBIGUOUS]
    runs = last.last_attempt is not None and not last.last_attempt.decision
    cause = _cause(last)
    if runs or _is_told_elsewhere(facts, cause, last):
        return None
    attempt = telling(last)
    finding = Finding(
        cause,
        _confidence(last, cause),
        tuple(call(one, _heard_at(last, one)) for one in failed[-SHOWN:])
        or (_without_calls(last),),
        at=_heard_at(last, attempt),
        since=_since(facts, cause, attempt, last),
        factor=FactorKind.SMS,
        values=values_of(facts, last),
        subject=Subject(
            provider_id=attempt.provider_id if attempt else None, message_id=last.message.pk
        ),
    )
    return _with_what_came_since(facts, finding, attempt)


def in_line(facts: Facts, last: MessageFacts) -> Finding | None:
    """It waits for its turn, since the provider's account may send no faster."""
    row = last.message
    waited = facts.at - row.created_at
    if row.in_line_for is None or row.state != MessageState.QUEUED or waited < LONG_WAIT:
        return None
    caption = _caption(facts, row.in_line_for) or _("the provider")
    return Finding(
        CauseId.RATE_LIMITED,
        Confidence.LIKELY,
        (Fact(_("Waits for its turn at %(provider)s") % {"provider": caption}, row.created_at),),
        at=row.created_at,
        since=row.created_at,
        factor=FactorKind.SMS,
        values={**values_of(facts, last), "provider": caption},
        subject=Subject(provider_id=row.in_line_for, message_id=row.pk),
    )


def _caption(facts: Facts, provider_id: object) -> str:
    captions = (
        one.provider.caption for one in facts.route.serving if one.provider.pk == provider_id
    )
    return next(captions, "")


def _cause(last: MessageFacts) -> CauseId:
    """A suspended account without money is to be topped up, before anybody asks why."""
    cause = CauseId(last.message.cause)
    attempt = telling(last)
    if cause == CauseId.ACCOUNT_SUSPENDED and attempt and _is_broke(attempt.provider):
        return CauseId.BALANCE_LOW
    return cause


def _is_broke(provider: SmsProvider | None) -> bool:
    return provider is not None and provider.balance is not None and provider.balance <= 0


def _is_told_elsewhere(facts: Facts, cause: CauseId, last: MessageFacts) -> bool:
    if cause == CauseId.NO_PROVIDER:
        return not facts.is_past and not facts.route.serving
    return cause == CauseId.CARRIER_BLOCKED and is_landline(last.message.number)


def _confidence(last: MessageFacts, cause: CauseId) -> Confidence:
    if cause == CauseId.UNEXPLAINED:
        return Confidence.POSSIBLE
    # By whom is not told; or another try follows.
    if cause == CauseId.CARRIER_BLOCKED or last.message.state not in _OVER:
        return Confidence.LIKELY
    return Confidence.CERTAIN


def _without_calls(last: MessageFacts) -> Fact:
    row = last.message
    if row.state == MessageState.EXPIRED:
        return Fact(_("No worker took it while its code was good."), row.created_at)
    if row.cause == CauseId.NO_PROVIDER:
        return Fact(_("There was no provider to call."), row.created_at)
    return Fact(_("No provider was called: all are left alone for a while."), row.created_at)


def _heard_at(last: MessageFacts, attempt: SmsAttempt | None) -> datetime:
    """When it was told: by the answer, or by a report that came later."""
    if attempt is None:
        return last.message.created_at
    return max([attempt.started_at, *(row.received_at for row in last.reports_of(attempt))])


def _since(
    facts: Facts, cause: CauseId, attempt: SmsAttempt | None, last: MessageFacts
) -> datetime:
    if CATALOGUE[cause].reach == Reach.ROUTE:
        return since_when(facts, attempt, last)
    return first_of_a_row(facts, last).message.created_at


def _with_what_came_since(facts: Facts, finding: Finding, attempt: SmsAttempt | None) -> Finding:
    """The provider may work by now: then the client need only ask again."""
    news = [*_works_again(facts, finding.cause, attempt), *_is_open_again(facts, finding.cause)]
    if finding.entry.reach != Reach.ROUTE or not news:
        return finding
    return replace(finding, confidence=Confidence.LIKELY, evidence=(*finding.evidence, *news))


def _works_again(facts: Facts, cause: CauseId, attempt: SmsAttempt | None) -> Sequence[Fact]:
    if attempt is None:
        return ()
    baseline, provider = facts.route.baseline, attempt.provider
    taken = baseline.last_taken_at if baseline else None
    news = []
    if taken and taken > attempt.started_at:
        news.append(Fact(_("It took other messages to this country since."), taken))
    if provider and cause in _CHECKED and provider.credentials_result == CheckResult.OK:
        checked = provider.credentials_checked_at
        if checked and checked > attempt.started_at:
            news.append(Fact(_("A check found its account in order since."), checked))
    return news


def _is_open_again(facts: Facts, cause: CauseId) -> Sequence[Fact]:
    if cause == CauseId.NO_PROVIDER and facts.route.serving:
        return (Fact(_("A provider serves it by now."), facts.at),)
    return ()
