"""Security > Blocked clients, and the numbers of the first page."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.test import Client as Browser
from django.utils import timezone

from backoffice.audit.models import AuditEvent
from clients.models import ClientStatus
from tests.backoffice import books
from tests.backoffice.books import LIST, desk, locked, page_of
from tests.backoffice.operators import operator, sign_in
from twofa.models import VerificationState

pytestmark = pytest.mark.django_db
BLOCKED = f"{LIST}blocked/"


def guessed(email: str, *, ago: timedelta = timedelta(0)) -> None:
    attempt = AccessAttempt.objects.create(
        username=email,
        ip_address="203.0.113.7",
        failures_since_start=settings.AXES_FAILURE_LIMIT,
        get_data="",
        post_data="",
        http_accept="",
        path_info="",
        user_agent="",
    )
    AccessAttempt.objects.filter(pk=attempt.pk).update(attempt_time=timezone.now() - ago)


def test_it_lists_each_with_why_and_until(client: Browser) -> None:
    locked(books.client("codes@example.com"))
    hard = books.client("hard@example.com")
    VerificationState.objects.create(user=hard.user, failures=10, hard_locked_at=timezone.now())
    books.client("operator@example.com", status=ClientStatus.BLOCKED)
    books.client("password@example.com")
    guessed("password@example.com")
    books.client("free@example.com")
    over = books.client("over@example.com")
    before = timezone.now() - timedelta(minutes=1)
    VerificationState.objects.create(user=over.user, failures=5, locked_until=before)
    guessed("over@example.com", ago=timedelta(hours=1))
    desk(client, "Security desk", email="desk@example.com")
    shown = client.get(BLOCKED).content.decode()
    for words in ("5 wrong codes", "10 wrong codes", "Wrong passwords", "An operator"):
        assert words in shown
    for email in ("codes@", "hard@", "operator@", "password@"):
        assert email in shown
    assert "free@" not in shown
    assert "over@" not in shown


def test_wrong_passwords_are_forgiven_and_logged(client: Browser) -> None:
    ann = books.client("ann@example.com")
    guessed("ann@example.com")
    desk(client, "Security desk")
    answer = client.post(page_of(ann, "passwords/forgive/"))
    assert answer["Location"] == BLOCKED
    assert not AccessAttempt.objects.exists()
    assert AuditEvent.objects.get(action="clients.passwords_forgiven").facts == {"addresses": 1}
    assert "Nobody is blocked." in client.get(BLOCKED).content.decode()


def test_who_may_only_look_gets_no_button(client: Browser) -> None:
    locked(books.client("codes@example.com"))
    guessed("codes@example.com")
    sign_in(client, operator(permissions=["clients.view_client"]))
    shown = client.get(BLOCKED).content.decode()
    assert "two-factor/unlock" not in shown
    assert "passwords/forgive" not in shown


def test_the_first_line_opens_the_locks_that_end_by_themselves(client: Browser) -> None:
    ann, bob = locked(books.client("ann@example.com")), locked(books.client("bob@example.com"))
    VerificationState.objects.filter(user=bob.user).update(hard_locked_at=timezone.now())
    desk(client, "Support")
    shown = client.get(BLOCKED).content.decode()
    assert page_of(ann, "two-factor/unlock/") in shown
    assert page_of(bob, "two-factor/unlock/") not in shown
    assert page_of(bob, "settings/") in shown


def test_the_first_page_counts_what_is_wrong_now(client: Browser) -> None:
    locked(books.client("codes@example.com"))
    books.client("trouble@example.com", last_trouble_at=timezone.now())
    desk(client, "Support")
    figures = client.get("/admin/").context["figures"]
    assert [figure.number for figure in figures] == [1, 1, 0]
    assert client.get(figures[1].address).context["cl"].result_count == 1
    desk(client, "Auditor", email="a@example.com")
    assert "figures" not in client.get("/admin/").context
