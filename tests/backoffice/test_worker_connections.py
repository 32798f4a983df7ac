"""A worker asks whether a kept connection works, but not before each of many tasks."""

import pytest
from django.db import connection

from backoffice.celery_app import TRUSTED_SECONDS, _ended, keep_working_connections, note_the_end

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server to lose"),
]


def is_trusted() -> bool:
    keep_working_connections()
    return bool(connection.health_check_done)  # type: ignore[attr-defined]


def test_a_connection_is_trusted_shortly_after_a_task_and_asked_after_a_rest() -> None:
    connection.ensure_connection()
    note_the_end()
    assert is_trusted()
    _ended.at -= TRUSTED_SECONDS
    assert not is_trusted()


def test_one_that_failed_a_moment_ago_is_replaced() -> None:
    connection.ensure_connection()
    connection.connection.close()
    connection.errors_occurred = True
    note_the_end()
    keep_working_connections()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
