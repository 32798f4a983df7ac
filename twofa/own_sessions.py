"""Ending one's own sessions elsewhere."""

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice.audit import log
from clients import sessions
from clients.models import UserSession
from twofa import log_actions, people

SESSIONS_ENDED = log.action("twofa.own_sessions_ended", _("Signed out elsewhere"))


def end(request: HttpRequest, session: UserSession) -> None:
    """End one session of the signed-in user."""
    with transaction.atomic():
        sessions.end_from_elsewhere(session)
        _record(request, count=1)


def end_others(request: HttpRequest) -> int:
    """End every session but this one; how many there were."""
    with transaction.atomic():
        count = sessions.end_all(people.signed_in(request), but=request.session.session_key)
        _record(request, count=count)
    return count


def _record(request: HttpRequest, *, count: int) -> None:
    user = people.signed_in(request)
    log.record(
        SESSIONS_ENDED,
        actor=log_actions.actor(user),
        subject=log_actions.subject(user),
        facts={"sessions": count},
    )
