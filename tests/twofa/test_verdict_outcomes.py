"""Did it help? What is kept of a verdict that was shown, and what it settles to by itself."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.audit import log
from backoffice.audit.models import ActorKind, AuditEvent, Outcome
from clients.models import User
from tests.services.threads import run_together
from tests.smsproviders.old_rows import id_of
from tests.twofa.people import client, operator
from twofa import log_actions, verdict_figures, verdict_outcomes
from twofa.diagnosis.findings import Diagnosis, Finding
from twofa.diagnosis.vocabulary import CauseId, Confidence
from twofa.models import VerdictOutcome, VerdictShown, VerdictTally
from twofa.purging import purge
from twofa.tasks import settle_verdicts
from twofa.verdict_showing import show

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def ann() -> User:
    return client()


def diagnosis(user: User, *causes: CauseId, as_of: datetime | None = None) -> Diagnosis:
    at = as_of or timezone.now()
    findings = tuple(Finding(cause, Confidence.CERTAIN, (), at) for cause in causes)
    return Diagnosis(user, at, findings, checks=(), is_past=as_of is not None)


def shown(
    user: User, cause: CauseId | None = CauseId.LOCKED, *, by: User | None = None
) -> VerdictShown:
    show(diagnosis(user, *([cause] if cause else [])), operator=by)
    return VerdictShown.objects.filter(user=user).latest("shown_at")


def happened(user: User, action: log.Action, *, minutes: float, **facts: str) -> None:
    """So many minutes after noon."""
    at = NOON + minutes * MINUTE
    AuditEvent.objects.create(
        id=id_of(at),
        at=at,
        action=action.key,
        outcome=Outcome.DONE,
        actor_kind=ActorKind.CLIENT,
        subject=log_actions.subject(user),
        facts=facts,
    )


def settled(row: VerdictShown, clock: time_machine.Traveller, *, after: timedelta) -> VerdictShown:
    clock.move_to(NOON + after)
    settle_verdicts()
    row.refresh_from_db()
    return row


class TestShowing:
    def test_the_verdict_and_the_further_causes_are_kept(self, ann: User) -> None:
        desk = operator()
        show(diagnosis(ann, CauseId.HARD_LOCKED, CauseId.CLOCK_SKEW), operator=desk)
        row = VerdictShown.objects.get()
        assert (row.user, row.operator, row.verdict) == (ann, desk, "twofa.hard_locked")
        assert (row.further, row.shown_at, row.as_of) == (["totp.clock_skew"], NOON, None)

    def test_a_past_diagnosis_keeps_the_moment_it_was_of(self, ann: User) -> None:
        show(diagnosis(ann, CauseId.LOCKED, as_of=NOON - 20 * MINUTE), operator=operator())
        assert VerdictShown.objects.get().as_of == NOON - 20 * MINUTE

    def test_the_same_within_ten_minutes_is_kept_once(
        self, ann: User, clock: time_machine.Traveller
    ) -> None:
        desk = operator()
        for minutes in (0, 1, 9.9):
            clock.move_to(NOON + minutes * MINUTE)
            assert show(diagnosis(ann, CauseId.LOCKED), operator=desk) == []
        assert VerdictShown.objects.count() == 1
        clock.move_to(NOON + 10 * MINUTE)
        assert len(show(diagnosis(ann, CauseId.LOCKED), operator=desk)) == 1
        assert VerdictShown.objects.count() == 2

    def test_another_operator_verdict_or_client_is_another_showing(self, ann: User) -> None:
        desk, other = operator(), operator("other@example.com")
        shown(ann, by=desk)
        shown(ann, by=other)
        shown(ann, CauseId.CLOCK_SKEW, by=desk)
        shown(client("bob@example.com"), by=desk)
        shown(ann)
        assert VerdictShown.objects.count() == 5

    def test_it_costs_two_queries_and_one_where_it_was_shown_just_before(self, ann: User) -> None:
        found = diagnosis(ann, CauseId.LOCKED)
        for cost in (2, 1):
            with CaptureQueriesContext(connection) as queries:
                show(found, operator=None)
            assert len(queries) == cost

    def test_the_command_shows_too(self, ann: User) -> None:
        call_command("diagnose", ann.email)
        assert VerdictShown.objects.get().operator is None


@pytest.mark.django_db(transaction=True)
def test_two_pages_at_once_are_one_showing(ann: User) -> None:
    desk = operator()
    found = diagnosis(ann, CauseId.LOCKED)
    assert run_together(6, lambda _: show(found, operator=desk)) == [[]] * 6
    assert VerdictShown.objects.count() == 1


class TestSettling:
    def test_it_held_when_a_code_was_taken_within_a_quarter_of_an_hour(
        self, ann: User, clock: time_machine.Traveller
    ) -> None:
        row = shown(ann)
        happened(ann, log_actions.CODE_ACCEPTED, minutes=14.9, factor="authenticator")
        assert settled(row, clock, after=15 * MINUTE).outcome == VerdictOutcome.HELD
        assert (row.recovered_by, row.recovered_at) == ("authenticator", NOON + 14.9 * MINUTE)
        assert row.look_at is None

    def test_a_sign_in_without_a_code_is_one_too(
        self, ann: User, clock: time_machine.Traveller
    ) -> None:
        row = shown(ann, CauseId.NOT_ENABLED)
        happened(ann, log_actions.SIGNED_IN, minutes=3, factor="")
        assert settled(row, clock, after=4 * MINUTE).outcome == VerdictOutcome.HELD

    def test_a_sign_in_before_it_was_shown_or_of_another_says_nothing(
        self, ann: User, clock: time_machine.Traveller
    ) -> None:
        happened(ann, log_actions.CODE_ACCEPTED, minutes=-1, factor="sms")
        happened(client("bob@example.com"), log_actions.CODE_ACCEPTED, minutes=1, factor="sms")
        row = shown(ann)
        assert settled(row, clock, after=17 * MINUTE).outcome == ""

    def test_an_unlock_and_then_a_sign_in_is_a_verdict_that_held(
        self, ann: User, clock: time_machine.Traveller
    ) -> None:
        row = shown(ann)
        happened(ann, log_actions.UNLOCKED, minutes=1)
        assert settled(row, clock, after=5 * MINUTE).outcome == ""
        happened(ann, log_actions.CODE_ACCEPTED, minutes=9, factor="sms")
        assert settled(row, clock, after=10 * MINUTE).outcome == VerdictOutcome.HELD

    @pytest.mark.parametrize("act", [log_actions.FACTOR_RESET, log_actions.UNLOCKED])
    def test_a_factor_disabled_or_unlocked_is_a_reset_and_the_sign_in_is_still_awaited(
        self, ann: User, clock: time_machine.Traveller, act: log.Action
    ) -> None:
        row = shown(ann, CauseId.WRONG_SEED)
        happened(ann, act, minutes=8)
        assert settled(row, clock, after=20 * MINUTE).outcome == VerdictOutcome.RESET
        assert row.look_at is not None
        happened(ann, log_actions.CODE_ACCEPTED, minutes=90, factor="authenticator")
        assert settled(row, clock, after=3 * 60 * MINUTE).recovered_at == NOON + 90 * MINUTE
        assert row.outcome == VerdictOutcome.RESET
        assert row.look_at is None

    def test_another_contact_later_with_trouble_still_says_that_it_did_not_help(
        self, ann: User, clock: time_machine.Traveller
    ) -> None:
        row = shown(ann)
        clock.move_to(NOON + 31 * MINUTE)
        shown(ann, CauseId.CLOCK_SKEW, by=operator())
        assert settled(row, clock, after=32 * MINUTE).outcome == VerdictOutcome.CONTACT

    def test_another_look_within_half_an_hour_or_without_trouble_is_no_contact(
        self, ann: User, clock: time_machine.Traveller
    ) -> None:
        row = shown(ann)
        clock.move_to(NOON + 29 * MINUTE)
        shown(ann)
        clock.move_to(NOON + 45 * MINUTE)
        shown(ann, None)
        assert settled(row, clock, after=60 * MINUTE).outcome == ""

    def test_a_look_at_an_earlier_moment_is_no_contact(
        self, ann: User, clock: time_machine.Traveller
    ) -> None:
        row = shown(ann)
        clock.move_to(NOON + 40 * MINUTE)
        show(diagnosis(ann, CauseId.LOCKED, as_of=NOON - MINUTE), operator=operator())
        assert settled(row, clock, after=41 * MINUTE).outcome == ""

    def test_trouble_after_a_late_sign_in_is_a_new_story(
        self, ann: User, clock: time_machine.Traveller
    ) -> None:
        row = shown(ann)
        happened(ann, log_actions.CODE_ACCEPTED, minutes=40, factor="sms")
        clock.move_to(NOON + 300 * MINUTE)
        shown(ann, CauseId.CLOCK_SKEW)
        assert settled(row, clock, after=301 * MINUTE).outcome == VerdictOutcome.UNKNOWN
        assert row.recovered_at == NOON + 40 * MINUTE

    def test_nothing_within_a_day_is_not_known(
        self, ann: User, clock: time_machine.Traveller
    ) -> None:
        row = shown(ann)
        assert settled(row, clock, after=timedelta(hours=23)).outcome == ""
        assert settled(row, clock, after=timedelta(hours=25)).outcome == VerdictOutcome.UNKNOWN
        assert row.look_at is None

    def test_a_day_without_a_worker_changes_no_outcome(
        self, ann: User, clock: time_machine.Traveller
    ) -> None:
        row = shown(ann)
        happened(ann, log_actions.CODE_ACCEPTED, minutes=2, factor="sms")
        assert settled(row, clock, after=timedelta(days=3)).outcome == VerdictOutcome.HELD
        assert VerdictTally.objects.get().held == 1

    def test_the_older_the_more_seldom_it_is_looked_at(
        self, ann: User, clock: time_machine.Traveller
    ) -> None:
        row = shown(ann)
        looks = []
        while row.look_at is not None:
            clock.move_to(row.look_at)
            settle_verdicts()
            row.refresh_from_db()
            looks.append(timezone.now())
        assert 40 < len(looks) < 120
        assert sum(at <= NOON + 15 * MINUTE for at in looks) > 12

    def test_settling_again_changes_nothing(self, ann: User, clock: time_machine.Traveller) -> None:
        row = shown(ann)
        happened(ann, log_actions.CODE_ACCEPTED, minutes=2, factor="sms")
        before = settled(row, clock, after=5 * MINUTE).settled_at
        assert settled(row, clock, after=50 * MINUTE).settled_at == before
        assert verdict_outcomes.settle_due() == 0
        assert verdict_figures.figures().total.held == 1

    def test_many_cost_the_same_few_queries(self, clock: time_machine.Traveller) -> None:
        costs = []
        for number in (1, 30):
            for index in range(number):
                shown(client(f"{number}-{index}@example.com"))
            clock.shift(MINUTE)
            with CaptureQueriesContext(connection) as queries:
                assert verdict_outcomes.settle_due() >= number
            costs.append(len(queries))
        assert costs[0] == costs[1] <= 14


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_do_no_harm(ann: User, clock: time_machine.Traveller) -> None:
    shown(ann)
    happened(ann, log_actions.CODE_ACCEPTED, minutes=2, factor="sms")
    clock.move_to(NOON + 3 * MINUTE)
    assert max(run_together(3, lambda _: verdict_outcomes.settle_due())) == 1  # type: ignore[type-var]
    tally = VerdictTally.objects.get()
    assert (tally.shown, tally.held) == (1, 1)


class TestFigures:
    def test_verdicts_that_held_repeats_and_minutes_to_recovery(
        self, ann: User, clock: time_machine.Traveller
    ) -> None:
        for number in range(3):
            user = client(f"{number}@example.com")
            shown(user)
            happened(user, log_actions.CODE_ACCEPTED, minutes=4 + number, factor="sms")
        shown(ann, CauseId.CLOCK_SKEW)
        clock.move_to(NOON + 40 * MINUTE)
        shown(ann, CauseId.CLOCK_SKEW)
        clock.shift(MINUTE)
        settle_verdicts()
        found = verdict_figures.figures()
        assert (found.total.shown, found.total.share.part, found.total.share.whole) == (5, 3, 4)
        locked, skewed = found.by_verdict
        assert (locked.verdict, locked.shown, locked.held) == ("twofa.locked", 3, 3)
        assert 240 < (locked.seconds or 0) < 400
        assert (skewed.verdict, skewed.contact, skewed.seconds) == ("totp.clock_skew", 1, None)

    def test_nothing_shown_has_no_figures(self) -> None:
        found = verdict_figures.figures()
        assert (found.total.shown, found.total.share.percent, found.by_verdict) == (0, None, [])


def test_verdicts_and_their_numbers_go_after_half_a_year(
    ann: User, clock: time_machine.Traveller
) -> None:
    shown(ann)
    settle_verdicts()
    VerdictShown.objects.update(id=id_of(NOON))
    clock.shift(timedelta(days=179))
    assert purge() == 0
    clock.shift(timedelta(days=2))
    assert purge() == 2
    assert not VerdictShown.objects.exists()
    assert not VerdictTally.objects.exists()
