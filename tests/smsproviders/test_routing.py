"""Which providers may send a message, in which order, and what that costs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from smsproviders.models import EVERY_COUNTRY, Breaker, SmsProvider
from smsproviders.routing import OpenBreaker, route, route_of
from smsproviders.sending.delivering import deliver
from smsproviders.vocabulary import Cause, CheckResult
from tests.smsproviders.conftest import MakeProvider
from tests.smsproviders.messages import outcomes_of, queue
from tests.twilio_server import TwilioServer, no_callbacks, ok

pytestmark = pytest.mark.django_db(transaction=True)


def names(country: str) -> list[str]:
    return [provider.name for provider in route(country)]


def open_one(provider: SmsProvider, country: str, *, seconds: float) -> Breaker:
    now = timezone.now()
    probe_at = now + timedelta(seconds=seconds)
    return Breaker.objects.create(
        provider=provider,
        country=country,
        opened_at=now,
        probe_at=probe_at,
        cause=Cause.PROVIDER_DOWN,
    )


def test_it_goes_by_priority_country_and_being_enabled(make_twilio_provider: MakeProvider) -> None:
    make_twilio_provider(name="off", enabled=False, priority=1)
    make_twilio_provider(name="france", countries=["FR"], priority=2)
    make_twilio_provider(name="all", priority=3)
    make_twilio_provider(name="britain", countries=["GB", "IE"], priority=4)
    assert names("GB") == ["all", "britain"]


def test_one_whose_account_was_found_unusable_is_tried_last(
    make_twilio_provider: MakeProvider,
) -> None:
    make_twilio_provider(name="rejected", priority=1, credentials_result=CheckResult.PROBLEM)
    make_twilio_provider(name="unknown", priority=2)
    make_twilio_provider(name="well", priority=3, credentials_result=CheckResult.OK)
    assert names("GB") == ["unknown", "well", "rejected"]


def test_one_whose_breaker_is_open_keeps_its_place_and_is_marked(
    make_twilio_provider: MakeProvider,
) -> None:
    first = make_twilio_provider(name="first", priority=1)
    make_twilio_provider(name="second", priority=2)
    open_one(first, "FR", seconds=60)
    assert route_of(queue()).breakers == {}
    own = open_one(first, "GB", seconds=30)
    assert own.probe_at
    found = route_of(queue())
    assert found.breakers == {first.pk: OpenBreaker(own.probe_at, False, Cause.PROVIDER_DOWN)}
    assert names("GB") == ["first", "second"]


@pytest.mark.parametrize("later", ["GB", EVERY_COUNTRY])
def test_of_two_open_breakers_the_later_holds(twilio_provider: SmsProvider, later: str) -> None:
    for country in ("GB", EVERY_COUNTRY):
        open_one(twilio_provider, country, seconds=60 if country == later else 30)
    probe_at = Breaker.objects.get(country=later).probe_at
    assert route_of(queue()).breakers[twilio_provider.pk].probe_at == probe_at


def test_one_is_alone_when_no_other_is_enabled_for_any_country(
    make_twilio_provider: MakeProvider,
) -> None:
    make_twilio_provider(name="britain", countries=["GB"])
    make_twilio_provider(name="off", enabled=False)
    assert route_of(queue()).alone
    make_twilio_provider(name="france", countries=["FR"])
    assert not route_of(queue()).alone


def test_a_test_message_goes_by_its_provider_alone_whatever_its_breaker_says(
    make_twilio_provider: MakeProvider,
) -> None:
    make_twilio_provider(name="first", priority=1)
    tested = make_twilio_provider(name="tested", enabled=False)
    open_one(tested, "GB", seconds=30)
    found = route_of(queue(only_provider=tested))
    assert (list(found.providers), found.breakers) == ([tested.pk], {})


def test_a_message_that_is_taken_costs_eight_statements(
    twilio: TwilioServer, make_twilio_provider: MakeProvider
) -> None:
    """Breakers, rate and routing add none. More, and 200 messages a second get out of reach."""
    twilio.behave(ok().calling(no_callbacks()))
    make_twilio_provider(name="first", priority=1, messages_per_second=100)
    make_twilio_provider(name="second", priority=2)
    message = queue()
    with CaptureQueriesContext(
        connection,
    ) as captured:
        deliver(message.pk)
    assert outcomes_of(message) == [("Twilio", "done")]
    statements = [query["sql"] for query in captured if query["sql"][:5] not in {"BEGIN", "COMMI"}]
    assert [_in_short(sql) for sql in statements] == [
        "SELECT smsmessage FOR UPDATE",
        "SELECT smsprovider",
        "INSERT smsattempt",
        "UPDATE smsmessage",
        "SELECT smsmessage FOR UPDATE",
        "SELECT smsattempt",
        "UPDATE smsattempt",
        "UPDATE smsmessage",
    ]
    assert len(captured) == len(statements) + 4, "two transactions"


def _in_short(sql: str) -> str:
    verb = sql.split()[0]
    table = sql[sql.index('FROM "' if verb == "SELECT" else ' "') :].split('"')[1]
    locks = " FOR UPDATE" if "FOR UPDATE" in sql else ""
    return f"{verb} {table.removeprefix('smsproviders_')}{locks}"
