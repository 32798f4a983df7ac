"""Changing one's own password: the other sessions end, and half sign-ins die with the old hash."""

from django.contrib.auth import authenticate, update_session_auth_hash
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice.audit import log
from backoffice.audit.models import Outcome
from clients import sessions
from twofa import log_actions, notices, people, step_up, trust_ends
from twofa.models.trusted_browser import TrustEnd
from twofa.notices import NoticeKind

PASSWORD_CHANGED = log.action("twofa.password_changed", _("Password changed"))


def change(request: HttpRequest, *, present: str, new: str) -> bool:
    """Set the new password if the present one is right; False, and logged, when it is not.

    `step_up.NotFresh` while the user has a factor and did not confirm afresh. Wrong passwords are
    counted by django-axes. The caller has validated the new one.
    """
    user = people.signed_in(request)
    if not step_up.by_password(request):
        step_up.require(request)
    known = authenticate(request, email=user.email, password=present)
    if known != user:
        _record(request, Outcome.REFUSED)
        return False
    old_key = request.session.session_key
    with transaction.atomic():
        step_up.hold_signed_in(request)
        user.set_password(new)
        user.save(update_fields=["password"])
        trust_ends.end_all(user, TrustEnd.PASSWORD_CHANGED)
        sessions.end_all(user, but=old_key)
        _record(request, Outcome.DONE)
        notices.tell(user, NoticeKind.PASSWORD_CHANGED)
        update_session_auth_hash(request, user)
        sessions.renew_key(old_key, request)
    return True


def _record(request: HttpRequest, outcome: Outcome) -> None:
    user = people.signed_in(request)
    subject = log_actions.subject(user)
    if not log_actions.is_flood(request, PASSWORD_CHANGED, subject):
        actor = log_actions.actor(user)
        log.record(PASSWORD_CHANGED, actor=actor, subject=subject, outcome=outcome)
