"""The commands and settings of docs/providers/http.md, as they stand there, lead to an SMS."""

import io
import json
import re
import shlex
from pathlib import Path
from textwrap import dedent

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from smsproviders.backends.generic_http.error_classes import ErrorClass
from smsproviders.backends.generic_http.form import HttpForm
from smsproviders.backends.generic_http.placeholders import Placeholder
from smsproviders.models import SmsProvider
from smsproviders.vocabulary import MessageState
from tests.http_gateway import KANNEL_PASSWORD, TOKEN, HttpGateway, with_token
from tests.services.workers import CeleryProcesses
from tests.smsproviders.messages import deliver_now, queue
from tests.smsproviders.outgoing import PHONE, TEXT

pytestmark = pytest.mark.django_db

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "providers" / "http.md").read_text(
    encoding="utf-8"
)


def commands(caption: str, gateway: HttpGateway) -> list[list[str]]:
    """The arguments of each `manage.py` in the block that adds that provider."""
    blocks = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    (block,) = (one for one in blocks if f'--caption "{caption}"' in one)
    text = dedent(block).replace("\\\n", " ")
    text = re.sub(r"https?://(gateway\.example\.com|kannel\.internal:13013)", gateway.url, text)
    words = shlex.split(text)
    starts = [place for place, word in enumerate(words) if word == "manage.py"]
    ends = [*(place - 1 for place in starts[1:]), len(words)]
    return [words[start + 1 : end] for start, end in zip(starts, ends, strict=True)]


def run(monkeypatch: pytest.MonkeyPatch, arguments: list[str], *, stdin: str = "") -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
    out = io.StringIO()
    call_command(*arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_the_first_example_sends(gateway: HttpGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    add, check, send = commands("Example gateway", gateway)

    run(monkeypatch, add, stdin=f"{TOKEN}\n")
    checked = run(monkeypatch, check)
    with pytest.raises(CommandError, match="No worker"):
        run(monkeypatch, [*send, "--wait", "0.1"])

    assert "send a test SMS" in checked
    message = deliver_now(queue())
    assert message.state == MessageState.ACCEPTED
    [sent] = gateway.messages
    assert (sent.to, sent.text, sent.fields["from"]) == (PHONE, TEXT, "Example")
    assert message.attempts.get().provider_message_id == sent.id


def test_address_and_secret_are_enough_for_the_usual_gateway(
    gateway: HttpGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = ["add_sms_provider", "http", "--caption", "G", "--set", f"url={gateway.url}/messages"]

    run(monkeypatch, [*add, "--set-stdin", "secret"], stdin=f"{TOKEN}\n")

    assert deliver_now(queue()).state == MessageState.ACCEPTED


def test_s54_the_command_refuses_what_the_page_refuses(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = ["add_sms_provider", "http", "--caption", "G", "--set-stdin", "secret", "--set"]

    for url, words in (
        ("http://10.0.0.7/", "Only https"),
        ("https://169.254.169.254/latest/", "not public"),
        ("https://localhost/", "not public"),
    ):
        with pytest.raises(CommandError, match=words):
            run(monkeypatch, [*add, f"url={url}"], stdin="token\n")
    assert not SmsProvider.objects.exists()


def test_the_kannel_example_sends_and_its_relayed_reports_are_taken(
    gateway: HttpGateway, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    (add,) = commands("Kannel", gateway)
    status_map = re.search(r"```\n(1 = delivered\n.*?)```", PAGE, re.DOTALL)
    secret = "the webhook secret of the relay"
    assert status_map
    reports = {
        "webhook_secret": secret,
        "report_proof": "token",
        "report_header": "Authorization",
        "status_map": status_map[1],
    }
    for name, value in reports.items():
        add += ["--set", f"{name}={value}"]

    run(monkeypatch, add, stdin=f"{KANNEL_PASSWORD}\n")
    message = deliver_now(queue())

    [sent] = gateway.messages
    assert message.state == MessageState.ACCEPTED
    assert (sent.to, sent.text, sent.fields["charset"]) == (PHONE, TEXT, "UTF-8")
    relayed = sent.fields["dlr-url"].partition("?")[2].replace("%d", "8")
    for status, state in (("8", MessageState.SENT), ("1", MessageState.DELIVERED)):
        body = relayed.replace("status=8", f"status={status}").encode()
        answer = client.post(
            "/sms/reports/kannel/",
            content_type="application/x-www-form-urlencoded",
            **with_token(body, secret),
        )
        assert answer.status_code == 204
        message.refresh_from_db()
        assert message.state == state


@pytest.mark.django_db(transaction=True)
def test_a_real_worker_sends_it_and_the_signed_report_ends_the_wait(
    celery_processes: CeleryProcesses,
    live_server: LiveServer,
    gateway: HttpGateway,
    http_settings: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gateway.reports_with = "the secret of the reports"
    chosen = {**http_settings, "secret": "", "webhook_secret": ""}
    pairs = [f"--set={name}={value}" for name, value in chosen.items() if value]
    hidden = ["--set-stdin", "secret", "--set-stdin", "webhook_secret"]
    celery_processes.worker(
        HTTP_PROVIDER_ALLOWED_HOSTS=f"127.0.0.1:{gateway.port}", PUBLIC_URL=live_server.url
    )

    add = ["add_sms_provider", "http", "--caption", "Gateway", *pairs, *hidden]
    run(monkeypatch, add, stdin=f"{TOKEN}\n{gateway.reports_with}\n")
    checked = run(monkeypatch, ["check_sms_provider", "gateway"])
    told = run(monkeypatch, ["send_test_sms", "gateway", PHONE, "--wait", "20", "--json"])

    assert "12.34 EUR" in checked
    facts = json.loads(told)
    assert (facts["state"], facts["provider_message_id"]) == ("delivered", "gw-0001")
    assert [message.to for message in gateway.messages] == [PHONE]


def test_the_page_speaks_of_every_setting_class_and_placeholder() -> None:
    for name in (*HttpForm.base_fields, *ErrorClass):
        assert f"`{name}`" in PAGE, name
    for placeholder in Placeholder:
        assert f"`%{placeholder}%`" in PAGE
