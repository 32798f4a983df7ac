"""What a diagnosis costs: the same after 5 messages and after 5,000, and bounded."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.policy import stored
from clients.models import User
from smsproviders import templating
from smsproviders.models import SmsProvider
from tests.backoffice import histories
from tests.diagnosis.world import World
from twofa.diagnosis.diagnosing import judge
from twofa.diagnosis.facts import gather

MOST = 16


def queries_of(user: User) -> int:
    """As a process pays that was just started."""
    stored.forget()
    templating.forget()
    with CaptureQueriesContext(connection) as captured:
        gather(User.objects.get(pk=user.pk))
    return len(captured) - 1


def test_it_costs_the_same_however_long_the_history_is(world: World) -> None:
    provider: SmsProvider = world.with_twilio()
    few = world.client()
    many = world.client("bob@example.com", sms="+33612345679")
    histories.of_messages(few.client, provider, 5, until=timezone.now())
    histories.of_messages(many.client, provider, 5000, until=timezone.now())
    assert queries_of(few) == queries_of(many) <= MOST


def test_the_checks_themselves_ask_the_database_nothing(world: World) -> None:
    world.with_twilio()
    ann = world.client(app=True)
    world.undelivered(ann, 30003)
    facts = gather(ann)
    with CaptureQueriesContext(connection) as captured:
        found = judge(facts)
        told = [(one.summary, one.tell("fr")) for one in found.findings]
    assert told
    assert not captured.captured_queries


@pytest.mark.parametrize("factors", [{"sms": None}, {"app": True}, {}])
def test_a_client_without_a_history_costs_no_more(world: World, factors: dict[str, bool]) -> None:
    assert queries_of(world.client(**factors)) <= MOST  # type: ignore[arg-type]
