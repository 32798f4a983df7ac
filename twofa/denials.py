"""What "this was not me" ends at once: the trust in browsers, and what support was brought to
allow. For callers that hold the user's row in a transaction."""

from django.utils import timezone

from clients.models import User
from twofa import trust_ends
from twofa.models import Resynchronisation, TemporaryCode
from twofa.models.trusted_browser import TrustEnd


def end_all(user: User) -> None:
    at = timezone.now()
    trust_ends.end_all(user, TrustEnd.DENIED)
    TemporaryCode.objects.filter(user=user, used_at=None, voided_at=None).update(voided_at=at)
    allowed = Resynchronisation.objects.filter(user=user, used_at=None, expires_at__gt=at)
    allowed.update(expires_at=at)
