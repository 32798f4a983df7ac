"""What is left of past sessions and of wrong passwords."""

from datetime import datetime, timedelta

import pytest
from axes.models import AccessAttempt, AccessLog
from django.contrib.sessions.models import Session
from django.utils import timezone

from backoffice.audit import log
from backoffice.policy import changes
from clients.models import User, UserSession
from clients.tasks import purge
from tests.smsproviders.old_rows import id_of

pytestmark = pytest.mark.django_db


def ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


def session(*, days: float, ended: bool = True) -> UserSession:
    user, _ = User.objects.get_or_create(email="ann@example.com")
    return UserSession.objects.create(
        id=id_of(ago(days)),
        user=user,
        session_key=f"key-{days}",
        started_at=ago(days),
        ended_at=ago(days) if ended else None,
    )


def test_sessions_of_browsers_go_when_they_expire() -> None:
    for days in (1, -1):
        Session.objects.create(session_key=f"key{days}", session_data="", expire_date=ago(days))
    purge()
    assert Session.objects.get().session_key == "key-1"


def test_past_sessions_go_after_three_months_whether_they_were_ended_or_expired() -> None:
    session(days=91)
    session(days=92, ended=False)
    young = session(days=89)
    purge()
    assert UserSession.objects.get() == young


def test_how_long_past_sessions_are_kept_is_a_setting() -> None:
    changes.change({"keep_sessions_days": "2"}, actor=log.SYSTEM)
    session(days=3)
    live = session(days=0.5, ended=False)
    purge()
    assert UserSession.objects.get() == live


def wrong_password(*, days: float) -> None:
    attempt = AccessAttempt.objects.create(
        username=f"ann-{days}", ip_address="192.0.2.1", failures_since_start=9
    )
    AccessAttempt.objects.filter(pk=attempt.pk).update(attempt_time=ago(days))


def test_wrong_passwords_go_once_they_are_forgiven() -> None:
    wrong_password(days=2)
    wrong_password(days=0.001)
    purge()
    assert AccessAttempt.objects.get().username == "ann-0.001"


def test_sign_ins_that_axes_wrote_down_go_too() -> None:
    entry = AccessLog.objects.create(username="ann", ip_address="192.0.2.1")
    AccessLog.objects.filter(pk=entry.pk).update(attempt_time=ago(91))
    AccessLog.objects.create(username="ann", ip_address="192.0.2.1")
    purge()
    assert AccessLog.objects.count() == 1
