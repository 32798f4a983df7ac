"""Profile > Security > Activity: what happened, in the client's words, by day."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.audit import log
from backoffice.audit.models import Outcome
from clients.models import User
from tests.twofa import people
from tests.twofa.pages import Person, signed_in_by_app
from tests.twofa.people import PASSWORD, app_code
from twofa import log_actions, resets
from twofa.models.reset import ResetScope
from twofa.password_change import PASSWORD_CHANGED
from twofa.results import ResetDone

ADDRESS = "/security/activity/"


@pytest.fixture
def ann(db: None) -> User:
    return people.client(password=PASSWORD)


def events(person: Person) -> list[str]:
    person.open(ADDRESS)
    return [" ".join(text.split()) for text in person.page.marked.get("event", [])]


def happened(
    user: User, action: log.Action, *, times: int = 1, outcome: Outcome = Outcome.DONE
) -> None:
    actor, subject = log_actions.actor(user), log_actions.subject(user)
    for _ in range(times):
        log.record(action, actor=actor, subject=subject, outcome=outcome)


def test_a_password_that_led_to_no_sign_in_is_told_and_one_that_did_is_not(ann: User) -> None:
    person, _ = signed_in_by_app(ann)
    assert not [line for line in events(person) if "nobody signed in" in line]
    Person(REMOTE_ADDR="198.51.100.9").sign_in(ann.email)
    told = events(person)
    assert "Your password was typed, but nobody signed in" in told[0]
    assert "198.51.100.x" in told[0]
    assert "198.51.100.9" not in person.html


def test_what_confirmed_a_change_and_what_changed_are_told(ann: User) -> None:
    person, device = signed_in_by_app(ann)
    person.open("/security/authenticator/").press("disable").submit("code", app_code(device))
    told = " ".join(events(person))
    assert "Confirmed before a change: Google Authenticator" in told
    assert "Switched off: Google Authenticator" in told


def test_acts_of_support_are_told_without_the_operators_network(ann: User) -> None:
    people.sms(ann)
    desk = people.operator()
    with people.asking_from("203.0.113.77"):
        done = resets.disable(
            ann, ResetScope.ALL, operator=desk, reason="lost the phone", client_request=True
        )
    assert isinstance(done, ResetDone)
    person = Person().sign_in(ann.email)
    assert "Second factor switched off by support" in " ".join(events(person))
    assert "203.0.113" not in person.html


def test_what_was_refused_is_not_told_as_done(ann: User) -> None:
    person, _ = signed_in_by_app(ann)
    happened(ann, PASSWORD_CHANGED, outcome=Outcome.REFUSED)
    happened(ann, log_actions.SEND_REFUSED, outcome=Outcome.REFUSED)
    send, change = events(person)[:2]
    assert "A code by SMS was refused" in send
    assert "(refused)" not in send
    assert "The password was not changed" in change


def test_what_a_stranger_may_have_done_is_asked_about(ann: User) -> None:
    person, _ = signed_in_by_app(ann)
    happened(ann, log_actions.CODE_REFUSED, outcome=Outcome.FAILED)
    wrong, signed_in = events(person)[:2]
    assert "Was this you?" in wrong
    assert "Was this you?" not in signed_in


def test_days_stand_apart_the_newest_first(ann: User) -> None:
    with time_machine.travel(timezone.now() - timedelta(days=2)):
        happened(ann, log_actions.RECOVERY_CODES_MADE)
    person, _ = signed_in_by_app(ann)
    person.open(ADDRESS)
    newest, oldest = person.page.marked["day"]
    assert "Signed in" in newest
    assert "New recovery codes were made" in oldest


def test_older_leads_on_to_the_end_and_newest_back(ann: User) -> None:
    with time_machine.travel(timezone.now() - timedelta(hours=1)):
        happened(ann, log_actions.PASSWORD_REFUSED, times=25)
    person, _ = signed_in_by_app(ann)
    assert len(events(person)) == 20
    older = person.page.attributes["older"]["href"]
    person.open(f"{ADDRESS}{older}")
    assert len(person.page.marked["event"]) == 6
    assert "older" not in person.page.marked
    assert f'href="{ADDRESS}"' in person.html


@pytest.mark.parametrize("wanted", ["nonsense", "ffffffff-ffff-ffff-ffff-ffffffffffff"])
def test_an_address_that_means_no_event_shows_the_newest(ann: User, wanted: str) -> None:
    person, _ = signed_in_by_app(ann)
    assert person.open(f"{ADDRESS}?before={wanted}").page.marked["event"]


def test_a_page_costs_as_many_queries_however_much_happened(ann: User) -> None:
    person, _ = signed_in_by_app(ann)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            person.open(ADDRESS)
        return len(queries)

    person.open(ADDRESS)
    before = cost()
    happened(ann, log_actions.PASSWORD_REFUSED, times=60)
    assert cost() <= before


def test_it_says_what_to_do_when_it_was_not_the_client(ann: User) -> None:
    person, _ = signed_in_by_app(ann)
    person.open(ADDRESS)
    for address in ("/security/password/", "/security/sessions/"):
        assert f'href="{address}"' in person.html
    assert "support" in person.page.text("not-you")
