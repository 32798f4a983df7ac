from datetime import datetime

import pytest
from django.conf import settings as django_settings
from django.test import Client
from pytest_django.fixtures import Settings

from smsproviders.models import SandboxMessage

pytestmark = pytest.mark.django_db

PAGE = "/sandbox/phone/"
ANN, BOB = "+447700900123", "+33612345678"


@pytest.fixture(autouse=True)
def _debug(settings: Settings) -> None:
    settings.DEBUG = True


def arrive(body: str, number: str = ANN) -> SandboxMessage:
    return SandboxMessage.objects.create(number=number, sender="Example", body=body)


def bodies(page: str) -> list[str]:
    parts = page.split('data-test="sms-body"')[1:]
    return [part.split(">", 1)[1].split("</p>")[0] for part in parts]


def get(client: Client, query: str = "") -> str:
    response = client.get(PAGE + query)
    assert response.status_code == 200
    return response.content.decode()


def test_it_shows_the_messages_the_newest_first(client: Client) -> None:
    arrive("first")
    arrive("second\n\n@example.com #123456")

    page = get(client)

    assert bodies(page) == ["second\n\n@example.com #123456", "first"]
    assert ANN in page


def test_it_says_what_to_do_while_it_is_empty(client: Client) -> None:
    assert "No messages yet" in get(client)
    assert f"sends to {ANN}" in get(client, "?number=%2B447700900123")


@pytest.mark.parametrize("query", ["?number=%2B447700900123", "?number=+447700900123"])
def test_it_shows_one_number_alone(client: Client, query: str) -> None:
    arrive("to Ann")
    arrive("to Bob", BOB)

    assert bodies(get(client, query)) == ["to Ann"]


def test_its_script_gets_the_list_alone(client: Client) -> None:
    arrive("one")

    part = get(client, "?part=messages")

    assert bodies(part) == ["one"]
    assert "<html" not in part
    assert part.strip().startswith("<ol")


def test_a_text_is_text_and_not_markup(client: Client) -> None:
    arrive("<script>alert(1)</script>")

    assert "<script>alert" not in get(client)


def test_everything_is_deleted_by_a_post_with_a_token(client: Client) -> None:
    arrive("one")
    arrive("two", BOB)
    assert Client(enforce_csrf_checks=True).post(PAGE).status_code == 403

    response = client.post(f"{PAGE}?number=%2B33612345678")
    assert response.headers["Location"] == f"{PAGE}?number=%2B33612345678"
    assert SandboxMessage.objects.get().number == ANN
    client.post(PAGE)
    assert not SandboxMessage.objects.exists()


def test_it_is_never_kept_and_holds_nothing_inline(client: Client) -> None:
    arrive("one")
    response = client.get(PAGE)

    assert "no-store" in response.headers["Cache-Control"]
    policy = response.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    page = response.content.decode()
    assert " style=" not in page
    assert "<style" not in page
    assert "<script>" not in page


def test_it_does_not_exist_without_debug(client: Client, settings: Settings) -> None:
    arrive("one")
    settings.DEBUG = False

    assert client.get(PAGE).status_code == 404
    assert client.post(PAGE).status_code == 404
    assert SandboxMessage.objects.count() == 1


def test_the_texts_are_encrypted_at_rest() -> None:
    from django.db import connection

    arrive("482913")
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM smsproviders_sandboxmessage")
        [[stored]] = cursor.fetchall()
    assert "482913" not in stored
    assert django_settings.DEBUG
    assert isinstance(SandboxMessage.objects.get().received_at, datetime)
