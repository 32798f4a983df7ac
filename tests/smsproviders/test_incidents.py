"""Incidents: failures of many at once are found, told apart from bad luck, followed and closed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from backoffice.audit import log
from backoffice.audit.models import ActorKind, AuditEvent
from backoffice.policy import changes
from smsproviders import incident_detection, incidents, purging
from smsproviders.models import (
    EVERY_COUNTRY,
    Breaker,
    Incident,
    IncidentKind,
    IncidentNumber,
    IncidentOwner,
    PauseReason,
    RoutePause,
    RouteScope,
    SmsProvider,
)
from smsproviders.vocabulary import Cause, MessageState
from tests.services.threads import run_together
from tests.smsproviders.many_sends import (
    FRANCE,
    GERMANY,
    ITALY,
    Traffic,
    abandoned,
    congested,
    delivered,
    down,
    landline,
    refused,
    rescued,
    silent,
    typed_without_receipt,
)

pytestmark = pytest.mark.django_db
OPERATOR = log.Actor(ActorKind.OPERATOR, "op-1")


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        yield clock


def provider(name: str = "main") -> SmsProvider:
    return SmsProvider.objects.create(
        caption=name.title(), name=name, backend="sandbox", enabled=True
    )


@pytest.fixture
def main(db: None) -> SmsProvider:
    return provider()


@pytest.fixture
def other(db: None) -> SmsProvider:
    return provider("other")


@pytest.fixture
def traffic() -> Traffic:
    return Traffic()


def found() -> list[Incident]:
    incident_detection.detect()
    return list(incidents.open_now())


def places() -> list[tuple[str, str, str]]:
    return [(one.provider_caption, one.country, one.prefix) for one in found()]


def a_calm_past(traffic: Traffic, by: SmsProvider, *, to: str = FRANCE, bad: int = 2) -> None:
    """Of a hundred sends so many failed, two days ago."""
    traffic.add(100 - bad, delivered, by=by, to=to, ago=2 * 24 * 60)
    traffic.add(bad, down, by=by, to=to, ago=2 * 24 * 60)


class TestWhatOpensOne:
    def test_half_of_the_numbers_of_a_route_with_little_history(
        self, main: SmsProvider, traffic: Traffic
    ) -> None:
        traffic.add(5, down, by=main, ago=3).add(5, delivered, by=main).write()
        (one,) = found()
        assert (one.kind, one.cause) == (IncidentKind.FAILURES, Cause.PROVIDER_DOWN)
        assert (one.provider_caption, one.country, one.prefix) == ("Main", "FR", "")
        assert (one.failed, one.sends, one.numbers, one.hit) == (5, 10, 5, 5)
        assert one.owner == IncidentOwner.PROVIDER
        assert one.error_code == "20500"
        assert one.began_at == timezone.now() - timedelta(minutes=3)

    def test_that_it_opened_stands_in_the_log(self, main: SmsProvider, traffic: Traffic) -> None:
        traffic.add(6, down, by=main).write()
        (one,) = found()
        event = AuditEvent.objects.get(action="incident.opened")
        assert (event.subject, event.actor_kind) == (incidents.subject_of(one), ActorKind.SYSTEM)
        assert event.facts["country"] == "FR"

    @pytest.mark.parametrize(("bad", "well"), [(4, 0), (5, 6)])
    def test_fewer_open_none(
        self, main: SmsProvider, traffic: Traffic, bad: int, well: int
    ) -> None:
        traffic.add(bad, down, by=main).add(well, delivered, by=main).write()
        assert found() == []

    def test_one_unlucky_client_who_tries_again_and_again_is_none(
        self, main: SmsProvider, traffic: Traffic
    ) -> None:
        for minute in range(8):
            traffic.add(1, down, by=main, ago=minute + 0.5, number="+33612349999")
        traffic.write()
        assert found() == []

    def test_what_is_the_fault_of_single_numbers_is_none(
        self, main: SmsProvider, traffic: Traffic
    ) -> None:
        traffic.add(20, landline, by=main).write()
        assert found() == []

    def test_a_test_sms_says_nothing(self, main: SmsProvider, traffic: Traffic) -> None:
        traffic.add(20, down, by=main, only_provider=main).write()
        assert found() == []

    def test_the_floor_is_a_setting(self, main: SmsProvider, traffic: Traffic) -> None:
        changes.change({"incident_numbers": "3", "incident_percent": "20"}, actor=log.SYSTEM)
        traffic.add(3, down, by=main).add(12, delivered, by=main).write()
        assert len(found()) == 1

    def test_much_more_than_usual_is_one_long_before_half_fail(
        self, main: SmsProvider, traffic: Traffic
    ) -> None:
        a_calm_past(traffic, main)
        traffic.add(30, down, by=main).add(70, delivered, by=main).write()
        (one,) = found()
        assert (one.usual_failed, one.usual_sends) == (2, 100)

    def test_a_little_more_than_usual_may_be_chance(
        self, main: SmsProvider, traffic: Traffic
    ) -> None:
        a_calm_past(traffic, main, bad=40)
        traffic.add(55, down, by=main).add(45, delivered, by=main).write()
        assert found() == []

    def test_a_route_that_is_always_bad_is_no_news(
        self, main: SmsProvider, traffic: Traffic
    ) -> None:
        a_calm_past(traffic, main, bad=70)
        traffic.add(70, down, by=main).add(30, delivered, by=main).write()
        assert found() == []

    def test_an_earlier_incident_does_not_count_as_usual(
        self, main: SmsProvider, traffic: Traffic
    ) -> None:
        a_calm_past(traffic, main)
        traffic.add(300, down, by=main, ago=300, over=30)
        traffic.add(40, down, by=main).add(60, delivered, by=main).write()
        now = timezone.now()
        Incident.objects.create(
            kind=IncidentKind.FAILURES,
            provider=main,
            country="FR",
            began_at=now - timedelta(minutes=330),
            last_bad_at=now - timedelta(minutes=300),
            closed_at=now - timedelta(minutes=290),
        )
        (one,) = found()
        assert (one.usual_failed, one.usual_sends) == (2, 100)

    def test_an_outage_of_a_busy_route_shows_within_two_minutes(
        self, main: SmsProvider, traffic: Traffic
    ) -> None:
        a_calm_past(traffic, main)
        traffic.add(1000, delivered, by=main, ago=1, over=9)
        traffic.add(60, down, by=main, ago=0, over=0.6).write()
        (one,) = found()
        assert one.began_at > timezone.now() - timedelta(minutes=1)

    def test_what_waits_longer_than_receipts_take(
        self, main: SmsProvider, traffic: Traffic
    ) -> None:
        traffic.add(100, delivered, by=main, ago=2 * 24 * 60)
        traffic.add(12, silent, by=main, ago=4).add(3, delivered, by=main, ago=4).write()
        (one,) = found()
        assert (one.kind, one.owner) == (IncidentKind.RECEIPTS, IncidentOwner.CARRIER)
        assert (one.failed, one.sends, one.hit) == (12, 15, 12)

    @pytest.mark.parametrize(
        ("usually", "now"),
        [(silent, silent), (delivered, typed_without_receipt)],
        ids=["no receipts are usual there", "the codes are typed all the same"],
    )
    def test_a_missing_receipt_may_mean_nothing(
        self, main: SmsProvider, traffic: Traffic, usually: Any, now: Any
    ) -> None:
        traffic.add(100, usually, by=main, ago=2 * 24 * 60)
        traffic.add(20, now, by=main, ago=4).write()
        assert found() == []

    def test_codes_that_are_delivered_and_no_longer_typed(
        self, main: SmsProvider, traffic: Traffic
    ) -> None:
        traffic.add(80, delivered, by=main, ago=2 * 24 * 60)
        traffic.add(20, abandoned, by=main, ago=2 * 24 * 60)
        traffic.add(25, abandoned, by=main, ago=15).add(5, delivered, by=main, ago=15).write()
        (one,) = found()
        assert (one.kind, one.owner) == (IncidentKind.CONVERSION, IncidentOwner.UNKNOWN)

    def test_codes_of_a_route_that_we_paused_for_it_are_no_news(
        self, main: SmsProvider, traffic: Traffic
    ) -> None:
        traffic.add(100, delivered, by=main, ago=2 * 24 * 60)
        traffic.add(30, abandoned, by=main, ago=15).write()
        RoutePause.objects.create(
            scope=RouteScope.PREFIX,
            route=FRANCE,
            country="FR",
            reason=PauseReason.LOW_CONVERSION,
            ends_at=timezone.now() + timedelta(hours=1),
        )
        assert found() == []

    def test_codes_that_are_seldom_typed_anyway_are_no_news(
        self, main: SmsProvider, traffic: Traffic
    ) -> None:
        traffic.add(30, delivered, by=main, ago=2 * 24 * 60)
        traffic.add(70, abandoned, by=main, ago=2 * 24 * 60)
        traffic.add(30, abandoned, by=main, ago=15).write()
        assert found() == []

    def test_a_queue_that_nobody_empties(self, traffic: Traffic) -> None:
        due = timezone.now() - timedelta(minutes=1)
        traffic.add(4, None, ago=1, next_attempt_at=due)
        traffic.add(
            2, None, ago=6, state=MessageState.EXPIRED, cause=Cause.EXPIRED_BEFORE_SENDING
        ).write()
        (one,) = found()
        assert (one.kind, one.owner) == (IncidentKind.QUEUE, IncidentOwner.PLATFORM)
        assert (one.country, one.provider) == ("", None)
        assert one.is_felt

    def test_no_provider_for_a_country(self, traffic: Traffic) -> None:
        traffic.add(6, None, state=MessageState.FAILED, cause=Cause.NO_PROVIDER).write()
        (one,) = found()
        assert (one.country, one.provider, one.owner) == ("FR", None, IncidentOwner.OPERATOR)

    def test_an_open_breaker_needs_fewer_witnesses(
        self, main: SmsProvider, traffic: Traffic
    ) -> None:
        traffic.add(3, down, by=main).write()
        assert found() == []
        now = timezone.now()
        Breaker.objects.create(
            provider=main, country="FR", opened_at=now, probe_at=now + timedelta(seconds=30)
        )
        assert len(found()) == 1

    def test_what_dies_uncalled_is_on_the_account_of_the_breaker_that_held_it(
        self, main: SmsProvider, traffic: Traffic
    ) -> None:
        now = timezone.now()
        Breaker.objects.create(
            provider=main,
            country=EVERY_COUNTRY,
            opened_at=now,
            probe_at=now + timedelta(seconds=30),
            error_code="20500",
        )
        held: dict[str, Any] = {
            "state": MessageState.FAILED,
            "cause": Cause.PROVIDER_DOWN,
            "finished_at": now,
        }
        traffic.add(2, down, by=main).add(10, None, **held).write()
        (one,) = found()
        assert (one.provider, one.failed, one.hit, one.error_code) == (main, 12, 12, "20500")


class TestTheNarrowestScopeThatExplainsIt:
    def test_one_country_of_a_provider(self, main: SmsProvider, traffic: Traffic) -> None:
        traffic.add(8, down, by=main).add(8, delivered, by=main, to=GERMANY).write()
        assert places() == [("Main", "FR", "")]

    def test_all_countries_of_a_provider(
        self, main: SmsProvider, other: SmsProvider, traffic: Traffic
    ) -> None:
        for to in (FRANCE, GERMANY, ITALY):
            traffic.add(6, down, by=main, to=to).add(6, delivered, by=other, to=to)
        traffic.write()
        assert places() == [("Main", "", "")]

    def test_a_provider_whose_failures_are_thin_everywhere(
        self, main: SmsProvider, traffic: Traffic
    ) -> None:
        for to in (FRANCE, GERMANY, ITALY):
            traffic.add(2, down, by=main, to=to)
        traffic.write()
        assert places() == [("Main", "", "")]

    def test_one_country_by_whichever_provider(
        self, main: SmsProvider, other: SmsProvider, traffic: Traffic
    ) -> None:
        for by in (main, other):
            traffic.add(6, congested, by=by).add(6, delivered, by=by, to=GERMANY)
        traffic.write()
        (one,) = found()
        assert (one.provider, one.country) == (None, "FR")
        assert one.owner == IncidentOwner.CARRIER

    def test_everything(self, main: SmsProvider, other: SmsProvider, traffic: Traffic) -> None:
        for by in (main, other):
            for to in (FRANCE, GERMANY):
                traffic.add(6, down, by=by, to=to)
        traffic.write()
        (one,) = found()
        assert (one.provider, one.country) == (None, "")
        assert one.owner == IncidentOwner.UNKNOWN

    def test_the_first_digits_of_one_network(self, main: SmsProvider, traffic: Traffic) -> None:
        for block in ("+628121", "+628122", "+628125"):
            traffic.add(4, congested, by=main, to=block)
        traffic.add(9, delivered, by=main, to="+628571").write()
        assert places() == [("Main", "ID", "+62812")]

    def test_no_digits_where_all_numbers_are_alike(
        self, main: SmsProvider, traffic: Traffic
    ) -> None:
        traffic.add(9, congested, by=main, to="+628121").write()
        assert places() == [("Main", "ID", "")]

    def test_two_countries_among_many_are_two(self, main: SmsProvider, traffic: Traffic) -> None:
        traffic.add(9, down, by=main, to=FRANCE).add(9, congested, by=main, to=ITALY)
        for to in (GERMANY, "+628121", "+120255"):
            traffic.add(30, delivered, by=main, to=to)
        traffic.write()
        assert places() == [("Main", "FR", ""), ("Main", "IT", "")]

    def test_a_single_failure_elsewhere_does_not_widen_it(
        self, main: SmsProvider, traffic: Traffic
    ) -> None:
        traffic.add(9, down, by=main).add(1, down, by=main, to=GERMANY).write()
        assert places() == [("Main", "FR", "")]

    def test_what_the_next_provider_did_is_its_provider_alone(
        self, main: SmsProvider, other: SmsProvider, traffic: Traffic
    ) -> None:
        traffic.add(9, rescued, by=main).write()
        traffic.add(9, delivered, by=other).write()
        (one,) = found()
        assert (one.provider, one.country, one.numbers, one.hit) == (main, "FR", 9, 0)
        assert not one.is_felt


class TestItsLife:
    def test_a_look_at_the_same_changes_nothing(self, main: SmsProvider, traffic: Traffic) -> None:
        traffic.add(6, down, by=main).write()
        before = [vars(one) for one in found()]
        after = [vars(one) for one in found()]
        for one in (*before, *after):
            one.pop("_state")
        assert before == after
        assert IncidentNumber.objects.count() == 6

    def test_its_numbers_grow(
        self, main: SmsProvider, traffic: Traffic, clock: time_machine.Traveller
    ) -> None:
        traffic.add(6, down, by=main).write()
        found()
        clock.shift(timedelta(minutes=25))
        traffic.add(0, down)
        Incident.objects.update(last_bad_at=timezone.now())
        traffic.add(4, down, by=main, ago=1).write()
        found()
        clock.shift(timedelta(minutes=1))
        traffic.add(3, delivered, by=main, ago=0.5).write()
        (one,) = found()
        assert (one.failed, one.sends, one.numbers) == (10, 13, 10)

    def test_a_number_that_is_hit_again_counts_once(
        self, main: SmsProvider, traffic: Traffic
    ) -> None:
        traffic.add(6, down, by=main, ago=2).write()
        found()
        traffic.add(3, down, by=main, ago=1, number=f"{FRANCE}0001").write()
        (one,) = found()
        assert (one.failed, one.numbers, one.hit) == (9, 6, 6)
        row = IncidentNumber.objects.get(number=f"{FRANCE}0001")
        assert row.hit_at == timezone.now() - timedelta(minutes=1)

    def test_it_ends_after_ten_calm_minutes(
        self, main: SmsProvider, traffic: Traffic, clock: time_machine.Traveller
    ) -> None:
        traffic.add(6, down, by=main, ago=0).write()
        began = timezone.now()
        found()
        clock.shift(timedelta(minutes=9))
        traffic.add(20, delivered, by=main, ago=1, over=7).write()
        assert len(found()) == 1
        clock.shift(timedelta(minutes=1))
        assert found() == []
        one = Incident.objects.get()
        assert (one.ended_at, one.closed_at) == (began, timezone.now())
        assert not one.is_felt
        event = AuditEvent.objects.get(action="incident.closed")
        assert event.facts["failed"] == 6

    def test_a_trickle_of_failures_does_not_keep_it_open(
        self, main: SmsProvider, traffic: Traffic, clock: time_machine.Traveller
    ) -> None:
        traffic.add(6, down, by=main, ago=0).write()
        found()
        for _minute in range(11):
            clock.shift(timedelta(minutes=1))
            traffic.add(19, delivered, by=main, ago=0.2).add(1, down, by=main, ago=0.2).write()
            incident_detection.detect()
        assert not incidents.open_now().exists()

    def test_nor_does_one_number_that_is_tried_again(
        self, main: SmsProvider, traffic: Traffic, clock: time_machine.Traveller
    ) -> None:
        traffic.add(6, down, by=main, ago=0).write()
        found()
        clock.shift(timedelta(minutes=10))
        for minute in range(9):
            traffic.add(1, down, by=main, ago=minute, number="+33612349999")
        traffic.write()
        assert found() == []

    def test_less_than_what_opens_one_keeps_it_open(
        self, main: SmsProvider, traffic: Traffic, clock: time_machine.Traveller
    ) -> None:
        traffic.add(6, down, by=main, ago=0).write()
        found()
        clock.shift(timedelta(minutes=9))
        traffic.add(3, down, by=main, ago=1).add(9, delivered, by=main, ago=1).write()
        found()
        clock.shift(timedelta(minutes=5))
        assert len(found()) == 1

    def test_an_open_breaker_keeps_it_open_though_nothing_is_sent(
        self, main: SmsProvider, traffic: Traffic, clock: time_machine.Traveller
    ) -> None:
        traffic.add(6, down, by=main, ago=0).write()
        found()
        clock.shift(timedelta(minutes=9))
        now = timezone.now()
        breaker = Breaker.objects.create(
            provider=main,
            country="FR",
            opened_at=now - timedelta(minutes=9),
            probe_at=now + timedelta(minutes=4),
        )
        found()
        clock.shift(timedelta(minutes=9))
        assert len(found()) == 1
        breaker.delete()
        clock.shift(timedelta(minutes=10))
        assert found() == []

    def test_a_breaker_that_nobody_probes_does_not(
        self, main: SmsProvider, traffic: Traffic, clock: time_machine.Traveller
    ) -> None:
        traffic.add(6, down, by=main, ago=0).write()
        found()
        now = timezone.now()
        Breaker.objects.create(
            provider=main, country="FR", opened_at=now, probe_at=now + timedelta(seconds=30)
        )
        for _ in range(6):
            clock.shift(timedelta(minutes=5))
            found()
        assert not incidents.open_now().exists()

    @pytest.mark.parametrize(("after", "count"), [(25, 1), (45, 2)])
    def test_what_comes_back_soon_is_the_same_one(
        self,
        main: SmsProvider,
        traffic: Traffic,
        clock: time_machine.Traveller,
        after: int,
        count: int,
    ) -> None:
        traffic.add(6, down, by=main, ago=0).write()
        found()
        clock.shift(timedelta(minutes=11))
        assert found() == []
        clock.shift(timedelta(minutes=after))
        traffic.add(7, down, by=main, ago=1).write()
        (one,) = found()
        assert Incident.objects.count() == count
        assert one.reopened == 2 - count
        assert one.failed == (13 if count == 1 else 7)

    def test_a_part_of_an_open_one_is_no_second(
        self, main: SmsProvider, traffic: Traffic, clock: time_machine.Traveller
    ) -> None:
        for to in (FRANCE, GERMANY, ITALY):
            traffic.add(6, down, by=main, to=to)
        traffic.write()
        found()
        clock.shift(timedelta(minutes=9))
        traffic.add(9, congested, by=main).add(40, delivered, by=main, to=GERMANY).write()
        assert places() == [("Main", "", "")]

    def test_one_that_turns_out_to_be_wider_is_widened(
        self, main: SmsProvider, traffic: Traffic, clock: time_machine.Traveller
    ) -> None:
        traffic.add(6, down, by=main).add(30, delivered, by=main, to=GERMANY).write()
        (first,) = found()
        clock.shift(timedelta(minutes=10))
        Incident.objects.update(last_bad_at=timezone.now())
        traffic.add(6, down, by=main).add(9, down, by=main, to=GERMANY)
        traffic.add(6, down, by=main, to=ITALY).write()
        (one,) = found()
        assert (one.pk, one.country, one.began_at) == (first.pk, "", first.began_at)

    def test_two_that_turn_out_to_be_one_are_merged(
        self, main: SmsProvider, traffic: Traffic, clock: time_machine.Traveller
    ) -> None:
        traffic.add(8, down, by=main).add(8, down, by=main, to=ITALY)
        traffic.add(40, delivered, by=main, to=GERMANY).write()
        first, second = found()
        clock.shift(timedelta(minutes=10))
        traffic.add(6, down, by=main).add(6, down, by=main, to=ITALY)
        traffic.add(8, down, by=main, to=GERMANY).write()
        (one,) = found()
        assert one.pk == first.pk
        second.refresh_from_db()
        assert (second.part_of_id, second.is_open) == (one.pk, False)
        assert one.numbers == 8 + 8 + 6 + 6 + 8
        assert not IncidentNumber.objects.filter(incident=second).exists()

    def test_codes_not_typed_in_an_outage_are_no_second_incident(
        self, main: SmsProvider, traffic: Traffic, clock: time_machine.Traveller
    ) -> None:
        traffic.add(100, delivered, by=main, ago=2 * 24 * 60)
        traffic.add(40, abandoned, by=main, ago=15).add(30, down, by=main, ago=9).write()
        (one,) = found()
        assert one.kind == IncidentKind.FAILURES
        clock.shift(timedelta(minutes=10))
        assert found() == []
        assert Incident.objects.count() == 1

    def test_what_begins_as_missing_receipts_may_become_failures(
        self, main: SmsProvider, traffic: Traffic, clock: time_machine.Traveller
    ) -> None:
        traffic.add(100, delivered, by=main, ago=2 * 24 * 60)
        traffic.add(12, silent, by=main, ago=3).write()
        (first,) = found()
        clock.shift(timedelta(minutes=1))
        traffic.add(30, down, by=main, ago=0.5).write()
        (one,) = found()
        assert (one.pk, one.kind) == (first.pk, IncidentKind.FAILURES)

    def test_credentials_that_are_refused_are_ours_to_mend(
        self, main: SmsProvider, traffic: Traffic
    ) -> None:
        traffic.add(6, refused, by=main).write()
        (one,) = found()
        assert (one.owner, one.error_code) == (IncidentOwner.OPERATOR, "20003")


@pytest.mark.django_db(transaction=True)
def test_two_looks_at_once_open_one(traffic: Traffic, clock: time_machine.Traveller) -> None:
    traffic.add(9, down, by=provider()).write()
    results = run_together(4, lambda _index: incident_detection.detect())
    assert results == [None] * 4
    one = Incident.objects.get()
    assert (one.failed, one.numbers) == (9, 9)
    assert AuditEvent.objects.filter(action="incident.opened").count() == 1


def test_old_ones_are_purged_with_the_numbers_they_hit(
    main: SmsProvider, traffic: Traffic, clock: time_machine.Traveller
) -> None:
    traffic.add(6, down, by=main).write()
    found()
    clock.shift(timedelta(days=181))
    purging.purge()
    assert not IncidentNumber.objects.exists()
    assert Incident.objects.exists(), "it is open"
    found()
    purging.purge()
    assert not Incident.objects.exists()


class TestTheNote:
    def test_it_is_kept_encrypted_and_stands_in_the_log(
        self, main: SmsProvider, traffic: Traffic
    ) -> None:
        traffic.add(6, down, by=main).write()
        (one,) = found()
        incidents.note(one, "Twilio works on it", actor=OPERATOR)
        one.refresh_from_db()
        assert (one.note, one.noted_by, one.noted_at) == (
            "Twilio works on it",
            "op-1",
            timezone.now(),
        )
        assert "Twilio" not in Incident.objects.values_list("note", flat=True)[0]
        assert AuditEvent.objects.get(action="incident.noted").actor_id == "op-1"

    def test_a_look_leaves_it_alone(self, main: SmsProvider, traffic: Traffic) -> None:
        traffic.add(6, down, by=main).write()
        (one,) = found()
        incidents.note(one, "seen", actor=OPERATOR)
        (one,) = found()
        assert one.note == "seen"


class TestWhomItConcerns:
    def test_numbers_of_its_scope_whichever_provider(
        self, main: SmsProvider, traffic: Traffic
    ) -> None:
        traffic.add(8, down, by=main).add(8, delivered, by=main, to=GERMANY).write()
        (one,) = found()
        assert incidents.of_number("+33698765432", "FR") == [one]
        assert incidents.of_number("+4915112340000", "DE") == []

    def test_what_is_over_is_found_at_its_moment(
        self, main: SmsProvider, traffic: Traffic, clock: time_machine.Traveller
    ) -> None:
        traffic.add(8, down, by=main).write()
        (one,) = found()
        during = one.last_bad_at
        clock.shift(timedelta(minutes=11))
        found()
        assert incidents.of_number("+33698765432", "FR") == []
        assert incidents.of_number("+33698765432", "FR", moment=during) == [one]
        before = during - timedelta(hours=1)
        assert incidents.of_number("+33698765432", "FR", moment=before) == []
