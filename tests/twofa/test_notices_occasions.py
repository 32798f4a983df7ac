"""When a client is told by SMS, and what no notice ever says."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import transaction
from django.utils import timezone

from clients.models import User
from smsproviders.models import SmsMessage
from tests.twofa import people
from tests.twofa.pages import Person, signed_in_by_app
from tests.twofa.people import NUMBER, PASSWORD, app_code
from twofa import notice_sending, notices, old_numbers
from twofa.models import Notice
from twofa.notices import NoticeKind

NEW_NUMBER = "+33698765432"


@pytest.fixture
def ann(db: None) -> User:
    return people.client(password=PASSWORD)


def told() -> list[SmsMessage]:
    return list(SmsMessage.objects.filter(purpose=old_numbers.PURPOSE).order_by("id"))


def test_s42_who_switches_sms_off_has_the_number_told_in_words(
    ann: User, set_policy: Callable[..., None]
) -> None:
    """Also when no further code may be sent to it: else whoever asks for codes could silence it."""
    people.sms(ann)
    set_policy(cap_number_hour="1")
    people.sent_code(ann)
    person, device = signed_in_by_app(ann)
    person.open("/security/sms/").press("disable").submit("code", app_code(device))
    [message] = told()
    assert message.number == NUMBER
    assert not any(symbol.isdigit() for symbol in message.body)


@pytest.mark.django_db
def test_one_number_is_told_so_often_in_a_day() -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        sent = [old_numbers.tell(NUMBER, "words") for _ in range(old_numbers.MOST + 1)]
        assert sent == [True] * old_numbers.MOST + [False]
        assert old_numbers.tell(NEW_NUMBER, "words")
        clock.shift(timedelta(days=1, seconds=1))
        assert old_numbers.tell(NUMBER, "words")


@pytest.mark.django_db
@pytest.mark.parametrize("number", ["", "+12025550143"])
def test_no_number_and_none_of_a_closed_country_is_told(
    set_policy: Callable[..., None], number: str
) -> None:
    set_policy(allowed_countries="FR")
    assert not old_numbers.tell(number, "words")
    assert told() == []


def test_nobody_is_told_of_what_was_undone(ann: User) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        notices.tell(ann, NoticeKind.PASSWORD_CHANGED)
        old_numbers.tell(NUMBER, "words")
        raise RuntimeError
    assert not Notice.objects.exists()
    assert told() == []


def test_no_notice_holds_a_code_a_seed_or_a_number(ann: User) -> None:
    person, device = signed_in_by_app(ann)
    device.refresh_from_db()
    code = app_code(device)
    person.open("/security/recovery-codes/").press("make").submit("code", code)
    codes = [code.strip() for code in person.page.marked["recovery-code"]]
    secrets = [code, NUMBER, NUMBER[-4:], device.seed, *codes]
    secrets += [code.replace("-", "") for code in codes]
    people.sms(ann)
    person.open("/security/sms/").press("disable")
    other = Person().sign_in(ann.email).open("/sign-in/recovery/")
    other.submit("code", codes[0])
    for _ in range(5):
        people.try_code(ann, people.wrong_app_code(device))
    notice_sending.sweep()
    kinds = set(Notice.objects.values_list("kind", flat=True))
    assert {"recovery_codes_made", "factor_disabled", "recovery_code_used", "wrong_codes"} <= kinds
    for message in mail.outbox:
        assert isinstance(message, mail.EmailMultiAlternatives)
        said = f"{message.subject} {message.body} {message.alternatives}"
        assert [secret for secret in secrets if secret in said] == []
