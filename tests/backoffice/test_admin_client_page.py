"""The client's page: who sees what, the profile, sessions, blocking, the contact."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.test import Client as Browser
from django.utils import timezone

from backoffice.audit import log, personal
from backoffice.audit.models import AuditEvent, Outcome
from backoffice.policy import changes
from clients import people
from clients.models import Client, ClientStatus, Tag, UserSession
from smsproviders.models import SmsMessage
from tests.backoffice import books
from tests.backoffice.books import desk, locked, own_code, page_of, with_both_factors
from tests.backoffice.operators import operator, sign_in
from twofa import resets
from twofa.models import Notice, TrustedBrowser
from twofa.models.reset import ResetScope
from twofa.resets import NotDone

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann() -> Client:
    return with_both_factors(books.client(phone="+33612345678", country="FR"))


def page(browser: Browser, client: Client, tab: str = "settings/") -> str:
    answer = browser.get(page_of(client, tab))
    assert answer.status_code == 200
    return answer.content.decode()


def profile(**changes: Any) -> dict[str, Any]:
    given = {"name": "Ann Lee", "type": "individual", "country": "FR", "language": "en"}
    return {**given, "verification_level": "0", "manager": "", **changes, "_save": "Save"}


class TestTwoFactorSection:
    def test_it_tells_per_factor_what_is_enabled(self, client: Browser, ann: Client) -> None:
        desk(client, "Support")
        shown = page(client, ann)
        assert 'data-test="two-factor-section"' in shown
        assert 'data-test="factor-authenticator" data-enabled="true"' in shown
        assert 'data-test="factor-sms" data-enabled="true"' in shown
        assert "+33••78" in shown
        assert "not locked" in shown

    def test_it_tells_the_lock_and_the_failures(self, client: Browser, ann: Client) -> None:
        desk(client, "Support")
        shown = page(client, locked(ann))
        assert "Locked after 5 wrong codes in a row" in shown
        assert "in 14 min" in shown

    def test_a_client_without_factor_has_nothing_to_disable(self, client: Browser) -> None:
        desk(client, "Security desk")
        shown = page(client, books.client("bare@example.com"))
        assert 'data-enabled="false"' in shown
        assert "disable-" not in shown
        assert 'data-test="unlock"' not in shown

    def test_buttons_are_for_those_who_may(self, client: Browser, ann: Client) -> None:
        locked(ann)
        buttons = ("disable-authenticator", "disable-sms", "unlock", "test-sms")
        sign_in(client, operator(permissions=["clients.view_client"]))
        assert not any(f'data-test="{name}"' in page(client, ann) for name in buttons)
        desk(client, "Support")
        shown = page(client, ann)
        assert [name for name in buttons if f'data-test="{name}"' in shown] == [
            "unlock",
            "test-sms",
        ]
        desk(client, "Security desk", email="other@example.com")
        assert all(f'data-test="{name}"' in page(client, ann) for name in buttons)

    def test_the_queries_are_bounded(
        self, client: Browser, ann: Client, django_assert_max_num_queries: Any
    ) -> None:
        desk(client, "Administrator")
        with django_assert_max_num_queries(25):
            page(client, ann)


class TestProfile:
    def test_it_is_changed_and_logged_without_values(self, client: Browser, ann: Client) -> None:
        mia = operator("mia@example.com")
        tag = Tag.objects.create(name="vip")
        desk(client, "Administrator")
        given = profile(name="Ann Smith", manager=str(mia.pk), tags=[tag.pk], country="gb")
        answer = client.post(page_of(ann), given)
        assert answer["Location"] == page_of(ann)
        ann.refresh_from_db()
        assert (ann.name, ann.manager, ann.country) == ("Ann Smith", mia, "GB")
        assert list(ann.tags.all()) == [tag]
        event = AuditEvent.objects.get(action="backoffice.changed")
        assert event.subject == f"user:{ann.user_id}"
        assert "Smith" not in str(event.facts)
        assert set(event.facts["fields"]) == {"Name", "Country", "Manager", "Tags"}

    def test_who_may_only_read_sees_the_managers_name_and_no_link_that_is_refused(
        self, client: Browser, ann: Client
    ) -> None:
        sam = operator("sam@example.com")
        sam.name = "Sam Okafor"
        sam.save()
        ann.manager = sam
        ann.save()
        desk(client, "Support")
        shown = page(client, ann, "change/")
        assert "Sam Okafor" in shown
        assert "/admin/clients/user/" not in shown

    def test_an_error_keeps_what_was_typed(self, client: Browser, ann: Client) -> None:
        desk(client, "Administrator")
        shown = client.post(page_of(ann), profile(name="Typed", country="FRA")).content.decode()
        assert "This is not a country" in shown
        assert 'value="Typed"' in shown

    def test_s45_s49_extra_fields_change_nothing(self, client: Browser, ann: Client) -> None:
        desk(client, "Administrator")
        extra = {
            "email": "evil@example.com",
            "phone": "+447911123456",
            "status": "closed",
            "two_factor": "none",
            "user": str(operator("x@example.com").pk),
            "is_staff": "on",
        }
        client.post(page_of(ann), profile(**extra))
        fresh = Client.objects.get(pk=ann.pk)
        assert fresh.user.email == "ann@example.com"
        assert str(fresh.phone) == "+33612345678"
        assert fresh.status == ClientStatus.ACTIVE
        assert not fresh.user.is_staff

    def test_a_missing_client_is_no_error(self, client: Browser) -> None:
        desk(client, "Support")
        for key in ("999999", "x", "99999999999999999999999"):
            assert client.get(f"/admin/clients/client/{key}/change/").status_code == 302
            assert client.get(f"/admin/clients/client/{key}/settings/").status_code != 500


class TestSessions:
    @pytest.fixture
    def session(self, ann: Client) -> UserSession:
        return UserSession.objects.create(
            user=ann.user, session_key="s1", address="203.0.113.7", browser="Firefox"
        )

    def test_they_are_listed(self, client: Browser, ann: Client, session: UserSession) -> None:
        desk(client, "Support")
        shown = page(client, ann, "sessions/")
        assert "203.0.113.7" in shown
        assert "end-session" not in shown

    def test_trusted_browsers_are_listed_and_end_with_the_sessions(
        self, client: Browser, ann: Client, session: UserSession
    ) -> None:
        changes.change({"trusted_browsers": "on"}, actor=log.SYSTEM)
        trusted = TrustedBrowser.objects.create(
            user=ann.user,
            browser="Mozilla/5.0 (iPhone) Safari/605",
            expires_at=timezone.now() + timedelta(days=9),
        )
        desk(client, "Security desk")
        shown = page(client, ann, "sessions/")
        assert "Safari on iPhone" in shown
        assert "Trusted</span>" in shown
        client.post(page_of(ann, "sessions/end/"), {"all": "1"})
        trusted.refresh_from_db()
        assert trusted.revoked_why == "signed_out"
        assert "sessions ended from elsewhere" in page(client, ann, "sessions/")

    def test_s34_one_is_ended(self, client: Browser, ann: Client, session: UserSession) -> None:
        other = UserSession.objects.create(user=ann.user, session_key="s2")
        desk(client, "Security desk")
        answer = client.post(page_of(ann, "sessions/end/"), {"session": str(session.pk)})
        assert answer["Location"] == page_of(ann, "sessions/")
        session.refresh_from_db()
        other.refresh_from_db()
        assert session.ended_at
        assert other.ended_at is None
        event = AuditEvent.objects.get(action="clients.sessions_ended")
        assert event.facts == {"ended": 1, "all": False}

    def test_s34_all_are_ended_at_once(self, client: Browser, ann: Client) -> None:
        theirs = Browser()
        sign_in(theirs, ann.user)
        assert theirs.get("/security/").status_code == 200
        desk(client, "Security desk")
        client.post(page_of(ann, "sessions/end/"), {"all": "1"})
        assert theirs.get("/security/").status_code == 302

    @pytest.mark.parametrize("key", ["", "x", "019ac000-0000-7000-8000-000000000000"])
    def test_s40_another_s_session_is_not_found(
        self, client: Browser, ann: Client, key: str
    ) -> None:
        desk(client, "Security desk")
        answer = client.post(page_of(ann, "sessions/end/"), {"session": key})
        assert answer.status_code == 404


class TestBlocking:
    def test_a_blocked_client_is_out_at_once(self, client: Browser, ann: Client) -> None:
        theirs = Browser()
        sign_in(theirs, ann.user)
        desk(client, "Security desk")
        client.post(page_of(ann, "block/"), {"reason": "Fraud desk asked"})
        ann.refresh_from_db()
        assert ann.status == ClientStatus.BLOCKED
        assert theirs.get("/security/").status_code == 302
        event = AuditEvent.objects.get(action="clients.blocked")
        assert (personal.reveal(event) or {})["reason"] == "Fraud desk asked"
        client.post(page_of(ann, "block/"), {"reason": "It was a mistake"})
        ann.refresh_from_db()
        ann.user.refresh_from_db()
        assert ann.status == ClientStatus.ACTIVE
        assert ann.user.is_active

    def test_it_wants_a_reason(self, client: Browser, ann: Client) -> None:
        desk(client, "Security desk")
        answer = client.post(page_of(ann, "block/"), {"reason": " "})
        assert "Write down why." in answer.content.decode()
        ann.refresh_from_db()
        assert ann.status == ClientStatus.ACTIVE

    def test_an_operator_is_not_blocked_as_a_client(self, client: Browser, ann: Client) -> None:
        ann.user.is_staff = True
        ann.user.save()
        desk(client, "Security desk")
        assert client.get(page_of(ann, "block/")).status_code == 403


class TestContact:
    def change(self, browser: Browser, ann: Client, **given: str) -> Any:
        values = {"email": "ann@example.com", "phone": "", "reason": "Asked in the branch"}
        return browser.post(page_of(ann, "contact/"), {**values, **given})

    def test_s49_both_addresses_are_told_and_it_is_logged(
        self, client: Browser, ann: Client
    ) -> None:
        code = own_code(desk(client, "Administrator"))
        self.change(client, ann, email="New@Example.com", phone="+44 7911 123456", code=code)
        fresh = Client.objects.get(pk=ann.pk)
        assert fresh.user.email == "new@example.com"
        assert str(fresh.phone) == "+447911123456"
        assert fresh.phone_confirmed_at is None
        told = {notice.to for notice in Notice.objects.filter(kind="contact_changed")}
        assert told == {"ann@example.com", "new@example.com"}
        event = AuditEvent.objects.get(action="clients.contact_changed")
        assert event.facts == {"fields": ["email", "phone"]}
        assert "ann@" not in f"{event.facts}{event.personal}"

    @pytest.mark.parametrize("confirmed", [True, False])
    def test_s42_a_confirmed_phone_is_told_in_words_that_it_was_replaced(
        self, client: Browser, ann: Client, confirmed: bool
    ) -> None:
        since = timezone.now() if confirmed else None
        Client.objects.filter(pk=ann.pk).update(phone="+33612345678", phone_confirmed_at=since)
        code = own_code(desk(client, "Administrator"))
        self.change(client, ann, phone="+44 7911 123456", code=code)
        told = SmsMessage.objects.filter(number="+33612345678", purpose="notice")
        assert told.count() == confirmed
        assert not any(symbol.isdigit() for message in told for symbol in message.body)

    def test_s49_it_holds_every_reset_for_a_day(self, client: Browser, ann: Client) -> None:
        admin = desk(client, "Administrator")
        self.change(client, ann, email="new@example.com", code=own_code(admin))
        held = resets.disable(
            ann.user, ResetScope.ALL, operator=admin, reason="r", client_request=True
        )
        assert held is NotDone.HELD
        shown = page(client, ann)
        assert 'data-test="held"' in shown
        assert 'data-test="disable-sms"' not in shown
        assert (
            "act-form" not in client.get(page_of(ann, "two-factor/sms/disable/")).content.decode()
        )
        with time_machine.travel(timezone.now() + timedelta(hours=24, seconds=1)):
            assert people.contact_held_until(ann.user) is None

    def test_a_wrong_code_changes_nothing(self, client: Browser, ann: Client) -> None:
        desk(client, "Administrator")
        answer = self.change(client, ann, email="new@example.com", code="000000")
        shown = answer.content.decode()
        assert "new@example.com" in shown
        assert "000000" not in shown
        assert Client.objects.get(pk=ann.pk).user.email == "ann@example.com"

    def test_a_taken_address_is_said(self, client: Browser, ann: Client) -> None:
        books.client("taken@example.com")
        admin = desk(client, "Administrator")
        answer = self.change(client, ann, email="taken@example.com", code=own_code(admin))
        assert "Another account has this address" in answer.content.decode()

    def test_nothing_to_change_tells_nobody(self, client: Browser, ann: Client) -> None:
        admin = desk(client, "Administrator")
        self.change(client, ann, code=own_code(admin))
        assert not Notice.objects.exists()
        assert people.contact_held_until(ann.user) is None

    def test_s77_without_the_right_it_is_refused_and_logged(self, ann: Client) -> None:
        with pytest.raises(PermissionDenied):
            people.change_contact(
                ann, email="x@example.com", phone="", operator=operator(), reason="r"
            )
        event = AuditEvent.objects.get(action="clients.contact_changed")
        assert event.outcome == Outcome.REFUSED
        assert people.contact_held_until(ann.user) is None
