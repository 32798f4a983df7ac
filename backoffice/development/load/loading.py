"""Loading: clients first, then messages to them, in batches that are each there or not at all."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import TypeVar

from django.db import connection, transaction
from django.utils import timezone

from backoffice.development.load.history import History
from backoffice.development.load.people import People
from backoffice.development.load.rows import milliseconds_of

BATCH = 5_000
T = TypeVar("T")


def load(clients: int, messages: int, *, seed: int, password: str = "") -> Iterator[int]:
    """Add so many; yields how many clients or messages each step added.

    A second load adds more. The same `seed` at the same moment on an empty database gives the same
    data, but for secrets. LookupError: messages are wanted, and no client of a load gets codes.
    """
    now = milliseconds_of(timezone.now())
    # With the moment, so that a second load does not repeat the first.
    random = Random(f"{seed} {now}")  # noqa: S311 - no secrets
    people = People(random, now=now, password=password)
    for someone in ahead(people.batches(clients, size=BATCH)):
        with transaction.atomic():
            people.write(someone)
        yield someone.size
    history = History(random, now=now)
    for sent in ahead(history.batches(messages, size=BATCH)):
        with transaction.atomic():
            history.write(sent)
        yield sent.size
    _count_anew()


def ahead(batches: Iterator[T]) -> Iterator[T]:
    """The same, each made while the one before is written: the database works on its own core."""
    with ThreadPoolExecutor(1) as pool:
        made = pool.submit(next, batches, None)
        while (batch := made.result()) is not None:
            made = pool.submit(next, batches, None)
            yield batch


def _count_anew() -> None:
    """The planner must not take the tables for as small as they were."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
