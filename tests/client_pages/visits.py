"""How a page of the clients is reached: a visitor with a language, and what the server answered."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import translation

from backoffice.policy import stored
from clients.models import User
from smsproviders.models import SmsMessage
from tests.twofa import people
from tests.twofa.pages import Person, code_by_sms, next_code_please
from tests.twofa.people import PASSWORD
from twofa import incident_banner
from twofa.models import Authenticator, SupportRequest

NUMBER = "+33612345678"
EMAIL = "ann@example.com"


@dataclass
class Visit:
    """One client and one browser. `language`: of the profile and of the browser."""

    language: str = "en"
    user: User = field(init=False)

    def __post_init__(self) -> None:
        self.user = people.client(EMAIL, language=self.language, password=PASSWORD)

    def person(self) -> Person:
        agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
        return Person(headers={"accept-language": self.language, "user-agent": agent})

    def at_sign_in(self) -> Person:
        return self.person().open("/sign-in/")

    def after_password(self) -> Person:
        """At the page that the password leads to; the factors must be there."""
        return self.person().sign_in(EMAIL)

    def at_sms_code(self) -> Person:
        people.sms(self.user, NUMBER)
        return self.after_password()

    def at_app_code(self) -> tuple[Person, Authenticator]:
        device = people.authenticator(self.user)
        return self.after_password(), device

    def signed_in(self) -> Person:
        """By an authenticator, whose code may be used again; with recovery codes and SMS."""
        device = people.authenticator(self.user)
        people.codes(self.user)
        person = self.after_password()
        person.submit("code", people.app_code(device))
        next_code_please(device)
        people.sms(self.user, NUMBER)
        return person

    def signed_in_without_factor(self) -> Person:
        return self.after_password()

    def code(self) -> str:
        return code_by_sms(self.user)

    def delivery(self, **changes: Any) -> None:
        """What became of the message."""
        SmsMessage.objects.update(**changes)

    def lost_request(self) -> SupportRequest:
        return SupportRequest.objects.get(user=self.user)

    def device(self) -> Authenticator:
        return Authenticator.objects.get(user=self.user)


@dataclass(frozen=True, slots=True)
class State:
    """A page in a state. `name` is that of a file, too.

    `is_further`: the page is there already, in a state that differs little.
    """

    name: str
    title: str
    group: str
    arrive: Callable[[Visit], Person]
    is_further: bool = False


STATES: dict[str, State] = {}
Arrival = Callable[[Visit], Person]


def state(group: str, title: str, *, further: bool = False) -> Callable[[Arrival], Arrival]:
    """Registers what follows as a state that is named like the function."""

    def register(arrive: Arrival) -> Arrival:
        name = arrive.__name__.replace("_", "-")
        if name in STATES:
            raise ValueError(f"two states are named {name}")
        STATES[name] = State(name, title, group, arrive, further)
        return arrive

    return register


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server sent."""

    state: State
    language: str
    path: str
    status: int
    html: str
    headers: dict[str, str]
    templates: frozenset[str]


def answer_of(state: State, *, language: str = "en") -> Answer:
    """Reach the state and read the page; nothing of it is left in the database."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # the product's durable transactions may stand in it
    with block, _forgetting(), translation.override(language):
        person = state.arrive(Visit(language))
        response = person.response
        answer = Answer(
            state,
            language,
            person.path or "/",
            response.status_code,
            response.content.decode(),
            dict(response.headers),
            frozenset(one.name for one in getattr(response, "templates", ()) if one.name),
        )
        transaction.set_rollback(True)
    return answer


@contextlib.contextmanager
def _forgetting() -> Iterator[None]:
    """What is kept in memory of a database that will not have been."""
    stored.forget()
    incident_banner.forget()
    try:
        yield
    finally:
        stored.forget()
        incident_banner.forget()
