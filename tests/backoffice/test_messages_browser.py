"""Messages, and two tabs of a client, in a real browser: wide and narrow, in both schemes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from backoffice.audit import log
from backoffice.audit.models import ActorKind, Outcome
from clients.models import Client
from smsproviders.models import SmsMessage, SmsProvider
from smsproviders.vocabulary import Cause, Decision, MessageState, Progress
from tests.backoffice import books
from tests.backoffice.books import page_of
from tests.backoffice.message_books import LIST, call, failed, message, message_to, provider
from tests.backoffice.windows import Open
from tests.services.looks import look_everywhere
from tests.smsproviders import old_rows
from tests.twofa import people
from twofa import log_actions, notices
from twofa.notices import NoticeKind

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ann() -> Client:
    ann = books.client(phone=people.NUMBER, country="FR")
    people.sms(ann.user)
    people.authenticator(ann.user)
    return ann


@pytest.fixture
def twilio_row() -> SmsProvider:
    return provider("twilio")


@pytest.fixture
def rescued(ann: Client, twilio_row: SmsProvider) -> SmsMessage:
    """Refused by one provider, delivered by another, typed."""
    second = provider("vonage", backend="vonage", priority=20)
    asked = timezone.now() - timedelta(days=0.02)
    sent = message_to(
        ann,
        days=0.02,
        country="FR",
        accepted_at=asked + timedelta(seconds=1),
        sent_at=asked + timedelta(seconds=2),
        delivered_at=asked + timedelta(seconds=4),
        converted_at=asked + timedelta(seconds=21),
    )
    refused = {"cause": Cause.CREDENTIALS_REJECTED, "error_code": "20003"}
    facts = {"decision": Decision.NEXT, "progress": "", "provider_message_id": ""}
    answer = {"status": 401, "code": 20003, "message": "Authenticate"}
    call(
        sent, twilio_row, answer=answer, duration_ms=231, sender="+15005550006", **refused, **facts
    )
    cost = {"segments": 1, "price": "0.0712", "currency": "EUR"}
    old_rows.report(call(sent, second, sender="ACME", duration_ms=412, **cost))
    return sent


@pytest.fixture
def others(ann: Client, twilio_row: SmsProvider, rescued: SmsMessage) -> None:
    failed(twilio_row, number=people.NUMBER, country="FR", days=0.2)
    message(purpose="test", only_provider=twilio_row, by=twilio_row, days=0.3)
    message_to(ann, days=1, state=MessageState.EXPIRED, country="FR")
    bob = books.client("bob@example.com", name="Bob Stone")
    taken = message_to(bob, days=2, state=MessageState.ACCEPTED, number="+447700900123")
    cost = {"segments": 2, "price": "0.15", "currency": "USD"}
    call(taken, twilio_row, progress=Progress.ACCEPTED, **cost)


@pytest.fixture
def happened(ann: Client) -> None:
    subject, own = log_actions.subject(ann.user), log_actions.actor(ann.user)
    desk = log.Actor(ActorKind.OPERATOR, str(people.operator("mia@example.com").pk))
    facts = {"factor": "sms", "outcome": "expired", "purpose": "sign_in", "reference": "K7Q2-M9XP"}
    log.record(log_actions.SIGNED_IN, actor=own, subject=subject, facts={"factor": "sms"})
    log.record(
        log_actions.CODE_REFUSED, actor=own, subject=subject, outcome=Outcome.REFUSED, facts=facts
    )
    log.record(log_actions.UNLOCKED, actor=desk, subject=subject, reason="Called from the branch")
    notices.tell(ann.user, NoticeKind.UNLOCKED)


def test_no_page_has_a_finding_an_overflow_or_a_refused_style(
    open_as: Open,
    ann: Client,
    rescued: SmsMessage,
    others: None,
    happened: None,
    console_errors: list[str],
) -> None:
    page = open_as()
    for address in (
        LIST,
        f"{LIST}?number=x&country=GB",
        f"{LIST}{rescued.pk}/change/",
        page_of(ann, "messages/"),
        page_of(ann, "activity/"),
    ):
        page.goto(address)
        page.evaluate("document.querySelectorAll('main details').forEach(it => it.open = true)")
        look_everywhere(page)
    assert console_errors == []


def test_a_message_under_way_is_followed_to_its_end(
    open_as: Open, ann: Client, twilio_row: SmsProvider, console_errors: list[str]
) -> None:
    """What is unfolded stays so, with the focus on it."""
    people.sent_code(ann.user)
    sent = SmsMessage.objects.get()
    call(sent, twilio_row, answer={"status": "queued"}, progress=Progress.ACCEPTED)
    page = open_as("Support")
    page.goto(f"{LIST}{sent.pk}/change/")
    state, answer = page.locator("[data-test=state]"), page.get_by_text('"status": "queued"')
    assert state.inner_text() == "Queued"
    page.get_by_text("What the provider answered").click()
    assert answer.is_visible()
    now = timezone.now()
    SmsMessage.objects.update(
        state=MessageState.DELIVERED, finished_at=now, accepted_at=now, delivered_at=now
    )
    page.get_by_text("Delivered: the phone has it").wait_for()
    assert state.inner_text() == "Delivered"
    assert answer.is_visible()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    assert console_errors == []


def test_a_code_is_sent_again_by_keyboard(
    open_as: Open, ann: Client, twilio_row: SmsProvider
) -> None:
    provider("vonage", backend="vonage", priority=20)
    people.sent_code(ann.user)
    sent = SmsMessage.objects.get()
    ann.user.send_requests.update(at=timezone.now() - timedelta(seconds=60))
    page = open_as("Support")
    page.goto(f"{LIST}{sent.pk}/change/")
    page.get_by_label("By", exact=True).focus()
    for key in ("ArrowDown", "ArrowDown", "Tab", "Enter"):
        page.keyboard.press(key)
    page.get_by_text("The code is being sent again").wait_for()
    new = SmsMessage.objects.get(resent_from=sent)
    assert new.only_provider is not None
    assert new.only_provider.name == "vonage"
    assert page.locator(f"a[href='{LIST}{sent.pk}/change/']").is_visible()
