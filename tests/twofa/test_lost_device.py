"""The way back without phone and app: a request after the password, its page, and who stops it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.test import Client as Http
from django.utils import timezone

from backoffice.audit.models import AuditEvent
from clients import password_links
from clients import people as clients_people
from clients.link_models import LinkPurpose
from clients.models import User, VerificationLevel
from smsproviders.models import SmsMessage
from tests.services.threads import run_together
from tests.smsproviders.old_rows import id_of
from tests.twofa import lost, people
from tests.twofa.pages import Person, signed_in_by_app
from tests.twofa.people import NUMBER, PASSWORD
from twofa import holds, lost_device, lost_device_desk, resets, temporary_codes
from twofa.lost_device import NotAsked, Over
from twofa.lost_device_desk import Handled
from twofa.models import (
    Authenticator,
    Notice,
    Reset,
    SupportRequest,
    SupportRequestLink,
    SupportRequestProof,
    TemporaryCode,
)
from twofa.models.reset import ResetScope
from twofa.models.support_request import RequestState
from twofa.operator_acts import NotDone
from twofa.purging import purge
from twofa.references import ALPHABET
from twofa.results import ResetDone
from twofa.temporary_codes import Issued
from twofa.vocabulary import CallerProof, FactorKind

NOW = "2026-11-24T10:00:05Z"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ASK, STATUS = "/sign-in/lost/", "/lost-device/"
SetPolicy = Callable[..., None]


@pytest.fixture
def clock(db: None) -> Iterator["time_machine.Traveller"]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ann(clock: object) -> User:
    user = people.client(password=PASSWORD)
    people.authenticator(user)
    people.sms(user)
    return user


@pytest.fixture
def desk(db: None) -> User:
    return people.operator()


def switch_off(
    user: User, operator: User | None, scope: ResetScope = ResetScope.ALL
) -> ResetDone | NotDone:
    return resets.disable(user, scope, operator=operator, reason="Lost", client_request=True)


def deny(request: SupportRequest) -> SupportRequest | Over:
    return lost_device.deny(request.pk, proof=CallerProof.LINK)


def told(user: User) -> list[str]:
    kinds = Notice.objects.filter(user=user).order_by("id").values_list("kind", flat=True)
    return [kind.removeprefix("lost_device_") for kind in kinds]


class TestAsking:
    def test_after_the_password_without_any_code(self, ann: User) -> None:
        person = Person().sign_in(ann.email).open("/sign-in/other/")
        assert ASK in person.html
        person.open(ASK)
        assert "An e-mail from the address of your account" in person.page.text("lost-proofs")
        assert person.page.attributes["lost-due"]["datetime"] == "2026-11-25T10:00:05+00:00"
        person.press("ask")
        assert person.path == STATUS
        assert person.page.attributes["lost-state"]["data-state"] == "received"
        number = person.page.text("lost-number")
        assert number.startswith("R-")
        assert len(number) == 8
        assert set(number[2:]) <= set(ALPHABET)

    def test_s61_without_the_password_nothing_is_asked(self, ann: User) -> None:
        assert Http().post(ASK)["Location"].startswith("/sign-in/")
        assert Person().open(STATUS).response.status_code == 404
        assert not SupportRequest.objects.exists()

    def test_the_proofs_are_those_of_the_level_and_a_setting(
        self, ann: User, set_policy: SetPolicy
    ) -> None:
        ann.client.verification_level = VerificationLevel.IDENTITY
        assert len(lost_device.proofs_for(ann)) == 3
        set_policy(lost_device_proofs_identity="Come to our office.\r\n\r\n  Bring a friend. ")
        assert lost_device.proofs_for(ann) == ["Come to our office.", "Bring a friend."]
        request = lost.asked(ann)
        set_policy(lost_device_proofs_identity="Something else.")
        assert lost_device.proofs_of(request) == ["Come to our office.", "Bring a friend."]

    def test_asking_again_shows_the_one_that_is_open(self, ann: User) -> None:
        person = Person().sign_in(ann.email).open(ASK)
        again = {"csrfmiddlewaretoken": person.page.form_with("ask").fields["csrfmiddlewaretoken"]}
        person.press("ask").http.post(ASK, again)
        number = SupportRequest.objects.get().number
        assert number in person.open(ASK).page.text("lost-standing")
        assert "lost-form" not in person.page.marked
        assert told(ann) == ["received"]

    def test_12_at_once_give_one_request(self, transactional_db: None) -> None:
        user = people.client()
        people.sms(user)
        results = run_together(12, lambda _: lost_device.ask(user))
        assert {getattr(result, "pk", result) for result in results} == {
            SupportRequest.objects.get().pk
        }
        assert Notice.objects.count() == 1

    def test_three_a_day(self, ann: User, clock: "time_machine.Traveller") -> None:
        for _ in range(3):
            lost_device.withdraw(lost.asked(ann).pk, proof=CallerProof.LINK)
        assert lost_device.ask(ann) is NotAsked.TOO_MANY
        person = Person().sign_in(ann.email).open(ASK).press("ask")
        assert "Too many requests" in person.page.text("error")
        clock.shift(DAY + timedelta(seconds=1))
        lost.asked(ann)

    def test_not_by_operators_and_not_where_nothing_is_on(self, db: None) -> None:
        operator = people.operator()
        people.authenticator(operator)
        assert lost_device.ask(operator) is NotAsked.NO_CLIENT
        assert lost_device.ask(people.client()) is NotAsked.NOTHING_LOST

    def test_the_phone_is_told_in_words(self, ann: User) -> None:
        lost.asked(ann)
        message = SmsMessage.objects.get()
        assert message.number == NUMBER
        assert not any(symbol.isdigit() for symbol in message.body)


class TestTheLink:
    def test_it_leaves_the_address_and_shows_nothing_personal(self, ann: User) -> None:
        request = lost.asked(ann)
        path = lost.link(ann)
        answer = Http().get(path)
        assert answer["Location"] == STATUS
        assert "no-store" in answer["Cache-Control"]
        page = Person().open(path)
        assert request.number in page.html
        for secret in (ann.email, NUMBER, NUMBER[-4:], "Ann", path.split("/")[2]):
            assert secret not in page.html
        stored = str(SupportRequestLink.objects.values()) + str(SupportRequest.objects.values())
        assert path.split("/")[2] not in stored

    def test_the_link_of_an_older_e_mail_works_as_well(self, ann: User, desk: User) -> None:
        request, old = lost.asked(ann), lost.link(ann)
        lost_device_desk.take(request, operator=desk)
        for path in (old, lost.link(ann)):
            page = Person().open(path)
            assert page.page.attributes["lost-state"]["data-state"] == "taken"

    def test_it_works_while_the_request_is_open_and_a_month_longer(
        self, ann: User, clock: "time_machine.Traveller"
    ) -> None:
        request, path = lost.asked(ann), lost.link(ann)
        clock.shift(60 * DAY)
        person = Person().open(path).press("answer", "withdraw")
        assert person.page.attributes["lost-state"]["data-state"] == "withdrawn"
        clock.shift(29 * DAY)
        fields = {
            **person.page.form_with("answer").fields,
            "request": str(request.pk),
            "answer": "not-me",
        }
        clock.shift(DAY)
        for page in (Person().open(path), person.open(STATUS)):
            assert page.response.status_code == 404
        assert person.http.post(STATUS, fields).status_code == 404

    def test_another_token_is_not_found(self, ann: User) -> None:
        lost.asked(ann)
        assert Person().open(f"{STATUS}nonsense/").response.status_code == 404
        fields = {"request": str(SupportRequest.objects.get().pk), "answer": "withdraw"}
        assert Http().post(STATUS, fields).status_code == 404
        bob = people.client("bob@example.com", password=PASSWORD)
        people.sms(bob, "+33612345679")
        lost.asked(bob)
        person = Person().open(lost.link(bob))
        token = person.page.form_with("answer").fields["csrfmiddlewaretoken"]
        answer = person.http.post(STATUS, {**fields, "csrfmiddlewaretoken": token})
        assert answer.status_code == 404
        assert {request.state for request in SupportRequest.objects.all()} == {"received"}

    def test_s44_get_changes_nothing_and_a_form_needs_its_token(self, ann: User) -> None:
        request = lost.asked(ann)
        path = lost.link(ann)
        person = Person().open(path).open(path).open(f"{STATUS}?answer=withdraw")
        fields = {"request": str(request.pk), "answer": "not-me"}
        assert person.http.post(STATUS, fields).status_code == 403
        assert person.http.post(path, fields).status_code in {403, 405}
        request.refresh_from_db()
        assert request.state == RequestState.RECEIVED


class TestWhereItStands:
    def test_every_change_of_state_is_told_and_shown(self, ann: User, desk: User) -> None:
        request = lost.asked(ann)
        page = Person().open(lost.link(ann))
        assert lost_device_desk.take(request, operator=desk) is Handled.DONE
        assert lost_device_desk.take(request, operator=desk) is Handled.DONE
        lost_device_desk.ask_more(request, operator=desk, question="Which town?")
        assert page.open(STATUS).page.text("lost-question").endswith("Which town?")
        page.submit("answer", "reply", reply="Lyon")
        request.refresh_from_db()
        assert (request.state, request.reply) == (RequestState.TAKEN, "Lyon")
        lost_device_desk.refuse(request, operator=desk, reason="The photo shows somebody else.")
        assert "somebody else" in page.open(STATUS).page.text("lost-refusal")
        assert told(ann) == ["received", "taken", "more_needed", "refused"]
        assert SupportRequest.objects.get().finished_by == desk

    def test_words_are_encrypted_at_rest(self, ann: User, desk: User) -> None:
        request = lost.asked(ann)
        lost_device_desk.ask_more(request, operator=desk, question="Which town?")
        proof = request.proofs.first()
        assert proof is not None
        lost_device_desk.check(request, proof.pk, operator=desk, is_proved=True, note="Seen it")
        stored = request.proofs.get(pk=proof.pk)
        assert str(stored.__dict__["note"]).startswith("v1.")
        assert (stored.note, stored.checked_by) == ("Seen it", desk)
        assert str(SupportRequest.objects.get().__dict__["question"]).startswith("v1.")

    def test_withdrawn_by_the_client(self, ann: User) -> None:
        request = lost.asked(ann)
        page = Person().open(lost.link(ann)).press("answer", "withdraw")
        assert page.page.attributes["lost-state"]["data-state"] == "withdrawn"
        assert lost_device.withdraw(request.pk, proof=CallerProof.LINK) == Over(request)
        assert told(ann) == ["received", "withdrawn"]

    def test_a_password_chosen_by_e_mail_makes_it_wait_for_a_day(
        self, ann: User, desk: User, clock: "time_machine.Traveller"
    ) -> None:
        made = password_links.make(ann, LinkPurpose.RESET, life=HOUR)
        password_links.use_up(made.link)
        clock.shift(HOUR)
        lost.proved(lost.asked(ann), desk)
        clock.shift(22 * HOUR)
        assert switch_off(ann, desk) is NotDone.TOO_EARLY
        clock.shift(HOUR)
        assert isinstance(switch_off(ann, desk), ResetDone)

    def test_switched_off_when_every_proof_is_seen_and_time_was_given(
        self, ann: User, desk: User, clock: "time_machine.Traveller"
    ) -> None:
        request = lost.asked(ann)
        page = Person().open(lost.link(ann))
        assert switch_off(ann, desk) is NotDone.PROOFS_MISSING
        lost.proved(request, desk)
        assert switch_off(ann, desk) is NotDone.TOO_EARLY
        clock.shift(HOUR)
        assert isinstance(switch_off(ann, desk), ResetDone)
        assert page.open(STATUS).page.attributes["lost-state"]["data-state"] == "answered"
        request.refresh_from_db()
        assert (request.answered_at, request.finished_by) == (timezone.now(), desk)
        assert told(ann) == ["received", "answered", "factor_reset"]
        # The password alone signs in, and shows the hold.
        person = Person().sign_in(ann.email)
        assert person.page.attributes["hold"]["data-reason"] == "factor_reset"

    def test_it_stays_open_while_a_factor_is_left(self, ann: User, desk: User) -> None:
        request = lost.asked(ann)
        lost.proved(request, desk)
        lost.ripe(request)
        assert isinstance(switch_off(ann, desk, ResetScope.SMS), ResetDone)
        request.refresh_from_db()
        assert request.is_open

    def test_proofs_stand_for_an_identified_caller(
        self, ann: User, desk: User, set_policy: SetPolicy
    ) -> None:
        set_policy(require_caller_check="on")
        assert switch_off(ann, desk) is NotDone.CALLER_NOT_IDENTIFIED
        request = lost.asked(ann)
        lost.proved(request, desk)
        lost.ripe(request)
        assert isinstance(switch_off(ann, desk), ResetDone)

    def test_a_change_of_contact_still_holds_it(self, ann: User, desk: User) -> None:
        admin = people.operator("admin@example.com", group="Administrator")
        clients_people.change_contact(
            ann.client, email="new@example.com", phone="", operator=admin, reason="Asked"
        )
        ann.refresh_from_db()
        request = lost.asked(ann)
        lost.proved(request, desk)
        lost.ripe(request)
        assert switch_off(ann, desk) is NotDone.HELD
        assert {hold.reason for hold in holds.of(ann)} == {holds.HoldReason.CONTACT_CHANGED}

    def test_handling_is_for_who_may(self, ann: User) -> None:
        request = lost.asked(ann)
        stranger = people.operator("i@example.com", group="Integrator")
        assert lost_device_desk.take(request, operator=stranger) is NotDone.NOT_ALLOWED
        assert lost_device_desk.refuse(request, operator=people.operator(), reason=" ") is (
            NotDone.REASON_MISSING
        )
        refused = AuditEvent.objects.filter(outcome="refused", action__startswith="twofa.lost")
        assert refused.count() == 2


class TestByThePasswordAlone:
    """A stranger may have it. Whoever knows no more can neither stop the client's own request nor
    answer for the client."""

    def test_it_is_seen_and_nothing_else(self, ann: User, desk: User) -> None:
        person = Person().sign_in(ann.email).open(ASK).press("ask")
        request = SupportRequest.objects.get()
        lost_device_desk.ask_more(request, operator=desk, question="Which town?")
        person.open(STATUS)
        assert person.page.attributes["lost-state"]["data-state"] == "more_needed"
        assert "lost-look-only" in person.page.marked
        assert "Which town?" not in person.html
        assert not {"lost-acts", "lost-reply-form"} & set(person.page.marked)
        token = person.open(ASK).response.context["csrf_token"]
        for answer in ("not-me", "withdraw", "reply"):
            fields = {"request": str(request.pk), "answer": answer, "reply": "Nowhere"}
            person.http.post(STATUS, {**fields, "csrfmiddlewaretoken": token})
        request.refresh_from_db()
        assert (request.state, request.reply) == (RequestState.MORE_NEEDED, "")
        with pytest.raises(PermissionDenied):
            lost_device.deny(request.pk, proof=CallerProof.PASSWORD)
        with pytest.raises(PermissionDenied):
            lost_device.reply(request.pk, "Nowhere", proof=CallerProof.PASSWORD)

    def test_with_the_link_in_the_same_browser_the_client_acts(self, ann: User) -> None:
        person = Person().sign_in(ann.email).open(ASK).press("ask")
        person.open(lost.link(ann)).press("answer", "withdraw")
        assert person.page.attributes["lost-state"]["data-state"] == "withdrawn"

    def test_the_link_of_an_earlier_request_stops_no_later_one(self, ann: User) -> None:
        lost_device.withdraw(lost.asked(ann).pk, proof=CallerProof.LINK)
        old = lost.link(ann)
        lost.asked(ann)
        person = Person().sign_in(ann.email).open(old)
        assert "lost-look-only" in person.page.marked

    def test_it_uses_up_no_request_of_the_client(self, ann: User) -> None:
        for _ in range(5):
            person = Person().sign_in(ann.email).open(ASK)
            if "lost-form" in person.page.marked:
                person.press("ask")
        assert SupportRequest.objects.get().is_open


class TestNotMe:
    def test_it_stops_tells_and_closes(
        self, ann: User, desk: User, clock: "time_machine.Traveller"
    ) -> None:
        request = lost.asked(ann)
        lost.proved(request, desk)
        page = Person().open(lost.link(ann)).press("answer", "not-me")
        assert page.page.attributes["lost-state"]["data-state"] == "denied"
        assert "change it now" in page.html
        clock.shift(2 * HOUR)
        assert switch_off(ann, desk) is NotDone.DENIED_BY_CLIENT
        assert lost_device_desk.take(request, operator=desk) is Handled.OVER
        assert lost_device.ask(ann) is NotAsked.CLOSED
        person = Person().sign_in(ann.email).open(ASK)
        assert "stopped for now" in person.page.text("error")
        assert "2026-12-01" in person.page.attributes["closed-until"]["datetime"]
        assert told(ann) == ["received", "denied"]
        assert Notice.objects.get(user=desk).kind == "operator_alert"
        event = AuditEvent.objects.get(action="twofa.lost_device_denied")
        assert event.facts == {"request": request.number, "proof": "link"}
        clock.shift(7 * DAY)
        lost.asked(ann)

    def test_a_new_password_shuts_out_who_asked_and_the_client_asks_a_day_later(
        self, ann: User, clock: "time_machine.Traveller"
    ) -> None:
        deny(lost.asked(ann))
        clock.shift(DAY)
        password_links.use_up(password_links.make(ann, LinkPurpose.RESET, life=HOUR).link)
        clock.shift(23 * HOUR)
        assert lost_device.ask(ann) is NotAsked.CLOSED
        clock.shift(HOUR)
        lost.asked(ann)

    def test_an_operator_lets_the_client_ask_again(self, ann: User, desk: User) -> None:
        request = lost.asked(ann)
        deny(request)
        support = people.operator("s@example.com", group="Support")
        assert lost_device_desk.open_again(request, operator=support) is NotDone.NOT_ALLOWED
        assert lost_device_desk.open_again(request, operator=desk) is Handled.DONE
        assert lost_device_desk.open_again(request, operator=desk) is Handled.OVER
        lost.asked(ann)

    def test_after_it_was_done_every_session_ends(
        self, ann: User, desk: User, clock: "time_machine.Traveller"
    ) -> None:
        request = lost.asked(ann)
        lost.proved(request, desk)
        clock.shift(HOUR)
        switch_off(ann, desk)
        thief = Person().sign_in(ann.email)
        assert thief.path == "/security/"
        assert isinstance(deny(request), SupportRequest)
        assert thief.http.get("/security/").status_code == 302
        assert deny(request) == Over(request)

    def test_against_the_operators_act_one_comes_first(self, transactional_db: None) -> None:
        user, desk = people.client(), people.operator()
        people.authenticator(user)
        request = lost.asked(user)
        lost.proved(request, desk)
        lost.ripe(request)
        acts: list[Callable[[], Any]] = [lambda: deny(request), lambda: switch_off(user, desk)]
        denied, switched = run_together(2, lambda number: acts[number]())
        assert isinstance(denied, SupportRequest)
        request.refresh_from_db()
        assert request.state == RequestState.DENIED
        was_first = isinstance(switched, ResetDone)
        assert was_first or switched is NotDone.DENIED_BY_CLIENT
        assert (request.answered_at is not None) == was_first
        assert Authenticator.objects.filter(user=user).exists() != was_first

    def test_a_signed_in_client_sees_it(self, clock: object) -> None:
        user = people.client(password=PASSWORD)
        person, _ = signed_in_by_app(user)
        lost.asked(user)
        assert STATUS in person.open("/security/").html
        person.open(STATUS).press("answer", "not-me")
        assert AuditEvent.objects.get(action="twofa.lost_device_denied").facts["proof"] == (
            "signed_in"
        )


class TestTheHold:
    def test_it_begins_with_every_reset_by_an_operator(
        self, ann: User, desk: User, clock: "time_machine.Traveller"
    ) -> None:
        switch_off(ann, desk, ResetScope.SMS)
        assert Reset.objects.get().hold_until == timezone.now() + DAY
        assert [hold.reason for hold in holds.of(ann)] == [holds.HoldReason.FACTOR_RESET]
        clock.shift(DAY)
        assert holds.of(ann) == []

    def test_it_can_be_switched_off(self, ann: User, desk: User, set_policy: SetPolicy) -> None:
        set_policy(hold_after_reset="0")
        switch_off(ann, desk)
        assert holds.of(ann) == []

    def test_other_systems_read_it_with_the_token(
        self, ann: User, desk: User, settings: Any
    ) -> None:
        http, path = Http(), f"/holds/{ann.client.pk}/"
        token = "a token of another system, of 40 letters"
        assert http.get(path, headers={"authorization": "Bearer "}).status_code == 404
        settings.HOLDS_TOKEN = token
        for wrong in ("", "Bearer ", f"Bearer {token}x", f"Basic {token}"):
            answer = http.get(path, headers={"authorization": wrong})
            assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
        right = {"authorization": f"Bearer {token}"}
        assert http.get(path, headers=right).json() == {
            "client": ann.client.pk,
            "held": False,
            "until": None,
            "reasons": [],
        }
        switch_off(ann, desk)
        answer = http.get(path, headers=right)
        until = "2026-11-25T10:00:05+00:00"
        assert answer.json()["until"] == until
        assert answer.json()["reasons"] == [{"reason": "factor_reset", "until": until}]
        assert "no-store" in answer["Cache-Control"]
        assert http.get("/holds/999999/", headers=right).status_code == 404
        assert http.post(path, headers=right).status_code == 405

    def test_the_command_tells_it(self, ann: User, desk: User, capsys: Any) -> None:
        call_command("client_hold", ann.email)
        switch_off(ann, desk)
        call_command("client_hold", ann.email)
        call_command("client_hold", ann.email, "--json")
        lines = capsys.readouterr().out.splitlines()
        assert lines[0] == "No hold for ann@example.com."
        assert lines[1].startswith("Held until 2026-11-25 10:00 UTC: support switched")
        assert '"held": true' in lines[2]


def test_what_closes_or_holds_for_longer_outlives_the_purge(
    ann: User, desk: User, set_policy: SetPolicy, clock: "time_machine.Traveller"
) -> None:
    set_policy(keep_codes_days="7", lost_device_closed_days="30", hold_after_reset="1728000")
    issued = temporary_codes.issue(ann, operator=desk, reason="Lost", client_request=True)
    assert isinstance(issued, Issued)
    assert people.try_code(ann, issued.code, FactorKind.TEMPORARY) == "accepted"
    lost_device.deny(lost.asked(ann).pk, proof=CallerProof.LINK)
    clock.shift(8 * DAY)
    purge()
    assert lost_device.ask(ann) is NotAsked.CLOSED
    assert [hold.reason for hold in holds.of(ann)] == [holds.HoldReason.TEMPORARY_CODE]
    clock.shift(30 * DAY)
    purge()
    assert not SupportRequest.objects.exists()
    assert not TemporaryCode.objects.exists()


def test_finished_requests_go_after_half_a_year_and_open_ones_stay(ann: User) -> None:
    request = lost.asked(ann)
    old = id_of(timezone.now() - timedelta(days=181))
    SupportRequest.objects.filter(pk=request.pk).update(state=RequestState.WITHDRAWN)
    young = lost.asked(ann)
    copy = SupportRequest.objects.get(pk=request.pk)
    copy.pk, copy.number = old, "R-OLD222"
    copy.save(force_insert=True)
    SupportRequestProof.objects.create(request=copy, position=0, text="An e-mail")
    purge()
    assert set(SupportRequest.objects.all()) == {request, young}
    assert not SupportRequestProof.objects.filter(text="An e-mail").exists()
