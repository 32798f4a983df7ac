"""When a breaker opens: judged by the latest calls of a provider, read when one of them fails.

Five of them in a row failed by the provider's fault, or more than half of at least ten within a
minute. What is the recipient's fault speaks neither for nor against the provider. A daily cap opens
it at once and for long. What concerns the whole account (credentials, funds, a block) is judged
over all countries, and opens one breaker for all.

Nothing is counted when all goes well: the attempts are there anyway, and an index leads to them.
"""

from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from backoffice.common.identifiers import first_uuid7_at
from smsproviders import breakers
from smsproviders.models import EVERY_COUNTRY, Breaker, SmsAttempt
from smsproviders.vocabulary import Cause, Decision, Verdict

IN_A_ROW = 5
AT_LEAST = 10
WINDOW = timedelta(seconds=60)
# So many of the latest calls tell enough, and are read in no time.
LATEST_CALLS = 100
# What is longer ago says nothing about now.
LOOK_BACK = timedelta(minutes=15)
OF_THE_ACCOUNT = frozenset(
    {
        Cause.CREDENTIALS_REJECTED,
        Cause.TEST_CREDENTIALS,
        Cause.ACCOUNT_SUSPENDED,
        Cause.BALANCE_LOW,
    }
)


def answered(attempt: SmsAttempt, verdict: Verdict, *, in_spite: bool) -> None:
    """After the commit of a call's answer. `in_spite`: it was made although a breaker is open."""
    if in_spite and verdict.decision == Decision.DONE:
        breakers.probe_taken(attempt)
    elif in_spite and verdict.counts_for_breaker:
        breakers.probe_failed(attempt, lasting=verdict.lasting)
    elif in_spite:
        breakers.probe_said_nothing(attempt)
    if verdict.counts_for_breaker:
        _failed(attempt, _calls_of(attempt), lasting=verdict.lasting)


def reported(attempt: SmsAttempt, verdict: Verdict) -> None:
    """After the commit of a report that a message failed, which may come long after the call.

    Judged by the calls up to that one: the later ones were taken too, and are not told of yet.
    """
    if verdict.counts_for_breaker and attempt.started_at > timezone.now() - LOOK_BACK:
        earlier = _calls_of(attempt).filter(pk__lte=attempt.pk)
        _failed(attempt, earlier, lasting=verdict.lasting)


def _failed(attempt: SmsAttempt, calls: QuerySet[SmsAttempt], *, lasting: bool) -> None:
    if lasting:
        breakers.trip(attempt, attempt.country, seconds=breakers.LONGEST_SECONDS)
    elif attempt.cause in OF_THE_ACCOUNT and _is_failing(attempt, calls, EVERY_COUNTRY):
        breakers.trip(attempt, EVERY_COUNTRY)
    elif _is_failing(attempt, calls, attempt.country):
        breakers.trip(attempt, attempt.country)


def _calls_of(attempt: SmsAttempt) -> QuerySet[SmsAttempt]:
    since = timezone.now() - LOOK_BACK
    recent = SmsAttempt.objects.filter(pk__gte=first_uuid7_at(since), started_at__gte=since)
    return recent.filter(provider=attempt.provider_id).order_by("-pk")


def _is_failing(attempt: SmsAttempt, calls: QuerySet[SmsAttempt], country: str) -> bool:
    row = Breaker.objects.filter(provider=attempt.provider_id, country=country).first()
    if row is not None and row.opened_at is not None:
        return False
    if row is not None and row.judged_from is not None:
        calls = calls.filter(started_at__gte=row.judged_from)
    failed = Q(counts_for_breaker=True)
    if country == EVERY_COUNTRY:
        failed &= Q(cause__in=OF_THE_ACCOUNT)
    else:
        calls = calls.filter(country=country)
    telling = calls.filter(failed | Q(counts_for_breaker=False, decision=Decision.DONE))
    found = list(telling.values_list("counts_for_breaker", "started_at")[:LATEST_CALLS])
    in_a_row = [bad for bad, _at in found[:IN_A_ROW]]
    lately = [bad for bad, at in found if at > attempt.started_at - WINDOW]
    five_in_a_row = len(in_a_row) == IN_A_ROW and all(in_a_row)
    over_half = len(lately) >= AT_LEAST and sum(lately) * 2 > len(lately)
    return five_in_a_row or over_half
