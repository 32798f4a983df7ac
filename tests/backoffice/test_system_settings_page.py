"""System > Settings, as an operator sees it."""

from typing import Any

import pytest
from django.test import Client

from backoffice.audit.models import ActorKind, AuditEvent
from backoffice.policy import registry
from backoffice.policy.changes import change
from backoffice.policy.models import SystemSetting
from tests.backoffice.operators import operator, sign_in

pytestmark = pytest.mark.django_db
PAGE = "/admin/policy/systemsetting/"
MAY_CHANGE = ["policy.view_systemsetting", "policy.change_systemsetting"]


@pytest.fixture
def desk(client: Client) -> Client:
    return sign_in(client, operator(permissions=MAY_CHANGE))


def as_shown(desk: Client) -> dict[str, Any]:
    """Every field of the page with the value it holds, as a browser would post it."""
    form = desk.get(PAGE).context["form"]
    values = {key: form[key].value() for key in form.fields}
    return values | {f"initial-{key}": value for key, value in values.items()}


def actor() -> Any:
    from backoffice.audit.log import SYSTEM

    return SYSTEM


def test_it_shows_every_setting_with_help_and_default(desk: Client) -> None:
    page = desk.get(PAGE).content.decode()
    for setting in registry.all_settings():
        assert str(setting.label) in page
        assert f'name="{setting.key}"' in page
    assert "Default: 5" in page


def test_it_changes_only_what_was_edited(desk: Client) -> None:
    answer = desk.post(PAGE, {**as_shown(desk), "tries": "7"}, follow=True)
    assert registry.get("tries")() == 7
    assert SystemSetting.objects.count() == 1
    event = AuditEvent.objects.get(action="policy.setting_changed")
    assert event.facts == {"key": "tries", "before": 5, "after": 7}
    assert event.actor_kind == ActorKind.OPERATOR
    page = answer.content.decode()
    assert "5 → 7" in page
    assert 'class="setting changed" id="tries"' in page
    assert page.count('class="setting changed"') == 1


def test_it_leaves_what_a_colleague_saved_meanwhile(desk: Client) -> None:
    mine = as_shown(desk)
    change({"tries": "9"}, actor=actor())
    desk.post(PAGE, {**mine, "block_time": "600"})
    assert registry.get("tries")() == 9
    assert registry.get("block_time")() == 600


def test_an_invalid_value_is_said_beside_its_field_and_nothing_is_saved(desk: Client) -> None:
    answer = desk.post(PAGE, {**as_shown(desk), "tries": "0", "block_time": "600"})
    assert answer.status_code == 200
    assert answer.context["form"].errors["tries"]
    assert "block_time" not in answer.context["form"].errors
    assert not SystemSetting.objects.exists()
    assert 'name="block_time" value="600"' in answer.content.decode()


def test_a_list_of_few_words_is_ticked(desk: Client) -> None:
    desk.post(PAGE, {**as_shown(desk), "methods": ["authenticator"]})
    assert registry.get("methods")() == ("authenticator",)


def test_resetting_one_leaves_the_others(desk: Client) -> None:
    change({"tries": "9", "block_time": "600"}, actor=actor())
    answer = desk.post(PAGE, {"reset": "tries"}, follow=True)
    assert registry.get("tries")() == 5
    assert registry.get("block_time")() == 600
    assert "is back at its default: 5" in answer.content.decode()


def test_resetting_an_unknown_key_is_refused(desk: Client) -> None:
    assert desk.post(PAGE, {"reset": "nonsense"}).status_code == 403


def test_s47_who_may_only_read_cannot_change(client: Client) -> None:
    desk = sign_in(client, operator(permissions=["policy.view_systemsetting"]))
    page = desk.get(PAGE).content.decode()
    assert 'name="tries"' in page
    assert "Save" not in page
    assert desk.post(PAGE, {"tries": "7"}).status_code == 403
    assert desk.post(PAGE, {"reset": "tries"}).status_code == 403
    assert not SystemSetting.objects.exists()


def test_s47_without_the_right_there_is_no_page(client: Client) -> None:
    desk = sign_in(client, operator(permissions=["audit.view_auditevent"]))
    assert desk.get(PAGE).status_code == 403


def test_s22_a_password_alone_opens_nothing(client: Client) -> None:
    desk = sign_in(client, operator(permissions=MAY_CHANGE), verified=False)
    assert desk.get(PAGE).status_code == 302
    assert desk.post(PAGE, {"tries": "7"}).status_code == 302
    assert not SystemSetting.objects.exists()


def test_there_is_no_way_round_through_djangos_own_pages(desk: Client) -> None:
    change({"tries": "9"}, actor=actor())
    assert desk.post(f"{PAGE}tries/change/", {"value": "1"})["Location"] == PAGE
    assert desk.post(f"{PAGE}add/", {"key": "tries", "value": "1"}).status_code in {302, 403}
    assert desk.post(f"{PAGE}tries/delete/", {"post": "yes"}).status_code == 403
    assert registry.get("tries")() == 9
