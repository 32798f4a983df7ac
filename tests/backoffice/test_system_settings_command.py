"""`manage.py system_settings`, as a script uses it."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from backoffice.audit.models import ActorKind, AuditEvent
from backoffice.policy import registry
from backoffice.policy.models import SystemSetting

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("system_settings", *arguments, stdout=out)
    return out.getvalue()


def run_json(*arguments: str) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(run(*arguments, "--json"))
    return parsed


def refused(*arguments: str) -> CommandError:
    with pytest.raises(CommandError) as caught:
        run(*arguments)
    return caught.value


def test_it_prints_all_of_them() -> None:
    values = run_json()
    assert set(values) == {setting.key for setting in registry.all_settings()}
    assert {"methods", "allowed_countries", "code_lifetime", "block_time", "tries"} <= set(values)
    assert {"resend_delays", "cap_number_hour", "cap_number_day"} <= set(values)
    assert {"cap_address_hour", "cap_prefix_hour"} <= set(values)
    assert values["tries"] == 5


def test_it_changes_several_at_once_and_logs_each() -> None:
    assert run_json("tries=7", "allowed_countries=FR, de") == {
        "tries": 7,
        "allowed_countries": ["FR", "DE"],
    }
    assert registry.get("tries")() == 7
    events = AuditEvent.objects.filter(action="policy.setting_changed")
    assert {event.subject for event in events} == {"setting:tries", "setting:allowed_countries"}
    assert {event.actor_kind for event in events} == {ActorKind.COMMAND}


def test_it_says_in_words_what_changed() -> None:
    assert run("tries=7").split() == ["tries", "7", "(default:", "5)", "changed"]
    assert "changed" not in run("tries=7")


def test_an_invalid_value_changes_nothing_at_all() -> None:
    error = refused("code_lifetime=120", "tries=many")
    assert error.returncode == 1
    assert str(error).startswith("tries: ")
    assert not SystemSetting.objects.exists()
    assert not AuditEvent.objects.exists()


def test_an_unknown_key_is_wrong_usage_and_names_the_nearest() -> None:
    error = refused("tryes=7")
    assert error.returncode == 2
    assert "Did you mean tries?" in str(error)


def test_a_key_like_no_other_gets_the_list() -> None:
    error = refused("zzz=7", "tries=6")
    assert error.returncode == 2
    assert "tries" in str(error)
    assert not SystemSetting.objects.exists()


@pytest.mark.parametrize("arguments", [("tries",), ("tries=6", "tries=7")])
def test_a_key_without_value_or_given_twice_is_wrong_usage(arguments: tuple[str, ...]) -> None:
    assert refused(*arguments).returncode == 2
