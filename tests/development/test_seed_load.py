"""Clients and messages in bulk: true to themselves, of their time, and never sent."""

import io
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import phonenumbers
import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from backoffice.common.identifiers import first_uuid7_at
from backoffice.development.load.countries import COUNTRIES
from backoffice.development.load.stories import STORIES, Story
from clients.models import Client, User
from smsproviders import asking, purging, settling, sweeping
from smsproviders.models import DeliveryReport, SmsAttempt, SmsMessage, SmsProvider
from smsproviders.sending.next_step import GiveUp
from smsproviders.sending.standing import standing
from twofa import two_factor_column
from twofa.models import (
    Authenticator,
    Challenge,
    CodeAttempt,
    SendRequest,
    SmsConfirmation,
    VerificationState,
)
from twofa.numbers import country_of, is_landline, is_usable

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _debug(settings: Settings) -> None:
    settings.DEBUG = True


@pytest.fixture(autouse=True)
def _at_one_moment() -> Iterator[None]:
    """So that chance gives the same data each time."""
    with time_machine.travel(NOW, tick=False):
        yield


def seed_load(*, clients: int = 0, messages: int = 0, **options: Any) -> dict[str, Any]:
    out = io.StringIO()
    counts = {"clients": clients, "messages": messages}
    call_command("seed_load", json=True, stdout=out, stderr=io.StringIO(), **counts, **options)
    told: dict[str, Any] = json.loads(out.getvalue())
    return told


# What the command does


@pytest.mark.django_db
def test_it_adds_as_many_as_it_is_asked_for_and_more_the_next_time() -> None:
    told = seed_load(clients=40, messages=90)
    assert (told["clients"], told["messages"]) == (40, 90)
    seed_load(clients=10, messages=20)
    assert (User.objects.count(), Client.objects.count()) == (50, 50)
    assert SmsMessage.objects.count() == 110
    assert User.objects.values("email").distinct().count() == 50


@pytest.mark.django_db
def test_messages_alone_go_to_the_clients_of_an_earlier_load() -> None:
    seed_load(clients=30)
    seed_load(messages=30)
    numbers = set(SmsConfirmation.objects.values_list("number", flat=True))
    assert set(SmsMessage.objects.values_list("number", flat=True)) <= set(map(str, numbers))


@pytest.mark.django_db
def test_messages_to_nobody_are_refused() -> None:
    with pytest.raises(CommandError, match="--clients 1000"):
        seed_load(messages=5)


@pytest.mark.django_db
def test_without_debug_it_needs_to_be_forced(settings: Settings) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError, match="--force"):
        seed_load(clients=1)
    assert not User.objects.exists()
    seed_load(clients=1, force=True)
    assert User.objects.count() == 1


@pytest.mark.parametrize("counts", [{}, {"clients": -1}, {"clients": 5, "messages": -2}])
def test_a_number_that_makes_no_sense_is_wrong_usage(counts: dict[str, int]) -> None:
    with pytest.raises(CommandError) as caught:
        seed_load(**counts)
    assert caught.value.returncode == 2


@pytest.mark.django_db
def test_the_same_seed_at_the_same_moment_gives_the_same_data() -> None:
    def made(seed: int) -> list[object]:
        with transaction.atomic():
            seed_load(clients=20, messages=40, seed=seed)
            facts = [
                list(User.objects.order_by("pk").values_list("pk", "email", "last_login")),
                list(Client.objects.order_by("user").values_list("phone", "two_factor", "status")),
                list(SmsMessage.objects.order_by("pk").values_list("pk", "number", "state")),
                list(Challenge.objects.order_by("pk").values_list("pk", "public_reference")),
            ]
            transaction.set_rollback(True)
        return facts

    first, again, other = made(7), made(7), made(8)
    assert first == again
    assert first != other


# Clients


@pytest.mark.django_db
def test_nobody_can_sign_in_as_one_of_them() -> None:
    seed_load(clients=5)
    assert not any(user.has_usable_password() for user in User.objects.all())


@pytest.mark.django_db
def test_unless_one_password_is_given_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("a pass phrase of many words\n"))
    seed_load(clients=3, password_stdin=True)
    assert all(user.check_password("a pass phrase of many words") for user in User.objects.all())


@pytest.mark.django_db
def test_factors_are_whole_and_the_list_tells_them_truly() -> None:
    seed_load(clients=60)
    for device in Authenticator.objects.all():
        assert len(device.seed) == 32
    told = dict(Client.objects.values_list("user_id", "two_factor"))
    assert len(Counter(told.values())) == 4
    for client in Client.objects.select_related("user"):
        two_factor_column.refresh(client.user)
    assert dict(Client.objects.values_list("user_id", "two_factor")) == told
    with_factor = sum(value != "none" for value in told.values())
    assert VerificationState.objects.count() == with_factor


@pytest.mark.django_db
def test_clients_came_over_two_years_in_the_order_of_their_keys() -> None:
    seed_load(clients=50)
    joined = list(User.objects.order_by("pk").values_list("date_joined", flat=True))
    assert joined == sorted(joined)
    assert joined[-1] - joined[0] > timedelta(days=600)
    for user in User.objects.all():
        assert abs(user.pk.int - first_uuid7_at(user.date_joined).int) >> 80 <= 1


@pytest.mark.parametrize("country", COUNTRIES, ids=lambda country: country.code)
def test_numbers_are_mobile_numbers_of_their_country(country: Any) -> None:
    random = Random(3)
    for _ in range(20):
        number = country.number(random)
        assert country_of(number) == country.code
        assert is_usable(number, new=True)
        assert not is_landline(number)
        assert phonenumbers.is_valid_number(phonenumbers.parse(number))


# Messages


@pytest.mark.parametrize("story", STORIES, ids=lambda story: f"{story.state}-{story.weight}")
def test_each_story_ends_as_its_calls_say(story: Story) -> None:
    attempts = [
        SmsAttempt(
            number=number,
            decision=call.decision,
            cause=call.cause or "",
            progress=call.progress or "",
        )
        for number, call in enumerate(story.calls, start=1)
    ]
    found = standing(attempts, GiveUp(), alive=False)
    assert (found.state, found.cause) == (story.state, story.cause or "")
    assert sum(story.weight for story in STORIES) == 1000


@pytest.mark.django_db
def test_nothing_of_it_is_ever_sent_asked_for_or_closed() -> None:
    seed_load(clients=50, messages=300)
    assert not SmsMessage.objects.filter(next_attempt_at__isnull=False).exists()
    assert not SmsMessage.objects.filter(finished_at=None).exists()
    assert not SmsMessage.objects.exclude(body="").exists()
    assert not SmsProvider.objects.filter(enabled=True).exists()
    assert (sweeping.requeue(), settling.close_expired(), asking.hand_out()) == (0, 0, 0)
    assert purging.purge() == 0


@pytest.mark.django_db
def test_a_message_has_all_that_belongs_to_it() -> None:
    seed_load(clients=50, messages=400)
    messages = SmsMessage.objects.all()
    assert {"delivered", "sent", "undelivered"} <= set(messages.values_list("state", flat=True))
    assert SendRequest.objects.filter(outcome="queued").count() == 400
    asked = set(map(str, Challenge.objects.values_list("pk", flat=True)))
    assert 20 < len(asked) < 250
    assert asked <= set(messages.values_list("reference", flat=True))
    typed = messages.filter(reference__in=asked, converted_at__isnull=False).count()
    assert CodeAttempt.objects.filter(outcome="accepted").count() == typed
    delivered = messages.filter(state="delivered")
    assert delivered.filter(attempts__reports__progress="delivered").distinct().count() == (
        delivered.count()
    )


@pytest.mark.django_db
def test_moments_are_in_order_and_keys_are_of_their_time() -> None:
    seed_load(clients=30, messages=200)
    now = timezone.now()
    for message in SmsMessage.objects.prefetch_related("attempts__reports"):
        steps = [message.created_at, message.accepted_at, message.sent_at, message.delivered_at]
        assert (told := [step for step in steps if step]) == sorted(told)
        assert now - timedelta(days=90) <= message.created_at <= now - timedelta(minutes=9)
        assert message.pk >= first_uuid7_at(message.created_at)
        for attempt in message.attempts.all():
            assert attempt.pk > message.pk
            assert all(report.pk > attempt.pk for report in attempt.reports.all())
    keys = list(SmsMessage.objects.order_by("created_at").values_list("pk", flat=True))
    assert keys == sorted(keys)


@pytest.mark.django_db
def test_raw_answers_are_there_as_long_as_they_are_kept() -> None:
    seed_load(clients=30, messages=300)
    limit = first_uuid7_at(timezone.now() - timedelta(days=30))
    for model, name in ((SmsAttempt, "answer"), (DeliveryReport, "payload")):
        filled = model._default_manager.exclude(**{name: {}})
        assert filled.filter(pk__gte=limit).exists()
        assert not filled.filter(pk__lt=limit).exists()


ON_SQLITE = """
import json
from io import StringIO
import django; django.setup()
from django.core.management import call_command
from django.db import connection
call_command("migrate", verbosity=0)
call_command("seed_load", clients=60, messages=200, stdout=StringIO(), stderr=StringIO())
from backoffice.policy import changes
from backoffice.audit import log
from clients import purging as sessions
from smsproviders import purging as messages, settling, sweeping
from smsproviders.models import DeliveryReport, SmsAttempt, SmsMessage
from twofa import purging as codes
from twofa.models import Authenticator, CodeAttempt, SendRequest
models = SmsMessage, SmsAttempt, DeliveryReport, SendRequest, CodeAttempt
def counted(): return [model.objects.count() for model in models]
before = counted()
changes.change(dict.fromkeys(("keep_messages_days", "keep_codes_days"), "7"), actor=log.SYSTEM)
changes.change({"keep_answers_days": "1"}, actor=log.SYSTEM)
purged = [messages.purge() > 0, codes.purge() > 0, sessions.purge()]
again = [messages.purge(), codes.purge()]
filled = SmsAttempt.objects.exclude(answer={}).count()
print(json.dumps({
    "vendor": connection.vendor, "before": before, "after": counted(), "purged": purged,
    "again": again, "filled": filled, "seed": len(Authenticator.objects.first().seed),
    "swept": [sweeping.requeue(), settling.close_expired()],
}))
"""


def test_load_and_purge_work_on_sqlite_too(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'load.sqlite3'}"
    addresses = {"DATABASE_URL": database, "DATABASE_MIGRATION_URL": database, "DEBUG": "1"}
    result = subprocess.run(
        [sys.executable, "-c", ON_SQLITE],
        cwd=ROOT,
        env={**os.environ, **addresses, "DJANGO_SETTINGS_MODULE": "backoffice.settings"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    told = json.loads(result.stdout.splitlines()[-1])
    assert (told["vendor"], told["seed"]) == ("sqlite", 32)
    assert told["before"][0] == 200
    assert 0 < told["after"][0] < 40
    assert all(after < before for before, after in zip(told["before"], told["after"], strict=True))
    assert told["purged"] == [True, True, 0]
    assert (told["again"], told["swept"]) == ([0, 0], [0, 0])
    assert told["filled"] < 10
