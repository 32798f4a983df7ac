"""`add_client` and `add_operator`: validated as a whole, logged, e-mail in lower case."""

import io
import json
import sys
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.test import RequestFactory

from backoffice.audit.models import AuditEvent
from clients.models import Client, User

pytestmark = pytest.mark.django_db
PASSWORD = "a rather long pass phrase"


def run(*arguments: str, password: str | None = None) -> dict[str, Any]:
    out = io.StringIO()
    options = ["--password-stdin"] if password is not None else []
    before, sys.stdin = sys.stdin, io.StringIO(f"{password or ''}\n")
    try:
        call_command(*arguments, *options, "--json", stdout=out, stderr=io.StringIO())
    finally:
        sys.stdin = before
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def test_a_client_is_added_with_what_was_given() -> None:
    found = run(
        "add_client", "Ann.Lee@Example.com", "--name", "Ann Lee", "--phone", "+33 6 12 34 56 78",
        "--language", "fr", password=PASSWORD,
    )  # fmt: skip
    client = Client.objects.get(pk=found["id"])
    assert client.user.email == found["email"] == "ann.lee@example.com"
    assert (str(client.phone), client.country, client.language) == ("+33612345678", "FR", "fr")
    assert not client.user.is_staff
    assert authenticate(RequestFactory().post("/"), email="ann.lee@example.com", password=PASSWORD)
    assert AuditEvent.objects.get().action == "clients.client_added"


def test_without_a_password_nobody_signs_in() -> None:
    run("add_client", "ann@example.com")
    assert not User.objects.get().has_usable_password()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["nonsense"], "email:"),
        (["a@example.com", "--phone", "12"], "phone:"),
        (["a@example.com", "--phone", "0612345678"], "Write it like"),
        (["a@example.com", "--country", "XX"], "country:"),
        (["a@example.com", "--language", "tlh"], "language:"),
        (["nonsense", "--country", "XX"], "country:"),
    ],
)
def test_bad_input_is_refused_in_words_and_adds_nothing(arguments: list[str], reason: str) -> None:
    with pytest.raises(CommandError, match=reason):
        run("add_client", *arguments)
    assert not User.objects.exists()


def test_a_weak_password_is_refused() -> None:
    with pytest.raises(CommandError, match="password:"):
        run("add_client", "a@example.com", password="short")


def test_an_empty_standard_input_is_refused() -> None:
    with pytest.raises(CommandError, match="standard input is empty"):
        run("add_client", "a@example.com", password="")


def test_the_same_address_in_capitals_is_the_same_account() -> None:
    run("add_client", "a@example.com")
    with pytest.raises(CommandError, match="there already"):
        run("add_client", "A@EXAMPLE.com")


def test_the_database_refuses_an_address_with_capitals() -> None:
    with pytest.raises(IntegrityError):
        User.objects.create(email="A@example.com")


def test_an_operator_is_added_to_groups_named_in_any_case() -> None:
    found = run("add_operator", "op@example.com", "--group", "SUPPORT", password=PASSWORD)
    assert found["groups"] == ["Support"]
    assert User.objects.get().is_staff
    assert not User.objects.get().is_superuser


def test_an_unknown_group_is_refused_with_the_known_ones() -> None:
    with pytest.raises(CommandError, match="Security desk"):
        run("add_operator", "op@example.com", "--group", "Gods")
    assert not User.objects.exists()
