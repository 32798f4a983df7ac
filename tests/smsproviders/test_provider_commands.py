import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from smsproviders.models import SmsMessage, SmsProvider
from tests.services.workers import CeleryProcesses
from tests.smsproviders.messages import deliver_now
from tests.twilio_server import TwilioServer

pytestmark = pytest.mark.django_db

SID = "AC" + "5ad0" * 8


def run(*arguments: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command(*arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def as_json(*arguments: str) -> dict[str, Any]:
    out, _err = run(*arguments, "--json")
    facts: dict[str, Any] = json.loads(out)
    return facts


def refused(*arguments: str) -> CommandError:
    with pytest.raises(CommandError) as error:
        run(*arguments)
    return error.value


@pytest.fixture(autouse=True)
def _debug(settings: Settings) -> None:
    settings.DEBUG = True


def test_it_adds_a_provider_with_its_secrets_from_standard_input(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("the token\nthe secret\n"))

    facts = as_json(
        "add_sms_provider", "twilio", "--caption", "Twilio EU", "--name", "eu",
        "--set", f"account_sid={SID}", "--set", "from_number=+447700900123",
        "--set-stdin", "auth_token", "--set-stdin", "webhook_secret",
        "--sender", "Example", "--priority", "3", "--countries", "gb,FR", "--disabled",
    )  # fmt: skip

    provider = SmsProvider.objects.get(name="eu")
    assert facts["id"] == str(provider.pk)
    assert (facts["enabled"], provider.priority, provider.countries) == (False, 3, ["FR", "GB"])
    assert provider.senders == {"": "Example"}
    assert provider.credentials["auth_token"] == "the token"
    assert provider.credentials["webhook_secret"] == "the secret"


def test_the_sender_alone_is_sender_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("the token\n"))

    run(
        "add_sms_provider", "twilio", "--caption", "T", "--set", f"account_sid={SID}",
        "--set-stdin", "auth_token", "--sender", "+447700900123",
    )  # fmt: skip

    assert SmsProvider.objects.get().sender_for("GB") == "+447700900123"


def test_what_is_done_next_is_said_beside_the_output() -> None:
    out, err = run("add_sms_provider", "sandbox", "--caption", "Sand box")

    assert out == "SMS provider sand-box added, enabled.\n"
    assert "check_sms_provider sand-box" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nope",), "there are: twilio"),
        (("twilio", "--set", "colour=red"), "There are: account_sid, auth_token"),
        (("twilio", "--set-stdin", "colour"), "There are: account_sid, auth_token"),
        (("twilio", "--set", "account_sid"), "KEY=VALUE"),
        (("sandbox", "--set", "behaves_as=works", "--set", "behaves_as=down"), "Given twice"),
    ],
)
def test_wrong_usage_ends_with_2_and_the_right_keys(arguments: tuple[str, ...], words: str) -> None:
    error = refused("add_sms_provider", *arguments, "--caption", "X")

    assert error.returncode == 2
    assert words in str(error)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("twilio", "--set", "account_sid=AC1"), "account_sid: An Account SID is"),
        (("sandbox", "--set", "behaves_as=badly"), "behaves_as:"),
        (("sandbox", "--countries", "Germany"), "countries:"),
        (("sandbox", "--name", "No Name"), "name:"),
    ],
)
def test_what_is_wrong_with_a_value_ends_with_1(arguments: tuple[str, ...], words: str) -> None:
    error = refused("add_sms_provider", *arguments, "--caption", "X")

    assert error.returncode == 1
    assert words in str(error)
    assert not SmsProvider.objects.exists()


def test_a_secret_that_does_not_come_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))

    assert "no line" in str(
        refused("add_sms_provider", "twilio", "--caption", "X", "--set-stdin", "auth_token")
    )


def test_a_name_that_is_taken_is_an_error(sandbox_provider: SmsProvider) -> None:
    assert "name:" in str(refused("add_sms_provider", "sandbox", "--caption", "Sandbox"))


# check_sms_provider


def test_a_healthy_provider_ends_with_0(sandbox_provider: SmsProvider) -> None:
    facts = as_json("check_sms_provider", "sandbox")

    assert (facts["ok"], facts["provider"]) == (True, "sandbox")
    assert [one["check"] for one in facts["checks"]] == ["credentials", "balance", "sender"]
    assert facts["checks"][1]["balance"] == "25.00"
    out, _err = run("check_sms_provider", "sandbox")
    assert "25.00 EUR" in out


@pytest.mark.parametrize("behaviour", ["wrong_credentials", "no_balance", "down"])
def test_a_sick_one_ends_with_1_and_prints_all_the_same(
    sandbox_provider: SmsProvider, behaviour: str
) -> None:
    sandbox_provider.credentials = {"behaves_as": behaviour}
    sandbox_provider.save()
    out = io.StringIO()

    with pytest.raises(CommandError) as error:
        call_command("check_sms_provider", "sandbox", "--json", stdout=out)

    assert error.value.returncode == 1
    assert json.loads(out.getvalue())["ok"] is False


def test_it_checks_a_twilio_account(twilio: TwilioServer, twilio_provider: SmsProvider) -> None:
    facts = as_json("check_sms_provider", "twilio")

    results = {one["check"]: one["result"] for one in facts["checks"]}
    assert results == dict.fromkeys(("credentials", "account", "balance", "sender"), "ok")


@pytest.mark.parametrize(
    "command", [("check_sms_provider", "x"), ("send_test_sms", "x", "+447700900123")]
)
def test_an_unknown_provider_ends_with_2_and_the_known_names(
    sandbox_provider: SmsProvider, command: tuple[str, ...]
) -> None:
    error = refused(*command)

    assert error.returncode == 2
    assert "There are: sandbox" in str(error)


# send_test_sms


def test_it_follows_a_test_message_to_its_end(
    sandbox_provider: SmsProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker's part is done between two looks."""
    monkeypatch.setattr("time.sleep", lambda _: deliver_now(SmsMessage.objects.get()))
    sandbox_provider.credentials = {"behaves_as": "wrong_credentials"}
    sandbox_provider.save()
    out = io.StringIO()

    with pytest.raises(CommandError, match="refuse the credentials") as error:
        call_command("send_test_sms", "sandbox", "+447700900123", "--json", stdout=out)

    assert error.value.returncode == 1
    facts = json.loads(out.getvalue())
    assert (facts["state"], facts["cause"]) == ("failed", "sms.credentials_rejected")
    assert facts["error_code"] == "credentials"


def test_without_a_worker_it_says_so(sandbox_provider: SmsProvider) -> None:
    error = refused("send_test_sms", "sandbox", "+447700900123", "--wait", "0.1")

    assert error.returncode == 1
    assert "is one running?" in str(error)


def test_without_waiting_the_queue_is_enough(sandbox_provider: SmsProvider) -> None:
    assert as_json("send_test_sms", "sandbox", "+447700900123", "--wait", "0")["state"] == "queued"


@pytest.mark.parametrize("arguments", [("07700",), ("+447700900123", "--wait", "soon")])
def test_a_wrong_number_or_time_is_wrong_usage(
    sandbox_provider: SmsProvider, arguments: tuple[str, ...]
) -> None:
    error = refused("send_test_sms", "sandbox", *arguments)

    assert error.returncode in {1, 2}
    assert not SmsMessage.objects.exists()


@pytest.mark.faults
@pytest.mark.slow
def test_a_real_worker_sends_it_and_the_receipt_ends_the_wait(
    celery_processes: CeleryProcesses,
    live_server: LiveServer,
    twilio: TwilioServer,
    twilio_provider: SmsProvider,
    settings: Settings,
) -> None:
    settings.PUBLIC_URL = live_server.url
    celery_processes.worker(TWILIO_API_URL=twilio.url, PUBLIC_URL=live_server.url)

    facts = as_json("send_test_sms", "twilio", "+447700900123", "--wait", "20")

    assert facts["state"] == "delivered"
    assert facts["provider_message_id"] == twilio.messages[0].sid
    assert twilio.messages_by_destination() == {"+447700900123": 1}
