"""Security > Lost devices: the list, the proofs ticked off, and the act that they lead to."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.test import Client as Browser
from django.utils import timezone

from backoffice.alerts.tasks import tell_operators
from backoffice.audit import log, personal
from backoffice.audit.models import AuditEvent
from backoffice.policy import changes
from clients.models import Client
from tests.backoffice import books
from tests.backoffice.books import desk, own_code, page_of, with_both_factors
from tests.twofa import lost
from twofa import lost_device
from twofa.models import Authenticator, Notice, Reset, SupportRequest
from twofa.models.support_request import RequestState
from twofa.vocabulary import CallerProof

pytestmark = pytest.mark.django_db
LIST = "/admin/clients/client/lost-devices/"


@pytest.fixture
def ann() -> Client:
    return with_both_factors(books.client())


@pytest.fixture
def asked(ann: Client) -> SupportRequest:
    return lost.asked(ann.user)


def page(asked: SupportRequest) -> str:
    return f"{LIST}{asked.pk}/"


def shown(browser: Browser, address: str) -> str:
    return browser.get(address).content.decode()


def press(browser: Browser, asked: SupportRequest, act: str, **fields: str) -> str:
    answer = browser.post(page(asked), {"act": act, **fields}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def tick_all(browser: Browser, asked: SupportRequest) -> None:
    for proof in asked.proofs.all():
        press(browser, asked, "tick", proof=str(proof.pk), note="Seen")


def late(asked: SupportRequest) -> None:
    SupportRequest.objects.filter(pk=asked.pk).update(due_at=timezone.now() - timedelta(hours=1))


class TestTheList:
    def test_open_ones_come_first_with_level_proofs_and_what_is_overdue(
        self, client: Browser, ann: Client, asked: SupportRequest
    ) -> None:
        bob = with_both_factors(books.client("bob@example.com", name="Bob"))
        old = lost.asked(bob.user)
        lost_device.withdraw(old.pk, proof=CallerProof.LINK)
        desk(client, "Support")
        rows = shown(client, LIST)
        assert rows.index(asked.number) < rows.index('id="finished"') < rows.index(old.number)
        assert "0 of 2" in rows
        assert "Not verified" in rows
        assert "Overdue" not in rows
        late(asked)
        assert "Overdue" in shown(client, LIST)
        assert old.number not in shown(client, f"{LIST}?q={asked.number[2:]}")

    def test_the_clients_page_leads_to_it(
        self, client: Browser, ann: Client, asked: SupportRequest
    ) -> None:
        desk(client, "Support")
        assert page(asked) in shown(client, page_of(ann, "settings/"))
        assert LIST in shown(client, "/admin/")
        found = client.get(f"{books.LIST}?q={asked.number.lower()}", follow=True)
        assert "ann@example.com" in found.content.decode()

    def test_the_first_page_counts_who_waits(self, client: Browser, asked: SupportRequest) -> None:
        desk(client, "Security desk")
        assert "clients without device" not in shown(client, "/admin/")
        late(asked)
        assert "clients without device" in shown(client, "/admin/")


class TestTheRequest:
    def test_each_tick_keeps_operator_time_and_note(
        self, client: Browser, asked: SupportRequest
    ) -> None:
        me = desk(client, "Support")
        press(client, asked, "take")
        tick_all(client, asked)
        assert {(proof.checked_by, proof.note) for proof in asked.proofs.all()} == {(me, "Seen")}
        first = asked.proofs.all()[0]
        press(client, asked, "untick", proof=str(first.pk))
        first.refresh_from_db()
        assert first.checked_at is None
        events = AuditEvent.objects.filter(action="twofa.lost_device_proof").order_by("id")
        assert [event.facts["proved"] for event in events] == [True, True, False]

    def test_a_proof_of_another_request_is_not_found(
        self, client: Browser, asked: SupportRequest
    ) -> None:
        desk(client, "Support")
        bob = with_both_factors(books.client("bob@example.com", name="Bob"))
        other = lost.asked(bob.user).proofs.all()[0]
        for proof in (str(other.pk), "nonsense", ""):
            answer = client.post(page(asked), {"act": "tick", "proof": proof})
            assert answer.status_code == 404
        assert client.post(page(asked), {"act": "nonsense"}).status_code == 404

    def test_more_is_asked_and_refused_only_with_words(
        self, client: Browser, asked: SupportRequest
    ) -> None:
        desk(client, "Support")
        assert "Write it down" in press(client, asked, "ask", question=" ")
        press(client, asked, "ask", question="Which town?")
        lost_device.reply(asked.pk, "Lyon", proof=CallerProof.LINK)
        assert "Lyon" in shown(client, page(asked))
        press(client, asked, "refuse", reason="Not proved")
        asked.refresh_from_db()
        assert asked.state == RequestState.REFUSED
        event = AuditEvent.objects.get(action="twofa.lost_device_refused")
        assert (personal.reveal(event) or {})["reason"] == "Not proved"
        assert "Not proved" not in str(event.facts)
        assert "changed meanwhile" in press(client, asked, "take")

    def test_a_reader_changes_nothing(self, client: Browser, asked: SupportRequest) -> None:
        user = desk(client)
        user.user_permissions.add(_permission("view_supportrequest"))
        assert client.get(page(asked)).status_code == 200
        assert client.post(page(asked), {"act": "take"}).status_code == 403


class TestSwitchingOff:
    def test_only_with_every_proof_and_after_the_wait(
        self, client: Browser, ann: Client, asked: SupportRequest
    ) -> None:
        me = desk(client, "Security desk")
        address = page_of(ann, "two-factor/all/disable/")
        assert "not every proof is ticked" in shown(client, page(asked))
        assert "act-form" not in shown(client, address)
        tick_all(client, asked)
        assert "too young" in shown(client, page(asked))
        lost.ripe(asked)
        assert address in shown(client, page(asked))
        form = shown(client, address)
        assert asked.number in form
        assert "Lost device: every proof was seen." in form
        fields = {"reason": "Lost", "ticket": asked.number, "identified": "on"}
        answer = client.post(address, {**fields, "code": own_code(me, steps=1)}, follow=True)
        assert "The whole second factor is disabled" in answer.content.decode()
        asked.refresh_from_db()
        assert (asked.state, asked.finished_by) == (RequestState.ANSWERED, me)
        assert Reset.objects.get().ticket == asked.number
        assert not Authenticator.objects.filter(user=ann.user).exists()
        assert 'data-test="on-hold"' in shown(client, page_of(ann, "settings/"))
        assert Notice.objects.filter(user=ann.user, kind="lost_device_answered").exists()

    def test_the_first_line_proves_and_the_desk_switches_off(
        self, client: Browser, asked: SupportRequest
    ) -> None:
        desk(client, "Support")
        tick_all(client, asked)
        lost.ripe(asked)
        assert "The Security desk switches the second factor off" in shown(client, page(asked))
        assert "two-factor/all/disable" not in shown(client, page(asked))

    def test_after_not_me_it_is_stopped_and_may_be_opened_again(
        self, client: Browser, ann: Client, asked: SupportRequest
    ) -> None:
        desk(client, "Security desk")
        lost_device.deny(asked.pk, proof=CallerProof.LINK)
        assert 'data-test="lost-denied"' in shown(client, page(asked))
        assert "this was not me" in shown(client, page_of(ann, "two-factor/all/disable/"))
        assert "“This was not me”" in shown(client, page_of(ann, "settings/"))
        press(client, asked, "open-again")
        assert lost.asked(ann.user).pk != asked.pk


def test_the_desk_is_told_once_of_what_is_overdue(client: Browser, asked: SupportRequest) -> None:
    me = desk(client, "Security desk")
    tell_operators()
    assert not Notice.objects.filter(user=me).exists()
    late(asked)
    for _ in range(3):
        tell_operators()
    notice = Notice.objects.get(user=me)
    assert "waits too long" in notice.context
    assert "ann@example.com" not in notice.context


def test_lines_of_a_setting_are_checked(client: Browser) -> None:
    desk(client, "Administrator")
    answer: Any = client.get("/admin/policy/systemsetting/")
    assert "lost_device_proofs_none" in answer.content.decode()
    for text in ("", "\n \n", "x" * 201, "\n".join("abcdefghijk")):
        with pytest.raises(ValidationError):
            changes.change({"lost_device_proofs_none": text}, actor=log.SYSTEM)


def _permission(codename: str) -> Any:
    return Permission.objects.get(codename=codename)
