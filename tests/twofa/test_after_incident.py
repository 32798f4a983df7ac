"""When an incident is over, those who got no code and have not signed in since are told, once."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from backoffice.audit import log
from backoffice.policy import changes
from clients.models import ClientStatus
from smsproviders.models import HitOutcome, IncidentKind, IncidentNumber
from tests.services.threads import run_together
from tests.twofa import hits, people
from tests.twofa.asking import ask
from twofa import after_incident, tasks
from twofa.models import Notice, VerificationState
from twofa.vocabulary import Purpose

pytestmark = pytest.mark.django_db


def told() -> list[str]:
    tasks.tell_after_incidents()
    return sorted(
        Notice.objects.filter(kind="after_incident").values_list("user__email", flat=True)
    )


def outcomes() -> list[str]:
    return list(IncidentNumber.objects.order_by("id").values_list("outcome", flat=True))


def test_each_is_told_once() -> None:
    hits.clients_hit(hits.over(), 3)
    assert told() == ["c0@example.com", "c1@example.com", "c2@example.com"]
    assert len(told()) == 3
    assert outcomes() == [HitOutcome.TOLD] * 3


def test_nobody_is_told_while_it_goes_on() -> None:
    hits.clients_hit(hits.incident(), 2)
    assert told() == []


def test_nor_while_another_keeps_the_codes_away() -> None:
    one = hits.over(country="", provider=None)
    hits.clients_hit(one, 2)
    other = hits.incident(country="FR")
    assert told() == []
    other.is_felt = False
    other.save()
    assert len(told()) == 2


def signed_in(user: Any) -> None:
    VerificationState.objects.update_or_create(
        user=user, defaults={"last_success_at": timezone.now()}
    )


def by_password(user: Any) -> None:
    user.last_login = timezone.now()
    user.save()


@pytest.mark.parametrize("recover", [signed_in, by_password])
def test_who_signed_in_since_is_not_told(recover: Callable[[Any], None]) -> None:
    ann, _bob = hits.clients_hit(hits.over(), 2)
    recover(ann)
    assert told() == ["c1@example.com"]
    assert outcomes() == [HitOutcome.RECOVERED, HitOutcome.TOLD]


def test_who_signed_in_before_is() -> None:
    (ann,) = hits.clients_hit(hits.over(), 1)
    VerificationState.objects.filter(user=ann).update(
        last_success_at=timezone.now() - timedelta(hours=2)
    )
    assert told() == ["c0@example.com"]


def block(user: Any) -> None:
    user.client.status = ClientStatus.BLOCKED
    user.client.save()


def deactivate(user: Any) -> None:
    user.is_active = False
    user.save()


def be_an_operator(user: Any) -> None:
    user.client.delete()


@pytest.mark.parametrize("change", [block, deactivate, be_an_operator])
def test_who_could_not_sign_in_anyway_is_not_told(change: Callable[[Any], None]) -> None:
    (ann,) = hits.clients_hit(hits.over(), 1)
    change(ann)
    assert told() == []
    assert outcomes() == [HitOutcome.LEFT_OUT]


def test_who_got_the_code_by_another_provider_is_not_told() -> None:
    one = hits.over()
    hits.asked_in_vain("ann@example.com")
    hits.hit(one, hit_at=None)
    assert told() == []


def test_two_accounts_with_one_phone_are_both_told() -> None:
    hits.asked_in_vain("ann@example.com")
    hits.asked_in_vain("bob@example.com")
    hits.hit(hits.over())
    assert told() == ["ann@example.com", "bob@example.com"]


def test_one_account_with_two_numbers_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(after_incident, "AT_ONCE", 1)
    one = hits.over()
    ann = hits.asked_in_vain("ann@example.com", hits.number_of(1))
    people.sms(ann, hits.number_of(2), confirmed=False)
    hits.hit(one, hits.number_of(1))
    ask(ann, purpose=Purpose.ENROL)
    hits.hit(one, hits.number_of(2))
    assert told() == ["ann@example.com"]
    assert told() == ["ann@example.com"]
    assert outcomes() == [HitOutcome.TOLD] * 2


def test_a_second_incident_is_told_as_well() -> None:
    hits.clients_hit(hits.over(), 1)
    assert len(told()) == 1
    hits.hit(hits.over(), hits.number_of(0))
    assert len(told()) == 2


def test_they_come_back_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(after_incident, "AT_ONCE", 2)
    hits.clients_hit(hits.over(), 5)
    assert [len(told()) for _ in range(4)] == [2, 4, 5, 5]


def test_it_can_be_switched_off() -> None:
    changes.change({"tell_clients_after_incident": "off"}, actor=log.SYSTEM)
    hits.clients_hit(hits.over(), 1)
    assert told() == []
    assert outcomes() == [HitOutcome.LEFT_OUT]


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": IncidentKind.CONVERSION},
        {"closed_at": timezone.now() - timedelta(hours=25)},
    ],
    ids=["where it is not known who was hit", "when it helps nobody any more"],
)
def test_nobody_is_told(fields: dict[str, Any]) -> None:
    hits.clients_hit(hits.over(**fields), 1)
    assert told() == []
    assert outcomes() == [HitOutcome.LEFT_OUT]


def test_the_mail_says_to_try_again_in_the_clients_language_and_holds_no_link() -> None:
    hits.clients_hit(hits.over(), 1)
    told()
    tasks.sweep_notices()
    (message,) = mail.outbox
    assert message.subject == "Back Office: text messages work again"
    assert "try once more" in message.body
    assert "http" not in message.body
    assert not re.search(r"\d{5}", str(message.body)), "it might be taken for a code"


@pytest.mark.django_db(transaction=True)
def test_two_at_once_tell_nothing_twice() -> None:
    hits.clients_hit(hits.over(), 6)
    results = run_together(3, lambda _index: after_incident.tell())
    assert sum(one for one in results if isinstance(one, int)) == 6
    assert Notice.objects.count() == 6
