"""What sending keeps for a while only, and how it goes without getting in anybody's way."""

import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from backoffice.audit import log
from backoffice.audit.models import AuditEvent
from backoffice.common import purging as steps
from backoffice.policy import changes
from smsproviders import purging, settling
from smsproviders.models import (
    DeliveryReport,
    PauseReason,
    PurgeMark,
    RoutePause,
    RouteScope,
    SandboxMessage,
    SmsAttempt,
    SmsMessage,
    SmsProvider,
)
from smsproviders.tasks import purge
from smsproviders.vocabulary import MessageState
from tests.services.threads import run_together
from tests.smsproviders.messages import deliver_now, queue
from tests.smsproviders.old_rows import (
    ANSWER,
    PAYLOAD,
    attempt,
    id_of,
    message,
    report,
    with_history,
)

pytestmark = pytest.mark.django_db(transaction=True)


def soon() -> float:
    return time.monotonic() + 30


def rows_left() -> tuple[int, int, int]:
    models = (SmsMessage, SmsAttempt, DeliveryReport)
    return tuple(model.objects.count() for model in models)  # type: ignore[return-value]


def keep(**texts: str) -> None:
    changes.change(texts, actor=log.SYSTEM)


# Messages, attempts and reports


def test_a_message_goes_after_half_a_year_with_its_attempts_and_reports() -> None:
    with_history(days=181)
    young = with_history(days=179)
    purge()
    assert SmsMessage.objects.get() == young
    assert rows_left() == (1, 1, 1)


def test_how_long_messages_are_kept_is_a_setting() -> None:
    with_history(days=8)
    keep(keep_messages_days="7")
    purge()
    assert rows_left() == (0, 0, 0)


def test_a_message_that_is_not_finished_stays_however_old() -> None:
    stuck = message(days=400, finished=False)
    purge()
    assert SmsMessage.objects.get() == stuck


def test_the_newer_of_two_linked_messages_stays_when_the_older_goes() -> None:
    older = message(days=181)
    newer = message(days=179, resent_from=older)
    purge()
    newer.refresh_from_db()
    assert newer.resent_from is None


def test_purging_again_changes_nothing_more() -> None:
    with_history(days=181)
    with_history(days=60)
    assert purging.purge() > 0
    before = rows_left()
    assert purging.purge() == 0
    assert rows_left() == before


def test_what_a_purge_did_not_get_done_the_next_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "BATCH", 2)
    for number in range(5):
        message(days=200 + number)
    assert purging.messages(time.monotonic() - 1) == 0
    assert purging.messages(soon()) == 5
    assert rows_left()[0] == 0


def test_the_log_is_never_purged() -> None:
    keep(keep_messages_days="7")
    entries = AuditEvent.objects.count()
    assert entries
    purge()
    assert AuditEvent.objects.count() == entries


# Raw answers


def test_raw_answers_and_payloads_go_after_a_month_and_what_they_meant_stays() -> None:
    with_history(days=31)
    purge()
    assert SmsAttempt.objects.values_list("answer", "decision", "progress").get() == (
        {},
        "done",
        "delivered",
    )
    assert DeliveryReport.objects.values_list("payload", "raw_status").get() == ({}, "delivered")


def test_younger_answers_stay() -> None:
    with_history(days=29)
    purge()
    assert SmsAttempt.objects.get().answer == ANSWER
    assert DeliveryReport.objects.get().payload == PAYLOAD


def test_blanking_goes_on_from_where_it_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "BATCH", 2)
    attempts = [attempt(message(days=40 - number)) for number in range(5)]
    assert purging.answers(soon()) == 5
    assert PurgeMark.objects.get().up_to == attempts[-1].pk
    late = attempt(message(days=30.5))
    assert purging.answers(soon()) == 1
    late.refresh_from_db()
    assert late.answer == {}


# Texts


def test_a_text_that_outlived_its_message_is_blanked() -> None:
    """No code of ours does that; a row brought back from a backup may."""
    old = message(days=1, body="482913 is your code")
    alive = queue()
    settling.close_expired()
    old.refresh_from_db()
    alive.refresh_from_db()
    assert (old.body, old.state) == ("", "delivered")
    assert alive.body


def test_a_message_that_somebody_holds_does_not_keep_later_ones_open() -> None:
    held, later = message(days=2, finished=False), message(days=1, finished=False)

    def close(index: int) -> int:
        return settling.close_expired()

    with transaction.atomic():
        SmsMessage.objects.select_for_update().get(pk=held.pk)
        assert run_together(1, close, within=10) == [1]
    later.refresh_from_db()
    assert later.finished_at
    assert settling.close_expired() == 1


# The rest


def test_the_developers_phone_is_emptied_after_a_day() -> None:
    for days in (0.5, 1.5):
        SandboxMessage.objects.create(
            id=id_of(timezone.now() - timedelta(days=days)), number="+33612345678", body="Hello"
        )
    purge()
    assert SandboxMessage.objects.count() == 1


def test_a_pause_that_is_over_goes_with_the_messages_of_its_time() -> None:
    for ends_in in (-timedelta(days=150), timedelta(days=1)):
        began = timezone.now() - timedelta(days=181)
        RoutePause.objects.create(
            id=id_of(began),
            scope=RouteScope.PREFIX,
            route="+33612345",
            reason=PauseReason.LOW_CONVERSION,
            began_at=began,
            ends_at=timezone.now() + ends_in,
        )
    purge()
    assert RoutePause.objects.get().ends_at > timezone.now()


def test_one_step_that_fails_does_not_keep_the_others_from_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with_history(days=181)

    def broken(until: float) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
        return 1

    assert steps.run([broken, purging.messages]) == 1
    assert "a purge failed" in caplog.text
    assert rows_left() == (0, 0, 0)


# Beside others


def test_two_purges_at_once_share_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "BATCH", 5)
    for _ in range(60):
        with_history(days=200)
    done = run_together(2, lambda index: purging.messages(soon()))
    assert sum(int(str(one)) for one in done) == 60
    assert rows_left() == (0, 0, 0)


def test_two_blankings_at_once_do_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "BATCH", 5)
    for _ in range(40):
        attempt(message(days=40))
    done = run_together(2, lambda index: purging.answers(soon()))
    assert sum(int(str(one)) for one in done) == 40
    assert not SmsAttempt.objects.exclude(answer={}).exists()


def test_it_waits_for_nobody_who_holds_a_message() -> None:
    held, free = with_history(days=200), with_history(days=199)
    with transaction.atomic():
        SmsMessage.objects.select_for_update().get(pk=held.pk)
        assert run_together(1, lambda index: purging.messages(soon()), within=10) == [1]
    assert SmsMessage.objects.get() == held
    assert free != held
    assert purging.messages(soon()) == 1


def test_codes_are_sent_while_a_purge_holds_its_rows(sandbox_provider: SmsProvider) -> None:
    """In the middle of a batch, its locks held: one is queued, sent, reported on and closed."""
    for days in (200, 199):
        with_history(days=days)
    sent: list[SmsMessage | Exception] = []

    def send(index: int) -> SmsMessage:
        delivered = deliver_now(queue())
        report(delivered.attempts.get(), "seen")
        settling.close_expired()
        return delivered

    def act(keys: object) -> None:
        sent.extend(run_together(1, send, within=20))

    old = SmsMessage.objects.filter(pk__lt=id_of(timezone.now() - timedelta(days=180)))
    assert steps.in_batches(old, act, until=soon()) == 2
    [delivered] = sent
    assert isinstance(delivered, SmsMessage), delivered
    assert delivered.state != MessageState.QUEUED
    assert delivered.attempts.count() == 1
