"""What "this was not me" ends at once: the trust in browsers, what support was brought to allow,
and where it let somebody around the factor lately, every session: a stranger may be in one.

For callers that hold the user's row in a transaction.
"""

from datetime import datetime, timedelta

from django.utils import timezone

from clients import sessions
from clients.models import User
from twofa import trust_ends
from twofa.models import Approval, CallerCheck, Reset, Resynchronisation, TemporaryCode
from twofa.models.trusted_browser import TrustEnd

# A session lives no longer.
LATELY = timedelta(days=1)


def end_all(user: User) -> None:
    at = timezone.now()
    trust_ends.end_all(user, TrustEnd.DENIED)
    TemporaryCode.objects.filter(user=user, used_at=None, voided_at=None).update(voided_at=at)
    allowed = Resynchronisation.objects.filter(user=user, used_at=None, expires_at__gt=at)
    allowed.update(expires_at=at)
    # Else what a stranger proved before would count again, once the client is known to be back.
    CallerCheck.objects.filter(user=user, expires_at__gt=at).update(expires_at=at)
    Approval.objects.filter(user=user, answer="", expires_at__gt=at).update(expires_at=at)
    if _was_let_around(user, since=at - LATELY):
        sessions.end_all(user)


def _was_let_around(user: User, *, since: datetime) -> bool:
    return (
        TemporaryCode.objects.filter(user=user, used_at__gt=since).exists()
        or Reset.objects.filter(user=user, at__gt=since).exists()
    )
