"""The server as its own process, steered over HTTP."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.test_twilio_server.conftest import PHONE, SENDER, Send
from tests.twilio_server import TwilioServer

ROOT = Path(__file__).parents[2]


@pytest.fixture
def process_url() -> Iterator[str]:
    environment = {name: value for name, value in os.environ.items() if name != "TWILIO_OPENAPI"}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.twilio_server", "--port", "0", "--mode", "error:21610"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0


def test_it_prints_its_address_and_starts_in_the_mode_asked_for(process_url: str) -> None:
    from tests.twilio_server import Account

    account = Account()
    response = requests.post(
        f"{process_url}{account.uri}/Messages.json",
        data={"To": PHONE, "From": SENDER, "Body": "1"},
        auth=(account.sid, account.auth_token),
        timeout=5,
    )
    assert response.json()["code"] == 21610
    assert requests.get(f"{process_url}/_messages", timeout=5).json() == []


def control(twilio: TwilioServer, **commands: object) -> requests.Response:
    return requests.post(f"{twilio.url}/_control", json=commands, timeout=5)


def test_modes_and_the_account_are_set_over_http(
    send: Send, get: Send, twilio: TwilioServer
) -> None:
    assert control(twilio, mode="error:21408", to="+447700900999").json() == {"ok": True}
    assert control(twilio, mode="http:503", next=1).ok
    assert control(twilio, mode="empty", on="balance").ok
    assert control(twilio, account={"status": "suspended", "balance": "0.01"}).ok

    assert send().status_code == 503
    assert send().json()["code"] == 20005
    assert send(To="+447700900999").json()["code"] == 21408
    assert get("/Balance.json").json() == {}
    assert control(twilio, reset=True).ok
    assert get("/Balance.json").json()["balance"] == "12.3400"


def test_messages_and_callbacks_are_shown_and_released_over_http(
    send: Send, twilio: TwilioServer, http: requests.Session
) -> None:
    with TwilioServer() as receiving:  # any server will do: it answers 404
        control(twilio, mode="held")
        send(StatusCallback=receiving.url)
        twilio.wait_for_held(3)
        control(twilio, release=True)
    [message] = http.get(f"{twilio.url}/_messages", timeout=5).json()
    assert (message["body"], message["status"]) == ("123456 is your code.", "delivered")
    made = http.get(f"{twilio.url}/_callbacks", timeout=5).json()
    assert [one["response_status"] for one in made] == [404, 404, 404]
    assert http.get(f"{twilio.url}/_violations", timeout=5).json() == []


def test_what_it_does_not_understand_is_said(twilio: TwilioServer) -> None:
    assert "write words" in control(twilio, mode="sometimes").json()["error"]
    assert "an account has no ['size']" in control(twilio, account={"size": 1}).json()["error"]
    assert control(twilio, moode="ok").status_code == 400
    form = requests.post(f"{twilio.url}/_control", data={"mode": "ok"}, timeout=5)
    assert form.status_code == 415
