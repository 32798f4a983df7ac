"""A forgotten password: a link by e-mail, which proves the mailbox and nothing more."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth import authenticate
from django.db import connection
from django.http import HttpResponse
from django.test import Client as Http
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.audit.models import AuditEvent, Outcome
from clients import people as clients_people
from clients import purging
from clients.models import ClientStatus, PasswordLink, ResetRequest, User, UserSession
from tests.services.threads import run_together
from tests.twofa import people
from tests.twofa.pages import Person, signed_in_by_app
from tests.twofa.people import PASSWORD
from twofa import notice_sending, password_choosing, password_resets, tasks
from twofa.models import Notice, VerificationState

FORGOT, SENT, CHOOSE = "/sign-in/forgot/", "/sign-in/forgot/sent/", "/password/"
NEW = "a quite new pass phrase"
SetPolicy = Callable[..., None]


@pytest.fixture
def ann(db: None) -> User:
    return people.client(password=PASSWORD)


def ask(email: str, *, person: Person | None = None) -> Person:
    """By the page, and what a worker makes of it."""
    asked = (person or Person()).open(FORGOT).submit("email", email)
    password_resets.sweep()
    return asked


def link_to(user: User) -> str:
    """The path of the newest e-mail's link."""
    rows = Notice.objects.filter(user=user, kind__in=["password_reset", "invited"])
    link: str = json.loads(rows.order_by("-id")[0].context)["link"]
    return "/password/" + link.partition("/password/")[2]


def links_sent(user: User) -> int:
    return Notice.objects.filter(user=user, kind="password_reset").count()


def fill_in(person: Person, new: str = NEW) -> Person:
    return person.submit("new_password", new, repeated=new)


def knows(user: User, password: str) -> bool:
    request = RequestFactory().post("/")
    return authenticate(request, email=user.email, password=password) is not None


class TestAsking:
    def test_from_the_sign_in_page_to_a_password_that_works(self, ann: User) -> None:
        person = Person().open("/sign-in/")
        assert FORGOT in person.html
        assert ask("  ANN@Example.com ", person=person).path == SENT
        person.open(link_to(ann))
        assert person.path == CHOOSE
        assert ann.email in person.page.text("password-for")
        fill_in(person)
        assert person.path == "/sign-in/"
        assert "Sign in with it now" in person.page.text("message")
        assert (knows(ann, NEW), knows(ann, PASSWORD)) == (True, False)
        assert Person().sign_in(ann.email, NEW).path == "/security/"

    def test_the_e_mail_says_it_in_words(self, ann: User, mailoutbox: list[Any]) -> None:
        ask(ann.email)
        path = link_to(ann)
        notice_sending.sweep()
        (mail,) = mailoutbox
        assert "choose a new password" in mail.subject
        assert path in mail.body
        assert "60 minutes" in mail.body

    def test_s30_the_page_looks_nobody_up_and_answers_alike(self, ann: User) -> None:
        blocked = people.client("blocked@example.com", password=PASSWORD)
        User.objects.filter(pk=blocked.pk).update(is_active=False)
        desk = people.operator()
        answers = []
        for email in (ann.email, "nobody@example.com", blocked.email, desk.email):
            person = Person().open(FORGOT)
            with CaptureQueriesContext(connection) as seen:
                person.submit("email", email)
            shapes = [query["sql"].partition(" ")[0] for query in seen]
            assert not any("clients_user" in query["sql"] for query in seen)
            answers.append((person.response.status_code, person.path, bare(person), shapes))
        assert answers.count(answers[0]) == 4
        assert ResetRequest.objects.count() == 4

    def test_blocked_closed_and_unknown_get_no_e_mail(self, ann: User) -> None:
        ann.client.status = ClientStatus.CLOSED
        ann.client.save()
        assert ask(ann.email).path == SENT
        assert ask("nobody@example.com").path == SENT
        assert not PasswordLink.objects.exists()
        assert not Notice.objects.exists()
        events = AuditEvent.objects.filter(action="twofa.password_reset_asked").order_by("id")
        assert [(event.subject, event.facts) for event in events] == [
            (f"user:{ann.pk}", {"refused": "closed"}),
            ("", {"refused": "unknown"}),
        ]

    def test_a_stranger_cannot_flood_a_mailbox(self, ann: User) -> None:
        for _ in range(5):
            ask(ann.email)
        assert links_sent(ann) == 3
        assert Person().open(link_to(ann)).response.status_code == 200  # the newest works on
        for hours in range(1, 6):
            with time_machine.travel(timezone.now() + timedelta(hours=hours, minutes=1)):
                for _ in range(3):
                    password_resets.ask(ann.email)
                password_resets.sweep()
        assert links_sent(ann) == password_resets.SENT_A_DAY

    def test_s10_a_stranger_who_asks_all_day_keeps_no_client_from_a_new_password(
        self, ann: User
    ) -> None:
        at_home = Person().sign_in(ann.email)
        del at_home.http.cookies[settings.SESSION_COOKIE_NAME]
        for hours in range(5):
            with time_machine.travel(timezone.now() + timedelta(hours=hours, minutes=hours)):
                for _ in range(4):
                    password_resets.ask(ann.email)
                password_resets.sweep()
        with time_machine.travel(timezone.now() + timedelta(hours=9)):
            ask(ann.email, person=Person(REMOTE_ADDR="198.51.100.7"))
            assert links_sent(ann) == password_resets.SENT_A_DAY
            ask(ann.email, person=at_home)
            assert links_sent(ann) == password_resets.SENT_A_DAY + 1

    def test_one_network_asks_so_often_whatever_it_names(self, set_policy: SetPolicy) -> None:
        set_policy(password_resets_address_hour="2")
        ask("a@example.com")
        ask("b@example.com")
        refused = ask("c@example.com")
        assert refused.response.status_code == 429
        assert "Wait an hour" in refused.page.text("error")
        elsewhere = Person(REMOTE_ADDR="198.51.100.7")
        assert ask("c@example.com", person=elsewhere).path == SENT

    def test_what_is_no_address_is_told(self, db: None) -> None:
        for text in ("", "nobody", "a@b", "x" * 300 + "@example.com", "a\x00@example.com"):
            person = Person().open(FORGOT).submit("email", text)
            assert person.path == FORGOT
            assert person.page.marked["error"]
        assert not ResetRequest.objects.exists()

    def test_a_lost_task_is_made_good_and_one_that_comes_twice_sends_once(self, ann: User) -> None:
        password_resets.ask(ann.email)
        key = ResetRequest.objects.get().pk
        tasks.sweep_notices()
        tasks.answer_reset_request(str(key))
        assert links_sent(ann) == 1
        assert ResetRequest.objects.get().asked == ""

    def test_one_that_cannot_be_answered_stops_neither_the_others_nor_the_notices(
        self, ann: User, mailoutbox: list[Any]
    ) -> None:
        for asked in ('{"email": "a@b.example", "context": {"of": "another version"}}', "no JSON"):
            ResetRequest.objects.create(asked=asked)
        password_resets.ask(ann.email)
        with connection.cursor() as cursor:
            spoilt = ResetRequest.objects.create(asked="x").pk
            cursor.execute("UPDATE clients_resetrequest SET asked = 'x' WHERE id = %s", [spoilt])
        password_resets.ask("other@example.com")
        tasks.sweep_notices()
        assert links_sent(ann) == 1
        assert len(mailoutbox) == 1
        assert ResetRequest.objects.filter(handled_at=None).count() == 3

    def test_what_nobody_answered_in_an_hour_is_left_and_goes(self, ann: User) -> None:
        password_resets.ask(ann.email)
        with time_machine.travel(timezone.now() + timedelta(hours=2)):
            password_resets.sweep()
        assert links_sent(ann) == 0
        with time_machine.travel(timezone.now() + timedelta(days=2)):
            purging.purge()
        assert not ResetRequest.objects.exists()

    def test_s49_after_an_operator_changed_the_address_there_is_no_link_for_a_day(
        self, ann: User
    ) -> None:
        clients_people.change_contact(
            ann.client,
            email="thief@example.com",
            phone="",
            operator=people.operator(group="Administrator"),
            reason="asked",
        )
        ask("thief@example.com")
        assert not PasswordLink.objects.exists()
        assert Notice.objects.get(kind="password_reset_held").to == "thief@example.com"
        with time_machine.travel(timezone.now() + timedelta(hours=25)):
            ask("thief@example.com")
        assert PasswordLink.objects.count() == 1


class TestFollowing:
    def test_s84_the_token_leaves_the_address_at_once_and_goes_to_nobody(self, ann: User) -> None:
        ask(ann.email)
        path = link_to(ann)
        answer = Http().get(path)
        assert (answer.status_code, answer["Location"]) == (302, CHOOSE)
        assert answer["Referrer-Policy"] == "no-referrer"
        assert "no-store" in answer["Cache-Control"]
        token = path.split("/")[2]
        assert token not in PasswordLink.objects.get().token_digest
        assert token not in Person().open(path).html

    def test_s44_get_and_head_change_nothing(self, ann: User) -> None:
        ask(ann.email)
        path = link_to(ann)
        before = (PasswordLink.objects.values().get(), User.objects.values().get())
        for method in ("get", "head", "get"):
            http = Http()
            assert getattr(http, method)(path).status_code == 302
            assert getattr(http, method)(CHOOSE).status_code == 200
        assert before == (PasswordLink.objects.values().get(), User.objects.values().get())
        assert Http().post(path).status_code == 405

    def test_a_link_that_does_not_work_looks_the_same_whatever_it_is(self, ann: User) -> None:
        ask(ann.email)
        used = link_to(ann)
        fill_in(Person().open(used))
        ask(ann.email)
        replaced = link_to(ann)
        ask(ann.email)
        expired = link_to(ann)
        seen = set()
        with time_machine.travel(timezone.now() + timedelta(minutes=61)):
            for path in (
                used,
                replaced,
                expired,
                "/password/x/",
                "/password/" + "é%2e" * 300 + "/",
            ):
                person = Person().open(path)
                assert "Get a new link" in person.html
                seen.add((person.path, person.response.status_code, bare(person)))
        ((path, status, _),) = seen
        assert (path, status) == (CHOOSE, 410)

    def test_it_dies_with_a_sign_in_a_changed_password_and_a_block(self, ann: User) -> None:
        def newest_works() -> bool:
            return Person().open(link_to(ann)).response.status_code == 200

        ask(ann.email)
        assert newest_works()
        Person().sign_in(ann.email)
        assert not newest_works()
        ask(ann.email)
        assert newest_works()
        User.objects.filter(pk=ann.pk).update(is_active=False)
        assert not newest_works()
        User.objects.filter(pk=ann.pk).update(is_active=True, password="md5$x$y")
        assert not newest_works()

    def test_a_link_opened_before_it_died_sets_nothing(self, ann: User) -> None:
        ask(ann.email)
        person = Person().open(link_to(ann))
        ask(ann.email)
        assert fill_in(person).response.status_code == 410
        assert knows(ann, PASSWORD)

    def test_two_accounts_in_one_browser_are_not_mixed_up(self, ann: User) -> None:
        bob = people.client("bob@example.com", password=PASSWORD)
        ask(ann.email)
        ask(bob.email)
        person = Person().open(link_to(ann))
        person.http.get(link_to(bob))
        assert fill_in(person).response.status_code == 410
        assert knows(ann, PASSWORD)
        assert knows(bob, PASSWORD)


class TestChoosing:
    def test_the_rules_are_told_in_words(self, ann: User) -> None:
        ask(ann.email)
        person = fill_in(Person().open(link_to(ann)), "12345")
        assert "too short" in person.page.text("error")
        assert "12345" not in person.html
        person.submit("new_password", NEW, repeated=NEW + "x")
        assert "differ" in person.html
        assert fill_in(person).path == "/sign-in/"

    def test_s23_it_never_passes_the_second_factor(self, ann: User) -> None:
        people.authenticator(ann)
        ask(ann.email)
        person = fill_in(Person().open(link_to(ann)))
        assert not UserSession.objects.exists()
        assert person.open("/security/").path.startswith("/sign-in/")
        assert person.sign_in(ann.email, NEW).path == "/sign-in/verify/"

    def test_s23_an_operator_still_needs_the_second_factor(self, db: None) -> None:
        desk = people.operator()
        desk.set_password(PASSWORD)
        desk.save()
        people.authenticator(desk)
        ask(desk.email)
        person = fill_in(Person().open(link_to(desk)))
        assert person.open("/admin/").path.startswith("/sign-in/")
        assert person.sign_in(desk.email, NEW).path == "/sign-in/verify/"

    def test_s08_locks_and_counters_of_codes_stay(self, ann: User) -> None:
        device = people.authenticator(ann)
        for _ in range(5):
            people.try_code(ann, people.wrong_app_code(device))
        before = VerificationState.objects.values().get()
        ask(ann.email)
        fill_in(Person().open(link_to(ann)))
        assert VerificationState.objects.values().get() == before
        assert before["locked_until"]

    def test_s29_a_half_sign_in_dies_and_every_session_ends(self, ann: User) -> None:
        inside, device = signed_in_by_app(ann)
        half = Person().sign_in(ann.email)
        ask(ann.email)
        fill_in(Person().open(link_to(ann)))
        half.submit("code", people.app_code(device))
        assert half.path == "/sign-in/"
        assert inside.open("/security/").path.startswith("/sign-in/")
        assert Notice.objects.filter(user=ann, kind="password_changed").count() == 1
        event = AuditEvent.objects.get(action="twofa.password_chosen")
        assert event.facts == {"purpose": "reset", "sessions_ended": 1}

    def test_s01_one_link_in_20_threads_sets_one_password(self, transactional_db: None) -> None:
        user = people.client(password=PASSWORD)
        password_resets.ask(user.email)
        password_resets.sweep()
        key = PasswordLink.objects.get().pk
        found = run_together(20, lambda number: password_choosing.choose(key, f"{NEW} {number}"))
        (chosen,) = [number for number, result in enumerate(found) if result is not None]
        assert isinstance(found[chosen], User)
        assert knows(user, f"{NEW} {chosen}")
        done = AuditEvent.objects.filter(action="twofa.password_chosen", outcome=Outcome.DONE)
        assert done.count() == 1

    def test_the_pause_for_wrong_passwords_ends_here_and_nowhere_else(
        self, ann: User, settings: Any
    ) -> None:
        settings.AXES_FAILURE_LIMIT = 3
        here, there = Person(), Person(REMOTE_ADDR="198.51.100.7")
        for person in (here, there):
            for _ in range(3):
                person.sign_in(ann.email, "wrong")
            assert person.response.status_code == 429
        ask(ann.email)
        fill_in(here.open(link_to(ann)))
        assert here.sign_in(ann.email, NEW).path == "/security/"
        assert there.sign_in(ann.email, NEW).response.status_code == 429

    def test_who_is_signed_in_with_the_same_account_signs_in_again(self, ann: User) -> None:
        person, _device = signed_in_by_app(ann)
        ask(ann.email, person=person)
        fill_in(person.open(link_to(ann)))
        assert person.path == "/sign-in/"
        assert "Sign in with it now" in person.page.text("message")

    def test_who_is_signed_in_with_another_account_is_told_and_stays(self, ann: User) -> None:
        bob = people.client("bob@example.com", password=PASSWORD)
        person, _device = signed_in_by_app(bob)
        ask(ann.email)
        person.open(link_to(ann))
        assert bob.email in person.page.text("signed-in-as")
        fill_in(person)
        assert person.path == "/security/"
        assert f"still signed in as {bob.email}" in person.page.text("message")
        assert knows(ann, NEW)
        assert knows(bob, PASSWORD)


def bare(person: Person) -> str:
    """The page without what is new each time."""
    return without_tokens(person.response)


def without_tokens(answer: HttpResponse) -> str:
    lines = answer.content.decode().splitlines()
    return "\n".join(line for line in lines if "csrfmiddlewaretoken" not in line)
