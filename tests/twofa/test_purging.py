"""What the evidence of codes is kept for, and that no rule forgets anything by its going."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from backoffice.audit.models import AuditEvent
from clients.models import User
from tests.smsproviders.old_rows import id_of
from tests.twofa.people import (
    NUMBER,
    app_code,
    authenticator,
    client,
    try_code,
    wrong_app_code,
)
from twofa.models import Challenge, CodeAttempt, Notice, SendRequest, VerificationState
from twofa.purging import purge
from twofa.tasks import purge as purge_task
from twofa.vocabulary import CodeOutcome, FactorKind, Purpose, SendOutcome

pytestmark = pytest.mark.django_db
SetPolicy = Callable[..., None]


def key(days: float) -> UUID:
    return id_of(timezone.now() - timedelta(days=days))


def history(user: User, *, days: float) -> Challenge:
    """A challenge, its request and its try, as they lie in the tables after so many days."""
    at = timezone.now() - timedelta(days=days)
    challenge = Challenge.objects.create(
        id=key(days),
        public_reference=f"{days:09.4f}",
        user=user,
        factor=FactorKind.SMS,
        purpose=Purpose.SIGN_IN,
        created_at=at,
        expires_at=at + timedelta(minutes=5),
    )
    fields = {"user": user, "challenge": challenge, "at": at}
    SendRequest.objects.create(id=key(days), number=NUMBER, outcome=SendOutcome.QUEUED, **fields)
    CodeAttempt.objects.create(
        id=key(days),
        factor=FactorKind.SMS,
        purpose=Purpose.SIGN_IN,
        outcome=CodeOutcome.ACCEPTED,
        **fields,
    )
    return challenge


def rows_left() -> list[int]:
    return [model.objects.count() for model in (Challenge, SendRequest, CodeAttempt)]


def test_tries_requests_and_challenges_go_after_half_a_year() -> None:
    user = client()
    history(user, days=181)
    young = history(user, days=179)
    purge_task()
    assert Challenge.objects.get() == young
    assert rows_left() == [1, 1, 1]
    assert purge() == 0


def test_how_long_they_are_kept_is_a_setting(set_policy: SetPolicy) -> None:
    history(client(), days=8)
    set_policy(keep_codes_days="7")
    purge()
    assert rows_left() == [0, 0, 0]


def test_a_try_outlives_the_challenge_that_it_was_for() -> None:
    user = client()
    challenge = history(user, days=180.001)
    late = CodeAttempt.objects.create(
        id=key(179.999), user=user, challenge=challenge, outcome=CodeOutcome.EXPIRED
    )
    purge()
    late.refresh_from_db()
    assert late.challenge is None


def test_only_notices_that_are_done_go() -> None:
    user = client()
    finished = {"finished_at": timezone.now() - timedelta(days=90)}
    for days, changes in ((91, finished), (91, {}), (89, finished)):
        Notice.objects.create(
            id=key(days),
            user=user,
            kind="factor_enabled",
            language="en",
            to="a@b.example",
            **changes,
        )
    purge()
    assert Notice.objects.count() == 2


def lie_for(days: float) -> None:
    """As if everything typed and asked for so far had been so many days ago."""
    moved = timedelta(days=days)
    for model in (CodeAttempt, SendRequest):
        for row in model.objects.all():
            at = row.at - moved
            model.objects.filter(pk=row.pk).update(id=id_of(at), at=at)


def test_locks_and_counters_stay_when_the_tries_go() -> None:
    user = client()
    device = authenticator(user)
    for _ in range(10):
        VerificationState.objects.filter(user=user).update(locked_until=None)
        assert try_code(user, wrong_app_code(device)) == "incorrect"
    lie_for(days=200)
    purge()
    assert not CodeAttempt.objects.exists()
    assert VerificationState.objects.get(user=user).failures == 10
    assert try_code(user, app_code(device)) == "locked"


def test_a_used_step_stays_used_when_its_try_goes() -> None:
    user = client()
    device = authenticator(user)
    assert try_code(user, code := app_code(device)) == "accepted"
    lie_for(days=200)
    purge()
    assert try_code(user, code) == "reused"


def test_the_shortest_time_is_longer_than_any_rule_looks_back(set_policy: SetPolicy) -> None:
    """A cap looks back a day, and a step is burnt at most 14 hours before its time."""
    set_policy(keep_codes_days="7")
    user = client()
    history(user, days=6.9)
    assert purge() == 0
    with pytest.raises(ValidationError):
        set_policy(keep_codes_days="6")


def test_the_log_stays() -> None:
    user = client()
    try_code(user, app_code(authenticator(user)))
    entries = AuditEvent.objects.count()
    assert entries
    purge()
    assert AuditEvent.objects.count() == entries
