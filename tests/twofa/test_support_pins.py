"""The support PIN: shown to a signed-in client, read out, typed by one operator, once."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone

from backoffice.audit.models import AuditEvent
from clients.models import User, UserSession
from tests.services.threads import run_together
from tests.twofa import callers, people
from tests.twofa.pages import Page, Person, signed_in_by_app
from tests.twofa.people import PASSWORD
from twofa import caller_checks, resets, support_pins
from twofa.models import CallerCheck, SupportPin
from twofa.models.reset import ResetScope
from twofa.operator_acts import NotDone
from twofa.results import ResetDone
from twofa.support_pins import WrongPin
from twofa.vocabulary import CallerProof, Malformed, OperatorAct


@pytest.fixture
def clock(db: None) -> Iterator["time_machine.Traveller"]:
    # Events have ids by the real clock.
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


@pytest.fixture
def ann(clock: object) -> User:
    return people.client(password=PASSWORD)


@pytest.fixture
def caller(ann: User) -> Person:
    return signed_in_by_app(ann)[0]


@pytest.fixture
def desk(db: None) -> User:
    return people.operator()


def shown(person: Person) -> str:
    person.open("/security/")
    form = next(form for form in person.page.forms if form.action.endswith("/support-pin/"))
    answer = person.http.post(form.action, form.fields)
    return Page(answer.content.decode()).text("support-pin").replace(" ", "")


def wrong(pin: str) -> str:
    return f"{(int(pin) + 1) % 10**6:06d}"


def test_a_pin_identifies_the_caller_to_that_operator_for_a_quarter_of_an_hour(
    ann: User, caller: Person, desk: User, clock: "time_machine.Traveller"
) -> None:
    pin = shown(caller)
    assert len(pin) == 6
    check = support_pins.identify(ann, f"{pin[:3]} {pin[3:]}", operator=desk)
    assert isinstance(check, CallerCheck)
    assert (check.proof, check.factor) == (CallerProof.PIN, "authenticator")
    now = timezone.now
    assert caller_checks.fresh(ann, desk, at=now(), act=OperatorAct.DISABLE_SMS) == check
    assert caller_checks.fresh(ann, people.operator("other@example.com"), at=now()) is None
    clock.shift(timedelta(minutes=15))
    assert caller_checks.fresh(ann, desk, at=now()) is None


def test_it_works_once(ann: User, caller: Person, desk: User) -> None:
    pin = shown(caller)
    support_pins.identify(ann, pin, operator=desk)
    assert support_pins.identify(ann, pin, operator=desk) == WrongPin()


def test_it_dies_after_ten_minutes(
    ann: User, caller: Person, desk: User, clock: "time_machine.Traveller"
) -> None:
    pin = shown(caller)
    clock.shift(timedelta(minutes=10))
    assert support_pins.identify(ann, pin, operator=desk) == WrongPin()


def test_a_new_one_voids_the_one_before(ann: User, caller: Person, desk: User) -> None:
    old = shown(caller)
    new = shown(caller)
    assert support_pins.identify(ann, old, operator=desk) == WrongPin()
    assert isinstance(support_pins.identify(ann, new, operator=desk), CallerCheck)


def test_it_dies_with_its_session(ann: User, caller: Person, desk: User) -> None:
    pin = shown(caller)
    UserSession.objects.update(ended_at=timezone.now())
    assert support_pins.identify(ann, pin, operator=desk) == WrongPin()


def test_anothers_pin_identifies_nobody(ann: User, caller: Person, desk: User) -> None:
    bob = people.client("bob@example.com")
    assert support_pins.identify(bob, shown(caller), operator=desk) == WrongPin()


def test_by_password_alone_it_proves_no_more(ann: User, desk: User) -> None:
    pin = shown(Person().sign_in(ann.email))
    check = support_pins.identify(ann, pin, operator=desk)
    assert isinstance(check, CallerCheck)
    assert check.proof == CallerProof.PASSWORD
    at = timezone.now()
    assert caller_checks.fresh(ann, desk, at=at, act=OperatorAct.UNLOCK)
    assert caller_checks.fresh(ann, desk, at=at, act=OperatorAct.TEMPORARY_CODE) is None


def test_five_wrong_ones_stop_the_operator_and_any_operator_for_this_client(
    ann: User, caller: Person, desk: User, clock: "time_machine.Traveller"
) -> None:
    other, bob = people.operator("other@example.com"), people.client("bob@example.com")
    pin = shown(caller)
    for _ in range(3):
        assert support_pins.identify(ann, wrong(pin), operator=desk) == WrongPin()
    for _ in range(2):
        assert support_pins.identify(ann, wrong(pin), operator=other) == WrongPin()
    stopped = WrongPin(too_many=True)
    assert support_pins.identify(ann, pin, operator=people.operator("c@example.com")) == stopped
    for _ in range(2):
        assert support_pins.identify(bob, wrong(pin), operator=desk) == WrongPin()
    assert support_pins.identify(bob, wrong(pin), operator=desk) == stopped
    clock.shift(timedelta(minutes=15, seconds=1))
    pin = shown(caller)
    assert isinstance(support_pins.identify(ann, pin, operator=desk), CallerCheck)


def test_what_is_no_pin_is_not_counted(ann: User, desk: User) -> None:
    for _ in range(6):
        assert support_pins.identify(ann, "12", operator=desk) == WrongPin(Malformed.TOO_FEW)
    assert not AuditEvent.objects.filter(action="twofa.support_pin_checked").exists()


@pytest.mark.parametrize("group", ["Integrator", "Auditor", ""])
def test_s47_who_may_not_identify_is_refused_and_logged(ann: User, group: str) -> None:
    someone = people.operator("someone@example.com", group=group)
    assert support_pins.identify(ann, "123456", operator=someone) is NotDone.NOT_ALLOWED
    event = AuditEvent.objects.get(action="twofa.support_pin_checked")
    assert event.outcome == "refused"


def test_nobody_identifies_himself(desk: User) -> None:
    assert support_pins.identify(desk, "123456", operator=desk) is NotDone.OWN_FACTOR


def test_results_stand_in_the_log_and_the_pin_stands_nowhere(
    ann: User, caller: Person, desk: User
) -> None:
    pin = shown(caller)
    support_pins.identify(ann, wrong(pin), operator=desk)
    support_pins.identify(ann, pin, operator=desk)
    events = AuditEvent.objects.order_by("id").filter(subject=f"user:{ann.pk}")
    found = [(one.action, one.outcome) for one in events if "pin" in one.action]
    assert found == [
        ("twofa.support_pin_shown", "done"),
        ("twofa.support_pin_checked", "failed"),
    ]
    known = AuditEvent.objects.get(action="twofa.caller_identified")
    assert known.facts["proof"] == "pin"
    rows = [str(vars(row)) for model in (SupportPin, AuditEvent) for row in model.objects.all()]
    assert not any(pin in row for row in rows)


def test_ten_an_hour_are_shown(ann: User, caller: Person) -> None:
    for _ in range(10):
        shown(caller)
    person = caller.open("/security/")
    form = next(form for form in person.page.forms if form.action.endswith("/support-pin/"))
    assert b"No PIN now" in person.http.post(form.action, form.fields).content
    assert SupportPin.objects.count() == 10


def test_s44_a_link_shows_none(ann: User, caller: Person) -> None:
    caller.open("/security/support-pin/")
    assert caller.path == "/security/"
    assert not SupportPin.objects.exists()


def test_who_must_enrol_first_gets_none(ann: User, set_policy: Callable[..., None]) -> None:
    set_policy(require_two_factor="on")
    person = Person().sign_in(ann.email)
    assert "support-pin-card" not in person.page.marked
    token = person.page.forms[0].fields["csrfmiddlewaretoken"]
    person.http.post("/security/support-pin/", {"csrfmiddlewaretoken": token})
    assert not SupportPin.objects.exists()


def test_a_stranger_is_shown_none(db: None) -> None:
    assert Browser().post("/security/support-pin/").status_code == 302
    assert not SupportPin.objects.exists()


def test_one_pin_typed_by_12_operators_at_once_identifies_to_one(transactional_db: None) -> None:
    user = people.client(password=PASSWORD)
    pin = shown(signed_in_by_app(user)[0])
    desks = [people.operator(f"desk{number}@example.com") for number in range(12)]
    results = run_together(12, lambda i: support_pins.identify(user, pin, operator=desks[i]))
    assert sum(isinstance(result, CallerCheck) for result in results) == 1
    assert CallerCheck.objects.count() == 1


def test_guesses_of_one_operator_at_once_do_not_pass_the_limit(transactional_db: None) -> None:
    users = [people.client(f"u{number}@example.com") for number in range(12)]
    desk = people.operator()
    results = run_together(12, lambda i: support_pins.identify(users[i], "123456", operator=desk))
    assert results.count(WrongPin()) == 5
    assert results.count(WrongPin(too_many=True)) == 7


class TestWhereItIsRequired:
    def disable(self, user: User, operator: User) -> ResetDone | NotDone:
        return resets.disable(
            user, ResetScope.AUTHENTICATOR, operator=operator, reason="Lost", client_request=True
        )

    def test_without_a_check_neither_disabled_nor_unlocked(
        self, ann: User, caller: Person, desk: User, set_policy: Callable[..., None]
    ) -> None:
        set_policy(require_caller_check="on")
        assert self.disable(ann, desk) is NotDone.CALLER_NOT_IDENTIFIED
        refused = resets.unlock(ann, operator=desk, reason="x")
        assert refused is NotDone.CALLER_NOT_IDENTIFIED
        support_pins.identify(ann, shown(caller), operator=desk)
        assert isinstance(self.disable(ann, desk), ResetDone)

    def test_anothers_or_an_old_check_does_not_count(
        self,
        ann: User,
        desk: User,
        set_policy: Callable[..., None],
        clock: "time_machine.Traveller",
    ) -> None:
        people.authenticator(ann)
        set_policy(require_caller_check="on")
        callers.identified(ann, people.operator("other@example.com"))
        assert self.disable(ann, desk) is NotDone.CALLER_NOT_IDENTIFIED
        callers.identified(ann, desk)
        clock.shift(timedelta(minutes=15))
        assert self.disable(ann, desk) is NotDone.CALLER_NOT_IDENTIFIED

    def test_the_command_line_is_not_called_by_anybody(
        self, ann: User, set_policy: Callable[..., None]
    ) -> None:
        people.authenticator(ann)
        set_policy(require_caller_check="on")
        assert isinstance(
            resets.disable(ann, ResetScope.ALL, operator=None, reason="Lost", client_request=True),
            ResetDone,
        )
