"""Real Celery processes, as tests of delivery start them."""

import signal
from typing import TYPE_CHECKING

import pytest

from tests.services.processes import is_alive

if TYPE_CHECKING:
    from tests.services.workers import CeleryProcesses

pytestmark = [pytest.mark.faults, pytest.mark.slow]


def test_a_worker_starts_on_the_test_database_and_ends(celery_processes: "CeleryProcesses") -> None:
    worker = celery_processes.worker("-Q", "codes")
    assert worker.is_running
    worker.terminate()
    assert worker.exit_status == 0, worker.text


def test_a_worker_can_be_killed_and_another_started(celery_processes: "CeleryProcesses") -> None:
    first, second = celery_processes.worker(wait=False), celery_processes.worker()
    first.kill()
    assert first.exit_status == -signal.SIGKILL
    assert second.is_running
    assert first.pid != second.pid


def test_a_hung_worker_is_cleaned_up_too(celery_processes: "CeleryProcesses") -> None:
    worker = celery_processes.worker()
    worker.hang()
    celery_processes.end()
    assert not is_alive(worker.pid)


def test_beat_sends_what_is_due(celery_processes: "CeleryProcesses") -> None:
    beat = celery_processes.beat()
    beat.wait_for("Sending due task sweep messages")
