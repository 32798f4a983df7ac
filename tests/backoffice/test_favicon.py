"""What browsers ask for unasked: `/favicon.ico`."""

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

pytestmark = pytest.mark.django_db


def test_a_browser_gets_the_mark_of_the_product_and_no_cookie(client: Client) -> None:
    answer = client.get("/favicon.ico")
    assert answer.status_code == 302
    assert finders.find(answer["Location"].removeprefix("/static/")) is not None
    assert not answer.cookies


def test_it_may_be_kept_for_a_day(client: Client) -> None:
    assert "max-age=86400" in client.get("/favicon.ico")["Cache-Control"]
