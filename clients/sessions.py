"""Signed-in sessions: one row each, so that they can be listed, limited and ended from elsewhere.

Limits (SP 800-63B-4, AAL2, and stricter for operators): idle one hour and 24 hours in all;
operators 15 minutes and 12 hours.
"""

from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from backoffice.common.request_context import context_of
from clients.models import User, UserSession
from clients.signals import sessions_end

CLIENT_IDLE, CLIENT_LIFE = timedelta(hours=1), timedelta(hours=24)
OPERATOR_IDLE, OPERATOR_LIFE = timedelta(minutes=15), timedelta(hours=12)
# The row is written at most this often: a page load must not cost a write each time.
SEEN_EVERY = timedelta(seconds=60)


def start(request: HttpRequest, user: User) -> UserSession:
    """Write down the session that `login()` has just made."""
    context = context_of(request)
    if not request.session.session_key:
        request.session.save()
    session, _ = UserSession.objects.update_or_create(
        session_key=request.session.session_key,
        defaults={
            "user": user,
            "address": context.address or None,
            "browser": context.browser,
            "last_seen_at": timezone.now(),
            "ended_at": None,
        },
    )
    return session


def idle_limit(user: User) -> timedelta:
    """For how long nothing may happen."""
    return OPERATOR_IDLE if user.is_staff else CLIENT_IDLE


def is_alive(session: UserSession, user: User, *, at: datetime) -> bool:
    idle, life = (OPERATOR_IDLE, OPERATOR_LIFE) if user.is_staff else (CLIENT_IDLE, CLIENT_LIFE)
    return (
        session.ended_at is None
        and at - session.last_seen_at < idle
        and at - session.started_at < life
    )


def has_ended(request: HttpRequest) -> bool:
    """Whether the signed-in session of this request was ended since the request began."""
    key = request.session.session_key
    return not UserSession.objects.filter(session_key=key, ended_at=None).exists()


def live_sessions(user: User) -> list[UserSession]:
    at = timezone.now()
    rows = UserSession.objects.filter(user=user, ended_at=None)
    return [session for session in rows if is_alive(session, user, at=at)]


def end(session: UserSession) -> None:
    with transaction.atomic():
        UserSession.objects.filter(pk=session.pk, ended_at=None).update(ended_at=timezone.now())
        Session.objects.filter(session_key=session.session_key).delete()


def end_from_elsewhere(session: UserSession) -> None:
    """End one, and what could bring it back."""
    with transaction.atomic():
        sessions_end.send(UserSession, user=session.user, session=session)
        end(session)


def end_all(user: User, *, but: str | None = None) -> int:
    """End every session of the user, but the one with that session key; how many were live.

    What could bring them back ends too (`sessions_end`).
    """
    with transaction.atomic():
        sessions_end.send(UserSession, user=user, session=None)
        rows = UserSession.objects.select_for_update().filter(user=user, ended_at=None)
        others = [session for session in rows if session.session_key != but]
        for session in others:
            end(session)
    return len(others)


def renew_key(old_key: str | None, request: HttpRequest) -> None:
    """Follow a session whose id was changed (`cycle_key`)."""
    if not request.session.session_key:
        request.session.save()
    UserSession.objects.filter(session_key=old_key).update(session_key=request.session.session_key)
