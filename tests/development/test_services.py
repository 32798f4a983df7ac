"""The tests' own ground: real services, a clean database for each test, no internet."""

import socket
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connection, transaction

from tests.services.threads import run_together


@pytest.mark.django_db
def test_the_database_is_postgresql() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT version(), current_setting('TimeZone')")
        version, zone = cursor.fetchone()
    assert version.startswith("PostgreSQL")
    assert zone == "UTC"


@pytest.mark.django_db
def test_the_internet_cannot_be_reached() -> None:
    with pytest.raises((RuntimeError, UserWarning), match=r"192\.0\.2\.1"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)


@pytest.mark.parametrize("turn", [1, 2])
def test_the_cache_is_empty_when_a_test_begins(turn: int) -> None:
    assert cache.get("left-behind") is None
    cache.set("left-behind", turn)


@pytest.mark.parametrize("turn", [1, 2])
@pytest.mark.django_db(transaction=True)
def test_rows_of_migrations_outlive_a_transactional_test(turn: int) -> None:
    ids = set(ContentType.objects.values_list("pk", flat=True))
    assert ids
    assert not ContentType.objects.filter(model="left_behind").exists()
    ContentType.objects.create(app_label="tests", model="left_behind")
    ContentType.objects.filter(model="user").delete()


@pytest.mark.django_db(transaction=True)
def test_threads_run_together_on_connections_of_their_own() -> None:
    def backend(_: int) -> Any:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            return cursor.fetchone()[0]

    assert len(set(run_together(4, backend))) == 4


def test_an_error_in_one_thread_is_handed_over(transactional_db: None) -> None:
    def refuse(index: int) -> int:
        if index == 1:
            raise ValueError("no")
        return index

    first, second, third = run_together(3, refuse)
    assert (first, third) == (0, 2)
    assert isinstance(second, ValueError)
