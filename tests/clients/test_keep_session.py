"""What the middleware does to sessions whose id, key or row changed meanwhile."""

import pytest
from django.conf import settings
from django.test import override_settings

from clients.models import User, UserSession
from tests.twofa import people
from tests.twofa.pages import signed_in_by_app
from tests.twofa.people import PASSWORD


@pytest.fixture
def ann(db: None) -> User:
    return people.client(password=PASSWORD)


def test_a_new_secret_key_with_the_old_one_beside_it_signs_nobody_out(ann: User) -> None:
    person, _ = signed_in_by_app(ann)
    before = person.http.cookies[settings.SESSION_COOKIE_NAME].value
    with override_settings(SECRET_KEY="n" * 50, SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
        assert person.open("/security/").path == "/security/"
        # Django gives the session a new id then; the row follows it.
        assert person.http.cookies[settings.SESSION_COOKIE_NAME].value != before
    with override_settings(SECRET_KEY="n" * 50):
        assert person.open("/security/").path == "/security/"
    assert UserSession.objects.get(user=ann, ended_at=None).session_key != before


def test_without_the_old_key_everybody_signs_in_anew(ann: User) -> None:
    person, _ = signed_in_by_app(ann)
    with override_settings(SECRET_KEY="n" * 50):
        assert person.open("/security/").path.startswith("/sign-in/")
