from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from backoffice.audit.log import Actor
from backoffice.audit.models import ActorKind, AuditEvent
from smsproviders import configuring
from smsproviders.models import SmsProvider
from smsproviders.provider_fields import (
    ProviderFields,
    fields_of,
    settings_form,
    stored_secrets,
)
from smsproviders.vocabulary import CheckResult
from tests.services.threads import run_together

pytestmark = pytest.mark.django_db

ACTOR = Actor(ActorKind.OPERATOR, "user:1")
TOKEN = "a-token-that-nobody-must-see"
SETTINGS = {
    "account_sid": "AC" + "5ad0" * 8,
    "auth_token": TOKEN,
    "from_number": "+447700900123",
}


def fields(**changes: Any) -> ProviderFields:
    return replace(
        ProviderFields(caption="Twilio Europe", backend="twilio", credentials=SETTINGS), **changes
    )


def create(**changes: Any) -> SmsProvider:
    return configuring.create(fields(**changes), actor=ACTOR)


def refused(**changes: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as error:
        create(**changes)
    return error.value.message_dict


def events() -> list[tuple[str, dict[str, Any]]]:
    return list(AuditEvent.objects.order_by("id").values_list("action", "facts"))


def test_it_makes_a_provider_with_a_name_from_its_caption() -> None:
    provider = create(
        countries=["fr", " GB "], senders={"": "+447700900124", "us": "+12025550123", "DE": " "}
    )

    provider.refresh_from_db()
    assert (provider.name, provider.enabled, provider.priority) == ("twilio-europe", True, 10)
    assert provider.countries == ["FR", "GB"]
    assert provider.senders == {"": "+447700900124", "US": "+12025550123"}
    assert provider.credentials["auth_token"] == TOKEN
    assert [action for action, _facts in events()] == ["provider.created"]


@pytest.mark.parametrize(
    ("caption", "name"),
    [
        ("Twilio (EU) 2", "twilio-eu-2"),
        ("a_b", "a-b"),
        ("Компания", "provider"),
        ("x" * 90, "x" * 50),
    ],
)
def test_a_name_is_made_of_any_caption(caption: str, name: str) -> None:
    assert configuring.name_from(caption) == name


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"caption": "  "}, "caption"),
        ({"name": "Not A Name"}, "name"),
        ({"backend": "no-such-backend"}, "backend"),
        ({"priority": -1}, "priority"),
        ({"countries": ["Germany"]}, "countries"),
        ({"senders": {"XX": "+447700900123"}}, "senders"),
        ({"senders": {"": "x" * 51}}, "senders"),
        ({"low_balance": Decimal("1e12")}, "low_balance"),
        ({"credentials": {**SETTINGS, "account_sid": "AC1"}}, "account_sid"),
        ({"credentials": {**SETTINGS, "colour": "red"}}, "colour"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_is_made(
    changes: dict[str, Any], field: str
) -> None:
    assert list(refused(**changes)) == [field]
    assert not SmsProvider.objects.exists()
    assert events() == []


def test_all_that_is_wrong_is_told_at_once() -> None:
    wrong = refused(caption="", countries=["XX"], credentials={"account_sid": "AC1"})

    assert set(wrong) == {"caption", "countries", "account_sid"}


def test_a_name_is_given_once() -> None:
    create()

    assert list(refused(caption="Another", name="twilio-europe")) == ["name"]


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_gets_the_name() -> None:
    results = run_together(4, lambda _: create())

    assert sum(isinstance(result, SmsProvider) for result in results) == 1
    assert sum(isinstance(result, ValidationError) for result in results) == 3


def test_a_blank_secret_keeps_what_is_stored() -> None:
    provider = create()
    shown = fields_of(provider)
    assert TOKEN not in repr(shown) + str(shown.credentials)

    changed = configuring.change(
        provider,
        replace(shown, credentials={**shown.credentials, "auth_token": "", "from_number": "12345"}),
        actor=ACTOR,
    )

    assert changed == ["from_number"]
    assert provider.credentials["auth_token"] == TOKEN
    assert provider.credentials["from_number"] == "12345"


def test_a_secret_goes_when_it_is_named_to_be_cleared() -> None:
    provider = create(credentials={**SETTINGS, "webhook_secret": "of the webhook"})
    assert stored_secrets(provider) == {"auth_token", "webhook_secret"}

    configuring.change(
        provider, replace(fields_of(provider), cleared=frozenset({"webhook_secret"})), actor=ACTOR
    )

    assert stored_secrets(provider) == {"auth_token"}


def test_s53_the_log_says_changed_and_never_to_what() -> None:
    provider = create()
    new = {**SETTINGS, "auth_token": "the-new-token", "from_number": "+447700900199"}

    configuring.change(
        provider, replace(fields_of(provider), credentials=new, priority=3), actor=ACTOR
    )

    action, facts = events()[-1]
    assert action == "provider.changed"
    assert facts["changed"] == ["auth_token", "from_number", "priority"]
    assert (facts["before"], facts["after"]) == ({"priority": 10}, {"priority": 3})
    with connection.cursor() as cursor:
        cursor.execute("SELECT facts::text, personal FROM audit_auditevent")
        logged = str(cursor.fetchall())
    for private in ("the-new-token", TOKEN, "447700900"):
        assert private not in logged


def test_s52_the_form_shows_no_secret() -> None:
    provider = create()

    form = settings_form("twilio", provider=provider)
    page = form.as_p()

    assert SETTINGS["account_sid"] in page
    assert TOKEN not in page
    assert "Leave blank to keep it" in str(form["auth_token"])
    bound = settings_form("twilio", provider=provider, data={"auth_token": "typed"})
    assert "typed" not in str(bound["auth_token"])


def test_no_change_is_no_event() -> None:
    provider = create()

    assert configuring.change(provider, fields_of(provider), actor=ACTOR) == []
    assert len(events()) == 1


def test_a_refused_change_changes_nothing() -> None:
    provider = create()

    with pytest.raises(ValidationError):
        configuring.change(
            provider, replace(fields_of(provider), caption="New", countries=["XX"]), actor=ACTOR
        )

    provider.refresh_from_db()
    assert provider.caption == "Twilio Europe"


def test_new_credentials_forget_what_was_found_with_the_old() -> None:
    provider = create()
    SmsProvider.objects.filter(pk=provider.pk).update(
        credentials_result=CheckResult.OK,
        credentials_checked_at=timezone.now(),
        balance=Decimal("12"),
        currency="USD",
        balance_checked_at=timezone.now(),
    )

    configuring.change(provider, replace(fields_of(provider), priority=1), actor=ACTOR)
    assert provider.credentials_result == CheckResult.OK
    credentials = {**fields_of(provider).credentials, "auth_token": "new"}
    configuring.change(provider, replace(fields_of(provider), credentials=credentials), actor=ACTOR)

    assert provider.credentials_result == CheckResult.UNKNOWN
    assert (provider.credentials_checked_at, provider.balance) == (None, None)


def test_name_and_backend_stay() -> None:
    provider = create()

    configuring.change(
        provider, replace(fields_of(provider), name="other", backend="sandbox"), actor=ACTOR
    )

    provider.refresh_from_db()
    assert (provider.name, provider.backend) == ("twilio-europe", "twilio")


def test_it_is_switched_on_and_off_once() -> None:
    provider = create(enabled=False)

    for _ in range(2):
        configuring.enable(provider, actor=ACTOR)
    assert provider.enabled
    for _ in range(2):
        configuring.disable(provider, actor=ACTOR)
    assert not provider.enabled

    assert [action for action, _facts in events()] == [
        "provider.created",
        "provider.enabled",
        "provider.disabled",
    ]


def test_one_function_saves_new_and_known_ones() -> None:
    provider = configuring.save(None, fields(), actor=ACTOR)
    again = configuring.save(provider, replace(fields_of(provider), caption="New"), actor=ACTOR)

    assert again is provider
    assert SmsProvider.objects.get().caption == "New"
