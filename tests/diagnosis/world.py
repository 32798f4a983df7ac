"""A small world in which states really happen: clients at their browsers, phones, providers that
answer over real sockets and report by signed callbacks, operators, and a clock that is moved."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from io import StringIO
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client as Http

from backoffice.audit import log
from backoffice.policy import changes
from clients.models import Client, User
from smsproviders.models import SmsMessage, SmsProvider
from tests.backoffice.operators import operator as make_operator
from tests.backoffice.operators import sign_in as sign_operator_in
from tests.smsproviders.messages import deliver_now, queue
from tests.twilio_server import Behaviour, TwilioServer, held, ok
from tests.twilio_server.callbacks import signature
from tests.twofa import people
from tests.twofa.pages import Person
from tests.twofa.people import BINDING, NUMBER, PASSWORD, app_code
from tests.vonage_server import VonageServer
from twofa import challenges
from twofa.models import Authenticator, Challenge
from twofa.results import SendRefused, Started
from twofa.vocabulary import FactorKind, Purpose

PUBLIC_URL = "https://secure.example.com"
HOME, AWAY = "192.0.2.10", "203.0.113.66"
FIREFOX, CURL = "Mozilla/5.0 (X11; Linux) Firefox/145.0", "curl/8.5"
FORM = "application/x-www-form-urlencoded"
SMS, APP = FactorKind.SMS, FactorKind.AUTHENTICATOR


@dataclass
class World:
    fixtures: pytest.FixtureRequest
    clock: time_machine.Traveller
    codes: dict[str, str] = field(default_factory=dict)

    # Time

    def wait(self, seconds: float = 0, *, minutes: float = 0, hours: float = 0) -> None:
        self.clock.shift(timedelta(seconds=seconds, minutes=minutes, hours=hours))

    # Clients

    def client(
        self,
        email: str = "ann@example.com",
        *,
        sms: str | None = NUMBER,
        app: bool = False,
        phone: str = NUMBER,
        language: str = "en",
    ) -> User:
        """With SMS confirmation of the number `sms`, and the authenticator if wanted."""
        user = people.client(email, password=PASSWORD, language=language)
        Client.objects.filter(user=user).update(phone=phone)
        if sms:
            people.sms(user, sms)
        if app:
            people.authenticator(user)
        self.wait(60)
        return user

    def operator(self, *groups: str) -> User:
        return make_operator(f"op{User.objects.count()}@example.com", groups=groups)

    def app_of(self, user: User, *, confirmed: bool = True) -> Authenticator:
        device: Authenticator = Authenticator.objects.get(user=user, confirmed=confirmed)
        return device

    def at_browser(self, *, address: str = HOME, browser: str = FIREFOX) -> Person:
        return Person(REMOTE_ADDR=address, HTTP_USER_AGENT=browser)

    def signed_in_by_app(self, user: User, **place: str) -> Person:
        person = self.at_browser(**place).sign_in(user.email)
        if SMS in self._offered_first(user):
            person.open("/sign-in/other/").press("way", APP.value)
        person.submit("code", app_code(self.app_of(user)))
        assert person.path.startswith("/security"), person.html
        self.wait(60)
        return person

    def signed_in_by_sms(self, user: User, **place: str) -> Person:
        person = self.at_browser(**place).sign_in(user.email)
        self.delivered_to(user)
        self.wait(10)
        person.submit("code", self.code_of(user))
        assert person.path.startswith("/security"), person.html
        self.wait(60)
        return person

    def types_at_app(self, user: User, *, steps: int = 0) -> str:
        """A code of the app, whose clock is so many steps ahead, at the sign-in page."""
        return self.types(user, app_code(self.app_of(user), steps=steps), APP)

    def types(
        self,
        user: User,
        code: str,
        factor: FactorKind = SMS,
        *,
        address: str = HOME,
        purpose: Purpose = Purpose.SIGN_IN,
    ) -> str:
        """What came of it."""
        with people.asking_from(address):
            return str(people.try_code(user, code, factor, purpose=purpose))

    def opens_the_app_page(self, user: User) -> None:
        started = challenges.start(user, factor=APP, purpose=Purpose.SIGN_IN, binding=BINDING)
        assert isinstance(started, Started)

    # Codes by SMS

    def asks(
        self, user: User, *, purpose: Purpose = Purpose.SIGN_IN, address: str = HOME
    ) -> Started | SendRefused:
        with people.asking_from(address):
            return challenges.start(user, factor=SMS, purpose=purpose, binding=BINDING)

    def sends(
        self, user: User, *, turns: int = 1, purpose: Purpose = Purpose.SIGN_IN
    ) -> SmsMessage:
        """He asks, and a worker takes it; `turns`: as often as it comes up again."""
        started = self.asks(user, purpose=purpose)
        assert isinstance(started, Started), started
        return self.delivers(self.message_of(user), turns=turns)

    def delivers(self, message: SmsMessage, *, turns: int = 1) -> SmsMessage:
        for _ in range(turns):
            message = deliver_now(message)
        return message

    def worker_takes_all(self) -> None:
        for message in SmsMessage.objects.filter(finished_at=None, accepted_at=None):
            deliver_now(message)

    def message_of(self, user: User) -> SmsMessage:
        newest = Challenge.objects.filter(user=user, factor=SMS).latest("id")
        return SmsMessage.objects.filter(reference=str(newest.pk)).latest("id")

    def code_of(self, user: User) -> str:
        return Challenge.objects.filter(user=user, factor=SMS).exclude(code="").latest("id").code

    def delivered_to(self, user: User, *, after: float = 4) -> SmsMessage:
        """The newest message goes out, and its receipt comes."""
        message = self.delivers(self.message_of(user))
        self.wait(after)
        return self.reports(message, "delivered")

    def sends_and_delivers(self, user: User, *, after: float = 4) -> SmsMessage:
        assert isinstance(self.asks(user), Started)
        return self.delivered_to(user, after=after)

    def signs_in(self, user: User) -> None:
        """By SMS, as on a good day."""
        self.sends_and_delivers(user)
        self.wait(10)
        assert self.types(user, self.code_of(user)) == "accepted"
        self.wait(60)

    def others(
        self,
        count: int,
        *,
        receipt_after: float | None = 4,
        prefix: str = "+3368888",
        sent: bool = False,
    ) -> None:
        """Messages of other clients; None: without a receipt. `sent`: the network has them."""
        numbers = [f"{prefix}{index:04}" for index in range(count)]
        messages = [
            deliver_now(queue(number=number, reference=number, lives=600)) for number in numbers
        ]
        if sent:
            for message in messages:
                self.reports(message, "sent")
        if receipt_after is not None:
            self.wait(receipt_after)
            for message in messages:
                self.reports(message, "delivered")

    # Providers

    @property
    def twilio(self) -> TwilioServer:
        server: TwilioServer = self.fixtures.getfixturevalue("twilio")
        return server

    @property
    def vonage(self) -> VonageServer:
        server: VonageServer = self.fixtures.getfixturevalue("vonage")
        return server

    def with_twilio(self, **fields: Any) -> SmsProvider:
        """Its reports are posted by `reports`, when the case says so."""
        self.twilio.behave(ok().calling(held()))
        provider: SmsProvider = self.fixtures.getfixturevalue("make_twilio_provider")(**fields)
        return provider

    def with_vonage(self, **fields: Any) -> SmsProvider:
        assert self.vonage
        provider: SmsProvider = self.fixtures.getfixturevalue("make_vonage_provider")(**fields)
        return provider

    def twilio_behaves(self, behaviour: Behaviour) -> None:
        self.twilio.behave(behaviour.calling(held()))

    def reports(self, message: SmsMessage, status: str, code: str = "") -> SmsMessage:
        """Twilio's signed report of the newest call."""
        attempt = message.attempts.latest("number")
        assert attempt.provider
        address = f"/sms/reports/{attempt.provider.name}/?attempt={attempt.pk}"
        account = self.twilio.account
        form = {
            "MessageSid": attempt.provider_message_id,
            "MessageStatus": status,
            "AccountSid": account.sid,
            **({"ErrorCode": code} if code else {}),
        }
        answer = self.posts(address, form, token=account.auth_token)
        assert answer.status_code == 204
        message.refresh_from_db()
        return message

    def posts(self, address: str, form: dict[str, str], *, token: str) -> HttpResponse:
        signed = signature(PUBLIC_URL + address, form, token)
        answer: Any = Http().post(
            address,
            urlencode(form),
            content_type=FORM,
            headers={"X-Twilio-Signature": signed},
        )
        return answer  # type: ignore[no-any-return]

    def undelivered(self, user: User, code: str | int) -> SmsMessage:
        """Sent, taken, and reported as not delivered for that reason."""
        message = self.sends(user)
        self.wait(3)
        return self.reports(message, "undelivered", str(code))

    # Operators

    def policy(self, **texts: str) -> None:
        changes.change(texts, actor=log.SYSTEM)

    # The diagnosis

    def diagnosed(self, user: User) -> dict[str, Any]:
        """What `diagnose EMAIL --json` prints."""
        told = StringIO()
        call_command("diagnose", user.email, "--json", stdout=told)
        found: dict[str, Any] = json.loads(told.getvalue())
        return found

    def shown(self, user: User) -> str:
        """The verdict on the client's page."""
        http = Http()
        sign_operator_in(http, self.operator("Administrator"))
        client = Client.objects.get(user=user)
        html = http.get(f"/admin/clients/client/{client.pk}/settings/").content.decode()
        return html.split('data-verdict="', 1)[1].split('"', 1)[0]

    def _offered_first(self, user: User) -> list[FactorKind]:
        from twofa import factors

        return list(factors.offered(user))[:1]
