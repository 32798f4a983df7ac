"""The commands of docs/providers/vonage.md, as they stand there."""

import io
import re
import shlex
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from smsproviders.models import SmsProvider
from tests.vonage_server import VonageServer

pytestmark = pytest.mark.django_db

DOCS = Path(__file__).resolve().parents[2] / "docs" / "providers" / "vonage.md"


def command_that_begins(words: str) -> list[str]:
    found = re.search(rf"manage\.py ({words}(?:\\\n|[^`\n])*)", DOCS.read_text(encoding="utf-8"))
    assert found, words
    return shlex.split(found.group(1).replace("\\\n", " "))


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_an_account_is_added_and_checked(
    vonage: VonageServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{vonage.account.api_secret}\n"))
    run(*command_that_begins("add_sms_provider"))

    provider = SmsProvider.objects.get(name="vonage")
    assert (provider.priority, provider.sender_for("GB")) == (20, "+447700900123")
    said = run(*command_that_begins("check_sms_provider"))
    for words in ("Vonage accepts the credentials.", "12.35 EUR", "No signature secret"):
        assert words in said


def test_without_a_sender_the_command_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("the secret\n"))
    *arguments, _option, _sender = command_that_begins("add_sms_provider")
    with pytest.raises(CommandError, match="Vonage needs a sender"):
        run(*arguments)
