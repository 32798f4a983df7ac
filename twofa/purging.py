"""What the second factor keeps for a while only: see "Retention" in docs/operating.md.

Counters and locks stand in `VerificationState`, which stays. The log is never touched.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from backoffice.common import purging
from backoffice.common.identifiers import first_uuid7_at
from clients.retention_keys import KEEP_SESSIONS_DAYS
from twofa import trust_ends
from twofa.lost_device_keys import CLOSED_DAYS, HOLD_AFTER_RESET
from twofa.models import (
    Approval,
    CallerCheck,
    Challenge,
    CodeAttempt,
    CodeTally,
    DeskRequest,
    Notice,
    Resynchronisation,
    SendRequest,
    SupportPin,
    SupportRequest,
    TemporaryCode,
    TrustedBrowser,
    VerdictShown,
    VerdictTally,
)
from twofa.models.support_request import OPEN_STATES
from twofa.policy_keys import TRUSTED_BROWSERS
from twofa.retention_keys import KEEP_CODES_DAYS, KEEP_NOTICES_DAYS


def purge() -> int:
    """How many rows were deleted. Idempotent; beside another one harmless."""
    return purging.run(STEPS)


def tries(until: float) -> int:
    return _delete(CodeAttempt.objects.all(), KEEP_CODES_DAYS(), until)


def requests(until: float) -> int:
    return _delete(SendRequest.objects.all(), KEEP_CODES_DAYS(), until)


def challenges(until: float) -> int:
    """Long dead: none lives for a week."""
    return _delete(Challenge.objects.all(), KEEP_CODES_DAYS(), until)


def notices(until: float) -> int:
    """Sent, or failed for good."""
    finished = Notice.objects.filter(finished_at__isnull=False)
    return _delete(finished, KEEP_NOTICES_DAYS(), until)


def callers(until: float) -> int:
    """How callers were identified, and what was done for them; what still waits stays, and what
    still keeps an account closed or on hold."""
    at = timezone.now()
    closed_since, held_since = (
        at - timedelta(days=CLOSED_DAYS()),
        at - timedelta(seconds=HOLD_AFTER_RESET()),
    )
    finished = SupportRequest.objects.exclude(state__in=OPEN_STATES)
    answered = DeskRequest.objects.exclude(state=DeskRequest.State.OPEN)
    tables: list[QuerySet[Any]] = [
        answered,
        finished.exclude(denied_at__gt=closed_since),
        TemporaryCode.objects.exclude(used_at__gt=held_since),
        *(model.objects.all() for model in (SupportPin, Approval, CallerCheck, Resynchronisation)),
    ]
    return sum(_delete(rows, KEEP_CODES_DAYS(), until) for rows in tables)


def trusted_browsers(until: float) -> int:
    """Those that are long over. Once it was switched off, none comes back by switching it on."""
    if not TRUSTED_BROWSERS():
        trust_ends.switched_off()
    before = timezone.now() - timedelta(days=KEEP_SESSIONS_DAYS())
    over = Q(expires_at__lt=before) | Q(revoked_at__lt=before)
    return purging.delete(TrustedBrowser.objects.filter(over), until=until)


def verdicts(until: float) -> int:
    """Which ones operators were shown, and what followed."""
    return _delete(VerdictShown.objects.all(), KEEP_CODES_DAYS(), until)


def tallies(until: float) -> int:
    """The numbers that the dashboard is added up from."""
    before = timezone.now() - timedelta(days=KEEP_CODES_DAYS())
    codes = purging.delete(CodeTally.objects.filter(began_at__lt=before), until=until)
    return codes + purging.delete(VerdictTally.objects.filter(day__lt=before.date()), until=until)


# Tries and requests first: a challenge that goes would have to be taken out of each.
STEPS: Sequence[purging.Step] = (
    tries,
    requests,
    challenges,
    notices,
    callers,
    trusted_browsers,
    verdicts,
    tallies,
)


def _delete(rows: QuerySet[Any], days: int, until: float) -> int:
    """Those that are older than so many days."""
    before = first_uuid7_at(timezone.now() - timedelta(days=days))
    return purging.delete(rows.filter(id__lt=before), until=until)
