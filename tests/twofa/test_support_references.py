"""Every page that failed shows a reference, and support finds the moment by it."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client as Browser
from django.utils import timezone

from backoffice.audit import log
from clients.models import User
from tests.twofa import people
from tests.twofa.pages import Page
from tests.twofa.people import PASSWORD
from twofa import log_actions
from twofa.diagnosis import moments
from twofa.diagnosis.diagnosing import diagnose
from twofa.models import Challenge, SendRequest, VerificationState

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann() -> User:
    return people.client(password=PASSWORD)


def shown(answer: object) -> list[str]:
    return Page(answer.content.decode()).marked.get("reference", [])  # type: ignore[attr-defined]


def sign_in(browser: Browser, email: str = "ann@example.com", password: str = PASSWORD) -> object:
    given = {"email": email, "password": password}
    return browser.post("/sign-in/", given, follow=True)


def lock(user: User) -> None:
    VerificationState.objects.update_or_create(
        user=user,
        defaults={"failures": 5, "locked_until": timezone.now() + timedelta(minutes=15)},
    )


@pytest.mark.parametrize("email", ["ann@example.com", "nobody@example.com"])
def test_a_wrong_password_has_one_whoever_it_is(client: Browser, ann: User, email: str) -> None:
    (reference,) = shown(sign_in(client, email, "wrong"))
    moment = moments.of(reference)
    assert moment is not None
    assert moment.user_id == (ann.pk if email == ann.email else None)


@pytest.mark.parametrize("flooded", ["ann@example.com", ""])
def test_s30_after_a_flood_the_reference_still_tells_no_account(
    client: Browser, ann: User, flooded: str
) -> None:
    for _ in range(log_actions.KEPT_A_MINUTE):
        log.record(
            log_actions.REFERENCE_GIVEN,
            actor=log.ANYONE,
            subject=log_actions.subject(ann) if flooded else "",
        )
    pages = [sign_in(client, email, "wrong") for email in ("ann@example.com", "b@example.com")]
    assert [len(shown(page)) for page in pages] == [1, 1]


def test_a_paused_sign_in_has_one(client: Browser, ann: User) -> None:
    answers = [sign_in(client, password="wrong") for _ in range(settings.AXES_FAILURE_LIMIT + 1)]
    assert answers[-1].status_code == 429  # type: ignore[attr-defined]
    (reference,) = shown(answers[-1])
    moment = moments.of(reference)
    assert moment is not None
    assert diagnose(ann, at=moment.at).verdict == "client.blocked"


def test_a_locked_client_is_shown_one_by_either_factor(client: Browser, ann: User) -> None:
    people.authenticator(ann)
    people.sms(ann)
    lock(ann)
    (reference,) = shown(sign_in(client))
    assert shown(client.post("/sign-in/verify/", {"code": "123456"})) == [reference]
    assert shown(client.post("/sign-in/other/", {"way": "sms"}, follow=True)) == [reference]
    assert shown(client.post("/sign-in/recovery/", {"code": "x"})) == [reference]
    moment = moments.of(reference.replace("-", "").lower())
    assert moment is not None
    assert moment.user_id == ann.pk
    assert moment.at == SendRequest.objects.get().at


def test_a_refused_send_has_one(client: Browser, ann: User) -> None:
    people.sms(ann, "+85212345678")
    (reference,) = shown(sign_in(client))
    assert not Challenge.objects.exists()
    moment = moments.of(reference)
    assert moment is not None
    assert diagnose(ann, at=moment.at).verdict == "sms.country_closed"
