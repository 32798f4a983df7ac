"""From "Add client" to the password that the client chose, in a real browser: no console complains,
and the form is taken though the link's own page tells nobody where it came from."""

import json
from typing import TYPE_CHECKING

import pytest

from clients.models import User
from tests.backoffice.books import LIST
from tests.backoffice.windows import Open, open_as  # noqa: F401 - a fixture
from tests.services.browser import Visitors
from tests.services.looks import look_everywhere
from tests.twofa.people import PASSWORD
from twofa.models import Notice

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def press(page: "Page", mark: str) -> None:
    with page.expect_navigation():
        page.click(f"[data-test={mark}]")


def test_a_client_is_added_invited_and_chooses_a_password(
    open_as: Open,  # noqa: F811
    visitors: Visitors,
) -> None:
    page = open_as()
    page.goto(LIST)
    press(page, "add-client")
    look_everywhere(page)
    page.fill("[name=email]", "ann@example.com")
    page.fill("[name=name]", "Ann Lee")
    page.fill("[name=phone]", "+33612345678")
    press(page, "add-client")
    assert "has not chosen a password yet" in page.inner_text("[data-test=invitation]")
    look_everywhere(page)

    token = json.loads(Notice.objects.get(kind="invited").context)["link"].split("/password/")[1]
    ann = visitors.open()
    ann.goto(f"/password/{token}")
    assert ann.url.endswith("/password/")
    ann.fill("[name=new_password]", PASSWORD)
    ann.fill("[name=repeated]", PASSWORD)
    with ann.expect_navigation():
        ann.keyboard.press("Enter")
    assert ann.url.endswith("/sign-in/")
    assert User.objects.get(email="ann@example.com").check_password(PASSWORD)
