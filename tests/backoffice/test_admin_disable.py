"""Disabling a factor, and unlocking, from the client's page (S48 to S51)."""

import re
from typing import Any

import pytest
from django.test import Client as Browser

from backoffice.audit import personal
from backoffice.audit.models import AuditEvent
from clients.models import Client
from smsproviders.models import SmsMessage
from tests.backoffice import books
from tests.backoffice.books import desk, locked, own_code, page_of, with_both_factors
from tests.backoffice.operators import sign_in
from tests.twofa.people import sms
from twofa.models import Authenticator, Notice, Reset, SmsConfirmation, VerificationState

pytestmark = pytest.mark.django_db
WARNING = "at the client&#x27;s explicit request and under the client&#x27;s responsibility"


@pytest.fixture
def ann() -> Client:
    return with_both_factors(books.client(phone="+33612345678", country="FR"))


def disable(browser: Browser, client: Client, factor: str = "sms", **given: Any) -> Any:
    values = {"reason": "Phone lost", "ticket": "T-1", "identified": "on", **given}
    return browser.post(page_of(client, f"two-factor/{factor}/disable/"), values)


def has_sms(client: Client) -> bool:
    return SmsConfirmation.objects.filter(user=client.user, confirmed=True).exists()


def test_the_page_says_what_will_happen_and_warns(client: Browser, ann: Client) -> None:
    desk(client, "Security desk")
    shown = client.get(page_of(ann, "two-factor/sms/disable/")).content.decode()
    assert "SMS confirmation stops working for Ann Lee at once" in shown
    assert WARNING in shown
    assert "Disable SMS confirmation for Ann Lee" in shown
    for name in ("reason", "ticket", "identified", "code"):
        assert f'name="{name}"' in shown


def test_s48_with_everything_given_it_is_done_logged_and_told(client: Browser, ann: Client) -> None:
    theirs = Browser()
    sign_in(theirs, ann.user)
    operator = desk(client, "Security desk")
    answer = disable(client, ann, code=own_code(operator))
    assert answer["Location"] == page_of(ann, "settings/")
    assert not has_sms(ann)
    assert Authenticator.objects.filter(user=ann.user, confirmed=True).exists()
    assert "SMS confirmation is disabled for Ann Lee" in client.get(page_of(ann)).content.decode()
    reset = Reset.objects.get()
    assert (reset.operator, reset.reason, reset.ticket) == (operator, "Phone lost", "T-1")
    event = AuditEvent.objects.get(action="twofa.factor_reset")
    assert event.actor_id == str(operator.pk)
    assert (personal.reveal(event) or {})["reason"] == "Phone lost"
    assert Notice.objects.filter(user=ann.user, kind="factor_reset").exists()
    assert theirs.get("/security/").status_code == 302


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"reason": "  "}, "Write down why."),
        ({"identified": ""}, "Go on only when the client asked for it"),
        ({"code": ""}, "Enter the code."),
        ({"code": "12 34"}, "Some digits are missing"),
        ({"code": "000000"}, "This code is not right."),
        ({"code": ["123456", "123456"]}, "digits only"),
    ],
)
def test_s48_without_one_of_them_nothing_happens(
    client: Browser, ann: Client, given: dict[str, Any], words: str
) -> None:
    operator = desk(client, "Security desk")
    answer = disable(client, ann, **{"code": own_code(operator), **given})
    shown = answer.content.decode()
    assert words in shown
    assert "The code of your own authenticator app" in shown
    assert has_sms(ann)
    assert not Reset.objects.exists()
    if "reason" not in given:
        assert "Phone lost</textarea>" in shown
    assert 'value="T-1"' in shown
    assert not any(f'value="{code}"' in shown for code in ("000000", "12 34", own_code(operator)))


def test_s48_the_code_works_once(client: Browser, ann: Client) -> None:
    operator = desk(client, "Security desk")
    code = own_code(operator)
    disable(client, ann, code=code)
    answer = disable(client, ann, "authenticator", code=code)
    assert "used already" in answer.content.decode()
    assert Authenticator.objects.filter(user=ann.user, confirmed=True).exists()


def test_s48_a_repeat_is_harmless(client: Browser, ann: Client) -> None:
    operator = desk(client, "Security desk")
    disable(client, ann, code=own_code(operator))
    answer = disable(client, ann, code=own_code(operator, steps=1))
    assert answer.status_code == 302
    assert Reset.objects.count() == 1
    assert "is not enabled for this client" in client.get(page_of(ann)).content.decode()


def test_s44_get_and_head_change_nothing(client: Browser, ann: Client) -> None:
    operator = desk(client, "Security desk")
    query = {"reason": "r", "identified": "on", "code": own_code(operator)}
    address = page_of(ann, "two-factor/sms/disable/")
    client.get(address, query)
    client.head(address, query)
    assert has_sms(ann)


def test_s44_a_foreign_form_is_refused(ann: Client) -> None:
    strict = Browser(enforce_csrf_checks=True)
    operator = desk(strict, "Security desk")
    assert disable(strict, ann, code=own_code(operator)).status_code == 403
    assert has_sms(ann)


def test_an_operator_with_sms_is_sent_a_code_and_keeps_what_was_typed(
    client: Browser, ann: Client
) -> None:
    operator = desk(client, "Security desk")
    Authenticator.objects.filter(user=operator).delete()
    factor = sms(operator, "+33698765432")
    session = client.session
    session["otp_device_id"] = factor.persistent_id
    session.save()
    address = page_of(ann, "two-factor/sms/disable/")
    assert 'data-test="send-code"' in client.get(address).content.decode()
    assert not SmsMessage.objects.exists()
    shown = disable(client, ann, send="1").content.decode()
    assert "A code is on its way" in shown
    assert "Phone lost</textarea>" in shown
    assert re.search('name="identified"[^>]* checked', shown)
    message = SmsMessage.objects.get(number="+33698765432")
    disable(client, ann, factor="sms", code=message.body[:6])
    assert not has_sms(ann)


def test_s51_never_one_s_own_factor(client: Browser) -> None:
    operator = desk(client, "Security desk")
    own = Client.objects.create(user=operator, name="Own")
    assert client.get(page_of(own, "two-factor/authenticator/disable/")).status_code == 403
    assert Authenticator.objects.filter(user=operator, confirmed=True).exists()


def test_s51_mass_disabling_is_stopped_in_words(
    client: Browser, ann: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("twofa.operator_acts.RESETS_HOUR", lambda: 0)
    operator = desk(client, "Security desk")
    answer = disable(client, ann, code=own_code(operator))
    assert answer.status_code == 302
    assert has_sms(ann)
    assert "too many factors within an hour" in client.get(page_of(ann)).content.decode()


@pytest.mark.parametrize("factor", ["recovery", "x", "SMS"])
def test_other_factors_have_no_page(client: Browser, ann: Client, factor: str) -> None:
    desk(client, "Security desk")
    address = page_of(ann, f"two-factor/{factor}/disable/")
    assert client.get(address).status_code == 404


def test_s50_delete_and_history_are_no_way_round(client: Browser, ann: Client) -> None:
    desk(client, "Administrator")
    for address in (
        page_of(ann, "delete/"),
        f"/admin/clients/user/{ann.user_id}/delete/",
        f"/admin/clients/user/{ann.user_id}/change/",
    ):
        assert client.post(address, {"post": "yes"}).status_code in {302, 403}
    assert has_sms(ann)
    history = client.get(page_of(ann, "history/"))
    assert history["Location"].startswith("/admin/audit/auditevent/?subject=user")
    desk(client, "Support", email="s@example.com")
    assert client.get(client.get(page_of(ann, "history/"))["Location"]).status_code == 403


class TestUnlock:
    def test_it_clears_the_lock_and_is_logged(self, client: Browser, ann: Client) -> None:
        locked(ann)
        operator = desk(client, "Security desk")
        address = page_of(ann, "two-factor/unlock/")
        assert "Unlock Ann Lee" in client.get(address).content.decode()
        answer = client.post(address, {"reason": "Called back", "code": own_code(operator)})
        assert answer["Location"] == page_of(ann, "settings/")
        state = VerificationState.objects.get(user=ann.user)
        assert (state.failures, state.locked_until) == (0, None)
        assert AuditEvent.objects.filter(action="twofa.unlocked").exists()
        assert Notice.objects.filter(user=ann.user, kind="unlocked").exists()

    def test_it_wants_a_reason_and_a_code(self, client: Browser, ann: Client) -> None:
        locked(ann)
        operator = desk(client, "Security desk")
        address = page_of(ann, "two-factor/unlock/")
        client.post(address, {"reason": "", "code": own_code(operator)})
        client.post(address, {"reason": "Called back", "code": "000000"})
        assert VerificationState.objects.get(user=ann.user).failures == 5

    def test_who_is_not_locked_is_led_back(self, client: Browser, ann: Client) -> None:
        desk(client, "Security desk")
        answer = client.get(page_of(ann, "two-factor/unlock/"), follow=True)
        assert "This client is not locked." in answer.content.decode()
