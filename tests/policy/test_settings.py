"""System > Settings: typed, validated, all or nothing, logged."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backoffice.audit.log import Actor
from backoffice.audit.models import ActorKind, AuditEvent
from backoffice.policy import kinds, registry, stored
from backoffice.policy.changes import change
from backoffice.policy.models import SystemSetting

ACTOR = Actor(ActorKind.OPERATOR, "op-1")

COUNT = kinds.integer(
    "tests_count", group="Tests", label="Count", help="", default=5, low=1, high=9
)
SWITCH = kinds.switch("tests_switch", group="Tests", label="Switch", help="", default=False)
NAME = kinds.text("tests_name", group="Tests", label="Name", help="", default="Back Office")
DELAYS = kinds.integers(
    "tests_delays", group="Tests", label="Delays", help="", default=[30, 60], low=1, high=600
)
MONEY = kinds.money("tests_money", group="Tests", label="Money", help="", default="0.10", high=1000)
WORDS = kinds.words(
    "tests_words", group="Tests", label="Words", help="", default=["FR"], allowed=["FR", "DE"]
)

pytestmark = pytest.mark.django_db


def test_without_a_change_the_default_is_in_force() -> None:
    assert (COUNT(), SWITCH(), NAME()) == (5, False, "Back Office")
    assert (DELAYS(), WORDS()) == ((30, 60), ("FR",))


def test_a_change_is_in_force_at_once_and_logged() -> None:
    changed = change(
        {"tests_count": "7", "tests_switch": "on", "tests_delays": "5, 10", "tests_words": "de,fr"},
        actor=ACTOR,
    )
    assert (COUNT(), SWITCH(), DELAYS(), WORDS()) == (7, True, (5, 10), ("DE", "FR"))
    assert changed["tests_count"] == 7
    facts = AuditEvent.objects.get(subject="setting:tests_count").facts
    assert facts == {"key": "tests_count", "before": 5, "after": 7}


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("tests_count", "0"),
        ("tests_count", "ten"),
        ("tests_count", ""),
        ("tests_money", "-1"),
        ("tests_money", "1000.01"),
        ("tests_money", "0.00001"),
        ("tests_money", "NaN"),
        ("tests_switch", "perhaps"),
        ("tests_delays", ""),
        ("tests_delays", "30,x"),
        ("tests_words", "FR,XX"),
        ("tests_name", ""),
        ("tests_name", "x" * 101),
    ],
)
def test_a_value_that_is_not_valid_is_refused_and_nothing_is_changed(key: str, text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        change({"tests_name": "New", key: text}, actor=ACTOR)
    assert key in caught.value.message_dict
    assert not SystemSetting.objects.exists()
    assert not AuditEvent.objects.exists()


def test_an_amount_is_exact_however_it_is_written() -> None:
    assert Decimal("0.1") == MONEY()
    assert change({"tests_money": "0.100"}, actor=ACTOR) == {}
    assert change({"tests_money": "100.00"}, actor=ACTOR) == {"tests_money": "100"}
    assert (MONEY(), MONEY.to_text(MONEY())) == (Decimal(100), "100")


def test_an_unknown_key_is_an_error_of_its_own() -> None:
    with pytest.raises(registry.UnknownSetting):
        change({"tests_nothing": "1"}, actor=ACTOR)


def test_setting_the_same_value_again_changes_and_logs_nothing() -> None:
    assert change({"tests_count": "5"}, actor=ACTOR) == {}
    assert not AuditEvent.objects.exists()


def test_going_back_to_the_default_keeps_no_row() -> None:
    change({"tests_count": "6"}, actor=ACTOR)
    change({"tests_count": "5"}, actor=ACTOR)
    assert COUNT() == 5
    assert not SystemSetting.objects.exists()


def test_an_empty_list_of_words_is_a_value() -> None:
    change({"tests_words": ""}, actor=ACTOR)
    assert WORDS() == ()


def test_a_dozen_readings_cost_one_query() -> None:
    stored.forget()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        for _ in range(12):
            COUNT(), NAME()
    assert len(queries) == 1


def test_a_key_is_declared_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        kinds.text("tests_name", group="", label="", help="", default="")
