"""E-mails about changes: durable, in the client's language, never twice at once."""

import smtplib
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from datetime import timedelta
from enum import StrEnum
from typing import Any, ClassVar

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from tests.services.threads import run_together
from tests.services.waiting import wait_until
from tests.services.workers import CeleryProcesses, environment
from tests.twofa import people
from twofa import notice_sending, notices, tasks
from twofa.models import Notice
from twofa.models.notice import NoticeState
from twofa.notices import NoticeKind
from twofa.vocabulary import FactorKind


class Unwritten(StrEnum):
    KIND = "unwritten"


FACTS = {"left": 2, "failures": 5, "days": 30}


class FailingMail(BaseEmailBackend):
    """Stands for a mail server at the edge."""

    error: ClassVar[Exception] = ConnectionRefusedError(111, "refused")

    def send_messages(self, messages: Any) -> int:
        raise self.error


@pytest.mark.django_db
def test_it_is_one_mail_of_text_and_html_to_the_client() -> None:
    ann = people.client()
    with people.asking_from("192.0.2.7"):
        notice = notices.tell(ann, NoticeKind.FACTOR_ENABLED, factors=(FactorKind.SMS,))
    tasks.send_notice(str(notice.pk))
    [message] = mail.outbox
    assert message.to == ["ann@example.com"]
    assert message.subject == "Back Office: SMS confirmation is on"
    assert "192.0.2.7" in message.body
    [(html, kind)] = message.alternatives  # type: ignore[attr-defined]
    assert kind == "text/html"
    assert "<h1" in html
    assert "192.0.2.7" in html
    assert message.extra_headers["Message-ID"].startswith(f"<{notice.pk}@")
    assert Notice.objects.get().state == NoticeState.SENT


@pytest.mark.django_db
def test_address_and_facts_are_encrypted_at_rest() -> None:
    notice = notices.tell(people.client(), NoticeKind.RECOVERY_CODE_USED, FACTS)
    stored = Notice.objects.get(pk=notice.pk)
    assert str(stored.__dict__["to"]).startswith("v1.")
    assert str(stored.__dict__["context"]).startswith("v1.")
    assert stored.to == "ann@example.com"


@pytest.mark.django_db
def test_what_it_told_is_forgotten_once_it_is_sent() -> None:
    """A link among the facts may still open something."""
    notice = notices.tell(people.client(), NoticeKind.RECOVERY_CODE_USED, FACTS)
    notice_sending.send(notice.pk)
    assert Notice.objects.get().context == ""


@pytest.mark.django_db
def test_it_is_written_in_the_clients_language() -> None:
    notice = notices.tell(
        people.client(language="de"), NoticeKind.FACTOR_ENABLED, factors=(FactorKind.SMS,)
    )
    assert notice.language == "de"


@pytest.mark.django_db
def test_it_is_sent_once_however_often_the_task_runs() -> None:
    notice = notices.tell(people.client(), NoticeKind.UNLOCKED)
    for _ in range(3):
        tasks.send_notice(str(notice.pk))
    tasks.sweep_notices()
    assert len(mail.outbox) == 1


def test_workers_racing_for_one_notice_send_it_once(transactional_db: None) -> None:
    notice = notices.tell(people.client(), NoticeKind.UNLOCKED)
    run_together(8, lambda _: notice_sending.send(notice.pk))
    assert len(mail.outbox) == 1


@pytest.mark.django_db
def test_it_is_tried_again_later_when_the_mail_server_fails(settings: Any) -> None:
    working = settings.EMAIL_BACKEND
    with time_machine.travel(timezone.now(), tick=False) as clock:
        notice = notices.tell(people.client(), NoticeKind.UNLOCKED)
        settings.EMAIL_BACKEND = f"{__name__}.FailingMail"
        notice_sending.send(notice.pk)
        notice.refresh_from_db()
        assert (notice.state, notice.error) == (NoticeState.QUEUED, "ConnectionRefusedError")
        settings.EMAIL_BACKEND = working
        assert notice_sending.sweep() == 0  # not yet
        clock.shift(60)
        assert notice_sending.sweep() == 1
    assert len(mail.outbox) == 1


@pytest.mark.django_db
def test_a_mail_server_that_is_down_for_an_hour_delays_and_loses_nothing(settings: Any) -> None:
    working, ann = settings.EMAIL_BACKEND, people.client()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        settings.EMAIL_BACKEND = f"{__name__}.FailingMail"
        for minute in range(120):
            if minute in {0, 30, 59}:
                notices.tell(ann, NoticeKind.UNLOCKED)
            if minute == 60:
                settings.EMAIL_BACKEND = working
            notice_sending.sweep()
            clock.shift(60)
    assert len(mail.outbox) == 3
    assert not Notice.objects.exclude(state=NoticeState.SENT).exists()


@pytest.mark.django_db
def test_whose_lease_is_over_does_not_disturb_the_one_who_sends_now() -> None:
    notice = notices.tell(people.client(), NoticeKind.UNLOCKED)
    Notice.objects.update(tries=2, leased_until=timezone.now() + notice_sending.LEASE)
    notice.tries = 1
    notice_sending._failed(notice, OSError())
    assert Notice.objects.get().leased_until is not None


@pytest.mark.django_db
def test_it_fails_for_good_after_a_day_and_a_half(settings: Any) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.FailingMail"
    with time_machine.travel(timezone.now(), tick=False) as clock:
        notices.tell(people.client(), NoticeKind.UNLOCKED)
        for _ in range(8):
            assert notice_sending.sweep() == 1
            clock.shift(timedelta(days=1))
        notice = Notice.objects.get()
        assert (notice.state, notice.tries) == (NoticeState.FAILED, 8)
        assert notice_sending.sweep() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(("code", "state"), [(550, NoticeState.FAILED), (451, NoticeState.QUEUED)])
def test_an_address_that_is_refused_for_good_is_not_tried_again(
    settings: Any, monkeypatch: pytest.MonkeyPatch, code: int, state: NoticeState
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.FailingMail"
    refused = smtplib.SMTPRecipientsRefused({"ann@example.com": (code, b"no")})
    monkeypatch.setattr(FailingMail, "error", refused)
    notice = notices.tell(people.client(), NoticeKind.UNLOCKED)
    notice_sending.send(notice.pk)
    notice.refresh_from_db()
    assert notice.state == state
    assert "ann" not in notice.error


@pytest.mark.django_db
def test_the_notice_of_a_worker_that_died_is_sent_after_its_lease() -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        notice = notices.tell(people.client(), NoticeKind.UNLOCKED)
        Notice.objects.update(leased_until=timezone.now() + notice_sending.LEASE, tries=1)
        notice_sending.send(notice.pk)
        assert not mail.outbox
        clock.shift(notice_sending.LEASE)
        assert notice_sending.sweep() == 1
    assert len(mail.outbox) == 1


@pytest.mark.django_db
def test_a_sweep_ends_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    ann = people.client()
    for _ in range(3):
        notices.tell(ann, NoticeKind.UNLOCKED)
    monkeypatch.setattr(notice_sending, "SWEEP_SECONDS", -1.0)
    assert notice_sending.sweep() == 0


WITH_A_DEAD_BROKER = """
import django
django.setup()
import time
from clients.models import User
from twofa import notices
begin = time.monotonic()
for _ in range(3):
    notices.tell(User.objects.get(), notices.NoticeKind.UNLOCKED)
print(time.monotonic() - begin)
"""


@pytest.mark.slow
def test_a_dead_broker_stops_nobody_and_is_left_alone_for_a_while(transactional_db: None) -> None:
    people.client()
    told = subprocess.run(
        [sys.executable, "-c", WITH_A_DEAD_BROKER],
        env=environment(
            REDIS_URL="redis://127.0.0.1:1/0", DJANGO_SETTINGS_MODULE="backoffice.settings"
        ),
        capture_output=True,
        text=True,
        check=True,
    )
    assert float(told.stdout) < 2
    assert told.stderr.count("did not take a notice") == 1
    assert Notice.objects.filter(state=NoticeState.QUEUED).count() == 3


class MailServer:
    """Takes the first message and never says that it did: the moment at which nobody knows."""

    def __init__(self) -> None:
        self.messages = 0
        self.message_ids: list[str] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address: tuple[str, int] = self._socket.getsockname()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                self._talk(self._socket.accept()[0])

    def _talk(self, connection: socket.socket) -> None:
        with suppress(OSError), connection, connection.makefile("rb") as lines:
            connection.sendall(b"220 hello\r\n")
            for line in lines:
                self._answer(connection, line.strip())

    def _answer(self, connection: socket.socket, line: bytes) -> None:
        if line.startswith(b"Message-ID:"):
            self.message_ids.append(line.decode().split()[1])
        line = line.upper()
        self.messages += line == b"."
        if line == b"DATA":
            connection.sendall(b"354 go on\r\n")
        elif line == b"QUIT":
            connection.sendall(b"221 bye\r\n")
        elif line[:4] in {b"EHLO", b"MAIL", b"RCPT"} or (line == b"." and self.messages > 1):
            connection.sendall(b"250 fine\r\n")

    def close(self) -> None:
        self._socket.close()


@pytest.mark.slow
def test_a_worker_killed_while_it_sends_leaves_the_notice_to_the_next(
    celery_processes: CeleryProcesses, settings: Any
) -> None:
    """It comes twice at most, and then under one Message-ID."""
    server = MailServer()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.address
    worker = celery_processes.worker(
        "-Q", "notices", EMAIL_URL="smtp://{}:{}".format(*server.address)
    )
    notice = notices.tell(people.client(), NoticeKind.UNLOCKED)
    wait_until(lambda: server.messages)
    worker.kill()
    assert notice_sending.sweep() == 0  # leased still
    Notice.objects.update(leased_until=timezone.now())  # as if the lease were over
    notice_sending.sweep()
    assert Notice.objects.get().state == NoticeState.SENT
    assert server.message_ids == [f"<{notice.pk}@127.0.0.1>"] * 2
    server.close()


@pytest.mark.django_db
def test_a_kind_without_a_text_keeps_no_other_from_being_sent() -> None:
    ann = people.client()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        broken = notices.tell(ann, Unwritten.KIND)
        clock.shift(1)
        notices.tell(ann, NoticeKind.UNLOCKED)
        tasks.sweep_notices()
    assert len(mail.outbox) == 1
    broken.refresh_from_db()
    assert (broken.state, broken.error) == (NoticeState.QUEUED, "TemplateDoesNotExist")


@pytest.mark.django_db
def test_a_notice_that_cannot_be_made_waits_and_keeps_no_other_from_being_sent(
    settings: Any,
) -> None:
    ann = people.client()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        own_key, settings.DATA_KEYS = settings.DATA_KEYS, [bytes(range(100, 132))]
        unreadable = notices.tell(ann, NoticeKind.UNLOCKED)
        settings.DATA_KEYS = own_key
        readable = notices.tell(ann, NoticeKind.UNLOCKED)
        Notice.objects.filter(pk=readable.pk).update(next_try_at=timezone.now())
        tasks.sweep_notices()
        assert Notice.objects.get(pk=readable.pk).state == NoticeState.SENT
        waits = Notice.objects.get(pk=unreadable.pk)
        assert (waits.state, waits.error) == (NoticeState.QUEUED, "DecryptionFailed")
        assert waits.next_try_at > timezone.now()
        # Another process has its key.
        settings.DATA_KEYS = [*own_key, bytes(range(100, 132))]
        clock.move_to(waits.next_try_at)
        tasks.sweep_notices()
        assert Notice.objects.get(pk=unreadable.pk).state == NoticeState.SENT
