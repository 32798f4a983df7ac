"""Every row of every backend's table of errors leads to its cause as the verdict.

As an answer to the call, where the provider answers so; in a report, where it is reported. The
provider is alone, so that nothing else carries the message on.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client as Http
from pytest_django.fixtures import Settings

from clients.models import User
from smsproviders import accounts
from smsproviders.backends.generic_http import errors as http_errors
from smsproviders.backends.generic_http.error_classes import CLASSES, ErrorClass
from smsproviders.backends.twilio import errors as twilio_errors
from smsproviders.backends.vonage import errors as vonage_errors
from smsproviders.models import SmsProvider
from smsproviders.vocabulary import Verdict
from tests.diagnosis import report
from tests.diagnosis.case import Kind
from tests.diagnosis.report import Result
from tests.diagnosis.test_scenarios import assert_it_can_be_told
from tests.diagnosis.world import World
from tests.http_gateway import HttpGateway, hang, redirect, says, signed
from tests.http_gateway.behaviours import Behaviour as GatewayBehaviour
from tests.smsproviders.conftest import MakeProvider
from tests.smsproviders.test_vonage_sending import LONG
from tests.twilio_server import (
    Behaviour,
    accept_then_drop,
    empty_answer,
    http_error,
    twilio_error,
)
from tests.vonage_server import on_the_wire, receipt, refusing

ANSWER, REPORT = "answer", "report"
NOWHERE, FORBIDDEN = "http://127.0.0.1:1", "https://elsewhere.example"
SECRET = "the secret of the reports"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Row:
    backend: str
    code: str
    how: str
    verdict: Verdict

    @property
    def name(self) -> str:
        return f"{self.backend} {self.code}, {self.how}"


def rows() -> Iterator[Row]:
    for code, verdict in twilio_errors.ERRORS.items():
        yield Row("twilio", code, REPORT if code.startswith("3") else ANSWER, verdict)
    for code, verdict in vonage_errors.ERRORS.items():
        yield Row("vonage", code, REPORT if code.startswith("dlr-") else ANSWER, verdict)
    for code, verdict in http_errors.ERRORS.items():
        yield Row("http", code, ANSWER, verdict)
    for name, verdict in CLASSES.items():
        yield Row("http", name, ANSWER, verdict)
        # In a report these are no end: it is sent once more, and taken.
        if name not in {ErrorClass.NEXT, ErrorClass.RETRY, ErrorClass.NOT_CONFIRMED}:
            yield Row("http", name, REPORT, verdict)


ROWS = list(rows())


def asked_about(row: Row, world: World, user: User) -> None:
    told = world.diagnosed(user)
    found = told["verdict"]
    report.keep(Result(Kind.ROW, row.name, (row.verdict.cause,), (found,)))
    assert found == row.verdict.cause, told["findings"]
    assert_it_can_be_told(told["findings"][0])
    assert row.code[:20] in str(told["findings"][0]["evidence"]), "the code itself, to look it up"


def carried_on(world: World, user: User) -> None:
    """Until nothing follows."""
    message = world.message_of(user)
    for _ in range(4):
        message = world.delivers(message)


class TestTwilio:
    ON_THE_WIRE: dict[str, Behaviour] = {
        twilio_errors.NO_ANSWER: accept_then_drop(),
        twilio_errors.UNUSABLE_ANSWER: empty_answer(),
        twilio_errors.SERVER_ERROR: http_error(503),
    }
    ADDRESSES = {twilio_errors.UNREACHABLE: NOWHERE, twilio_errors.ADDRESS_REFUSED: FORBIDDEN}

    @pytest.mark.parametrize(
        "row", [row for row in ROWS if row.backend == "twilio"], ids=lambda row: row.name
    )
    def test_each_row_is_the_verdict(self, row: Row, world: World, settings: Settings) -> None:
        world.with_twilio()
        ann = world.client()
        if row.how == REPORT:
            world.undelivered(ann, row.code)
        else:
            self.answers(row, world, settings)
            world.sends(ann)
        carried_on(world, ann)
        asked_about(row, world, ann)

    def answers(self, row: Row, world: World, settings: Settings) -> None:
        if row.code in self.ADDRESSES:
            settings.TWILIO_API_URL = self.ADDRESSES[row.code]
            return
        behaviour = self.ON_THE_WIRE.get(row.code) or twilio_error(int(row.code))
        world.twilio_behaves(behaviour.accepting(False))


class TestVonage:
    ON_THE_WIRE = {
        "no-answer": on_the_wire(accept_then_drop()),
        "unusable-answer": on_the_wire(empty_answer()),
        "server-error": on_the_wire(http_error(503)),
        "partly-taken": refusing("0", "1"),
    }
    ADDRESSES = {"unreachable": NOWHERE, "address-refused": FORBIDDEN}

    @pytest.mark.parametrize(
        "row", [row for row in ROWS if row.backend == "vonage"], ids=lambda row: row.name
    )
    def test_each_row_is_the_verdict(
        self, row: Row, world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.with_vonage()
        ann = world.client()
        if row.code == "partly-taken":
            monkeypatch.setattr("twofa.texts.sms_body", lambda *_, **__: LONG)
        if row.how == REPORT:
            world.sends(ann)
            self.reports(row, world)
        else:
            self.answers(row, world, settings)
            world.sends(ann)
        carried_on(world, ann)
        asked_about(row, world, ann)

    def answers(self, row: Row, world: World, settings: Settings) -> None:
        if row.code in self.ADDRESSES:
            settings.VONAGE_API_URL = self.ADDRESSES[row.code]
            return
        world.vonage.behave(self.ON_THE_WIRE.get(row.code) or refusing(row.code))

    def reports(self, row: Row, world: World) -> None:
        word = row.code.removeprefix("dlr-")
        status, code = ("failed", word) if word.isdecimal() else (word, "0")
        given = receipt(world.vonage.messages[0], status, code, account=world.vonage.account)
        answer = Http().post("/sms/reports/vonage/", json.dumps(given), JSON)
        assert answer.status_code == 204


class TestGenericHttp:
    BY_HTTP: dict[str, GatewayBehaviour] = {
        "no-answer": hang(),
        "server-error": says(503),
        "unusable-answer": says(200, b"what?"),
        "redirect": redirect("http://127.0.0.1/elsewhere"),
        "http-401": says(401),
        "http-403": says(403),
        "http-402": says(402),
        "http-429": says(429),
        "refused": says(422),
    }
    # Without a code of its own the status of HTTP is kept as one.
    KEPT = {"refused": "http-422"}

    @pytest.fixture
    def provider(self, make_http_provider: MakeProvider) -> SmsProvider:
        """Its map has a code for every class, which is the class's own name."""
        by_code = "\n".join(f"{name} = {name}" for name in ErrorClass)
        return make_http_provider(
            credentials={
                "error_map": by_code,
                "webhook_secret": SECRET,
                "report_error_path": "error",
            }
        )

    @pytest.mark.parametrize(
        "row", [row for row in ROWS if row.backend == "http"], ids=lambda row: row.name
    )
    def test_each_row_is_the_verdict(
        self,
        row: Row,
        world: World,
        provider: SmsProvider,
        gateway: HttpGateway,
        settings: Settings,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("smsproviders.backends.bounded_http.READ_SECONDS", 0.2)
        ann = world.client()
        if row.how == REPORT:
            message = world.sends(ann)
            self.reports(row, message.attempts.get().provider_message_id)
        else:
            self.answers(row, provider, gateway, settings)
            world.sends(ann)
        carried_on(world, ann)
        kept = self.KEPT.get(row.code, row.code)
        asked_about(Row(row.backend, kept, row.how, row.verdict), world, ann)

    def answers(
        self, row: Row, provider: SmsProvider, gateway: HttpGateway, settings: Settings
    ) -> None:
        if row.code == "unreachable":
            self.moved_to(provider, f"{NOWHERE}/messages")
            settings.HTTP_PROVIDER_ALLOWED_HOSTS = [("127.0.0.1", None)]
        elif row.code == "address-not-allowed":
            accounts.backend_for(provider)  # made while it was allowed
            settings.HTTP_PROVIDER_ALLOWED_HOSTS = []
        elif row.code in self.BY_HTTP:
            gateway.behave(self.BY_HTTP[row.code])
        else:
            gateway.behave(says(422, {"error": {"code": row.code}}))

    def moved_to(self, provider: SmsProvider, url: str) -> None:
        provider.credentials = {**provider.credentials, "url": url}
        provider.save()

    def reports(self, row: Row, message_id: str) -> None:
        told: Any = {"id": message_id, "status": "undelivered", "error": row.code}
        post = signed(json.dumps(told).encode(), SECRET)
        answer: Any = Http().post("/sms/reports/gateway/", content_type=JSON, **post)
        assert answer.status_code == 204


def test_no_row_of_any_backend_is_left_out() -> None:
    assert {row.code for row in ROWS if row.backend == "twilio"} == set(twilio_errors.ERRORS)
    assert {row.code for row in ROWS if row.backend == "vonage"} == set(vonage_errors.ERRORS)
    told = {row.code for row in ROWS if row.backend == "http"}
    assert told == {*http_errors.ERRORS, *ErrorClass}
