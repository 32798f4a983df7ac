"""What sign-in keeps for a while only: see "Retention" in docs/operating.md."""

from collections.abc import Sequence
from datetime import timedelta

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from backoffice.common import purging
from backoffice.common.identifiers import first_uuid7_at
from clients.models import PasswordLink, ResetRequest, UserSession
from clients.retention_keys import KEEP_SESSIONS_DAYS


def purge() -> int:
    """How many rows were deleted. Idempotent; beside another one harmless."""
    return purging.run(STEPS)


def expired_sessions(until: float) -> int:
    """What Django keeps of browsers, signed in or half-way."""
    return purging.delete(Session.objects.filter(expire_date__lt=timezone.now()), until=until)


def past_sessions(until: float) -> int:
    """By when they began: none lives longer than a day."""
    old = first_uuid7_at(timezone.now() - timedelta(days=KEEP_SESSIONS_DAYS()))
    return purging.delete(UserSession.objects.filter(id__lt=old), until=until)


def wrong_passwords(until: float) -> int:
    """Forgiven by time: they block nobody any more."""
    forgiven = timezone.now() - timedelta(days=1, hours=settings.AXES_COOLOFF_TIME)
    return purging.delete(AccessAttempt.objects.filter(attempt_time__lt=forgiven), until=until)


def sign_ins_of_axes(until: float) -> int:
    """Not written as the project is set; whoever switches them on must not fill the disk."""
    old = timezone.now() - timedelta(days=KEEP_SESSIONS_DAYS())
    return sum(
        purging.delete(model._default_manager.filter(attempt_time__lt=old), until=until)
        for model in (AccessLog, AccessFailureLog)
    )


def password_links(until: float) -> int:
    """Links that are long over, and who asked for one: counted by the day."""
    before = timezone.now() - timedelta(days=KEEP_SESSIONS_DAYS())
    links = PasswordLink.objects.filter(expires_at__lt=before)
    asked = ResetRequest.objects.filter(at__lt=timezone.now() - timedelta(days=1))
    return purging.delete(links, until=until) + purging.delete(asked, until=until)


STEPS: Sequence[purging.Step] = (
    expired_sessions,
    past_sessions,
    wrong_passwords,
    password_links,
    sign_ins_of_axes,
)
