"""What comes to the address for reports, and what should have come: whether we see states at all.

Anyone may post to that address, so each of these writes at most once in `NOTED_EVERY` for a
provider, whatever arrives. The two counts are of what happened since the last proved report; each
counts spans of `NOTED_EVERY`, not requests.
"""

from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils import timezone

from backoffice.common.identifiers import first_uuid7_at
from smsproviders.models import SmsAttempt, SmsProvider
from smsproviders.vocabulary import Decision

NOTED_EVERY = timedelta(seconds=10)
# A provider that calls back does so within seconds of taking a message.
REPORTED_WITHIN = timedelta(seconds=60)
LOOKED_BACK = timedelta(days=1)
LOOKED_AT = 50
REFUSED_ENOUGH = 2
MISSED_ENOUGH = 3

REFUSED, MISSING, WELL = "refused", "missing", ""


def note_received(provider: SmsProvider) -> None:
    """A report that is proved to come from this provider: all doubts are gone."""
    now = timezone.now()
    doubted = provider.reports_refused or provider.reports_missed
    if not doubted and not _is_due(provider.report_received_at, now):
        return
    SmsProvider.objects.filter(pk=provider.pk).update(
        report_received_at=now, reports_refused=0, reports_missed=0
    )


def note_refused(provider: SmsProvider) -> None:
    """A report that is not proved: an attack, or a wrong secret or address."""
    now = timezone.now()
    if _is_due(provider.report_refused_at, now):
        due = Q(report_refused_at=None) | Q(report_refused_at__lte=now - NOTED_EVERY)
        SmsProvider.objects.filter(due, pk=provider.pk).update(
            report_refused_at=now, reports_refused=F("reports_refused") + 1
        )


def note_missed(attempt: SmsAttempt) -> None:
    """The provider, when asked, knew the end of a message of which it should have told us.

    Not when any callback came for it: then callbacks arrive, and this one is only late.
    """
    now = timezone.now()
    provider = attempt.provider
    if provider is None or now - attempt.started_at < REPORTED_WITHIN / 2:
        return
    if not _is_due(provider.report_missed_at, now):
        return
    if attempt.reports.filter(asked_for=False).exists():
        return
    due = Q(report_missed_at=None) | Q(report_missed_at__lte=now - NOTED_EVERY)
    SmsProvider.objects.filter(due, pk=provider.pk).update(
        report_missed_at=now, reports_missed=F("reports_missed") + 1
    )


def state_of(provider: SmsProvider) -> str | None:
    """REFUSED, MISSING or WELL; None when there is not enough to tell.

    Refused reports alone prove nothing, since strangers can send them. They count together with a
    message that this provider took and should have told us of, but did not.
    """
    if not provider.reports_refused and not provider.reports_missed:
        return WELL if provider.report_received_at else None
    refused = provider.reports_refused >= REFUSED_ENOUGH or provider.reports_missed
    if provider.reports_refused and refused and _took_a_message_untold(provider):
        return REFUSED
    return MISSING if provider.reports_missed >= MISSED_ENOUGH else None


def _took_a_message_untold(provider: SmsProvider) -> bool:
    """Since the last proved report, and long enough ago. Reads LOOKED_AT rows of an index."""
    now = timezone.now()
    since = now - LOOKED_BACK
    if provider.report_received_at:
        # Others may have come since then that were not noted.
        since = max(since, provider.report_received_at + NOTED_EVERY)
    until = min(provider.report_refused_at or now, now - REPORTED_WITHIN)
    attempts = SmsAttempt.objects.filter(
        provider=provider, id__gte=first_uuid7_at(since), id__lt=first_uuid7_at(until)
    )
    newest = attempts.order_by("-id").values_list("decision", flat=True)[:LOOKED_AT]
    return Decision.DONE in set(newest)


def _is_due(noted_at: datetime | None, now: datetime) -> bool:
    return noted_at is None or now - noted_at >= NOTED_EVERY
