"""Requests and answers held against a description, Twilio's own where it is present."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from twilio.rest import Client

from tests.test_twilio_server.conftest import PHONE, SENDER
from tests.test_twilio_server.sdk import RewritingHttpClient
from tests.twilio_server import DescriptionNotFound, TwilioServer

MESSAGES = "/2010-04-01/Accounts/{AccountSid}/Messages.json"
SID = {"name": "AccountSid", "in": "path", "required": True, "schema": {"type": "string"}}
DESCRIPTION = {
    "openapi": "3.0.1",
    "info": {"title": "A small one of our own", "version": "1"},
    "servers": [{"url": "https://api.twilio.com"}],
    "paths": {
        MESSAGES: {
            "post": {
                "parameters": [SID],
                "requestBody": {
                    "content": {
                        "application/x-www-form-urlencoded": {
                            "schema": {
                                "type": "object",
                                "required": ["To"],
                                "properties": {
                                    "To": {"type": "string"},
                                    "From": {"type": "string"},
                                    "Body": {"type": "string"},
                                    "Attempt": {"type": "integer", "maximum": 3},
                                },
                            }
                        }
                    }
                },
                "responses": {
                    "201": {
                        "description": "It claims a key that the answer does not have.",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "additionalProperties": True,
                                    "properties": {"surprise": {"type": "string"}},
                                }
                            }
                        },
                    }
                },
            }
        }
    },
}


@pytest.fixture
def described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TwilioServer]:
    """A server that goes by the small description above."""
    path = tmp_path / "description.json"
    path.write_text(json.dumps(DESCRIPTION))
    monkeypatch.setenv("TWILIO_OPENAPI", str(path))
    with TwilioServer() as server:
        yield server


def post(server: TwilioServer, form: dict[str, str]) -> requests.Response:
    return requests.post(
        f"{server.url}{server.account.uri}/Messages.json",
        data=form,
        auth=(server.account.sid, server.account.auth_token),
        timeout=5,
    )


def test_a_request_against_the_description_is_refused_and_recorded(
    described: TwilioServer,
) -> None:
    response = post(described, {"To": PHONE, "From": SENDER, "Body": "1", "Attempt": "4"})
    assert (response.status_code, response.json()["code"]) == (400, 20001)
    [violation] = described.violations
    assert violation.where == "request"
    assert "maximum" in violation.problem
    assert described.messages == []


def test_a_violation_with_a_code_of_its_own_is_answered_with_it(described: TwilioServer) -> None:
    response = post(described, {"From": SENDER, "Body": "1"})
    assert (response.status_code, response.json()["code"]) == (400, 21604)
    assert described.violations


def test_an_answer_against_the_description_is_recorded(described: TwilioServer) -> None:
    assert post(described, {"To": PHONE, "From": SENDER, "Body": "1"}).status_code == 201
    [violation] = described.violations
    assert violation.where == "answer"
    assert "surprise" in violation.problem


def test_a_path_beyond_the_description_is_not_judged(described: TwilioServer) -> None:
    account = described.account
    response = requests.get(
        f"{described.url}{account.uri}/Balance.json",
        auth=(account.sid, account.auth_token),
        timeout=5,
    )
    assert response.status_code == 200
    assert described.violations == []


def test_a_missing_description_is_a_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_OPENAPI", str(tmp_path / "nowhere.json"))
    with pytest.raises(DescriptionNotFound, match=r"TWILIO_OPENAPI names .*nowhere\.json"):
        TwilioServer()


@pytest.mark.skipif(not os.environ.get("TWILIO_OPENAPI"), reason="needs TWILIO_OPENAPI")
def test_all_answers_have_exactly_the_shape_that_twilio_describes(
    client: Client, twilio: TwilioServer
) -> None:
    created = client.messages.create(
        to=PHONE, messaging_service_sid=twilio.account.services[0], body="1"
    )
    twilio.wait_until_idle()
    client.messages(created.sid).fetch()
    client.messages.list(to=PHONE)
    client.balance.fetch()
    client.api.accounts(twilio.account.sid).fetch()
    twilio.assert_no_violations()


@pytest.mark.skipif(not os.environ.get("TWILIO_OPENAPI"), reason="needs TWILIO_OPENAPI")
def test_a_wrong_id_of_a_service_violates_twilios_description(twilio: TwilioServer) -> None:
    response = post(twilio, {"To": PHONE, "Body": "1", "MessagingServiceSid": "MG1"})
    assert response.json()["code"] == 21705
    assert twilio.violations


def test_the_rewriting_client_keeps_path_and_query(twilio: TwilioServer) -> None:
    http_client = RewritingHttpClient(twilio.url)
    http_client.request("GET", "https://messaging.twilio.com/v1/Services/MG1?a=b")
    [request] = twilio.requests
    assert (request.path, request.query) == ("/v1/Services/MG1", {"a": "b"})
    http_client.session.close()
