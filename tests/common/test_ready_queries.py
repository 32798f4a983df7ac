"""Queries whose SQL is made once answer as Django's own do."""

from decimal import Decimal
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.db.transaction import TransactionManagementError
from pytest_django import DjangoAssertNumQueries

from backoffice.audit.models import SubjectKey
from backoffice.common.ready_changes import ReadyChange
from backoffice.common.ready_queries import ReadyInsert, ReadyQuery, ReadyUpdate
from smsproviders.models import SmsAttempt, SmsMessage, SmsProvider
from tests.smsproviders.conftest import (  # noqa: F401 - fixtures
    make_twilio_provider,
    twilio_credentials,
    twilio_process,
    twilio_provider,
)
from tests.smsproviders.messages import queue

pytestmark = pytest.mark.django_db

NOBODY = UUID(int=0)
by_id = ReadyQuery(lambda pk: SmsMessage.objects.filter(pk=pk), NOBODY)


def fields_of(message: SmsMessage) -> dict[str, object]:
    return {field.name: getattr(message, field.name) for field in message._meta.concrete_fields}


def test_it_reads_the_same_rows_as_django(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    first, second = queue(reference="1"), queue(reference="2")
    with django_assert_num_queries(2):
        found = [*by_id(first.pk), *by_id(second.pk)]
    assert [fields_of(one) for one in found] == [
        fields_of(SmsMessage.objects.get(pk=one.pk)) for one in (first, second)
    ]
    assert found[0].body == first.body, "it can be decrypted"
    assert by_id(NOBODY) == []


def test_what_it_read_can_be_changed_and_saved() -> None:
    (message,) = by_id(queue().pk)
    message.reference = "changed"
    message.save()
    assert SmsMessage.objects.get().reference == "changed"


def test_it_converts_json_and_fills_several_values_and_annotations(
    twilio_provider: SmsProvider,  # noqa: F811
) -> None:
    message = queue()
    for number, answer in enumerate(({"status": "queued"}, {"status": "sent"}), start=1):
        SmsAttempt.objects.create(
            message=message, provider=twilio_provider, number=number, answer=answer
        )
    query = ReadyQuery(
        lambda pk, least: (
            SmsAttempt.objects.filter(message=pk, number__gte=least)
            .annotate(name=F("provider__name"))
            .order_by("-number")
        ),
        NOBODY,
        99,
    )
    assert [one.answer["status"] for one in query(message.pk, 1)] == ["sent", "queued"]
    (last,) = query(message.pk, 2)
    assert (last.number, last.name) == (2, "twilio")  # type: ignore[attr-defined]


@pytest.mark.django_db(transaction=True)
def test_it_locks_in_a_transaction_and_nowhere_else() -> None:
    locked = ReadyQuery(lambda pk: SmsMessage.objects.select_for_update().filter(pk=pk), NOBODY)
    message = queue()
    with transaction.atomic():
        assert locked(message.pk) == [message]
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE mode = 'RowShareLock'")
            assert cursor.fetchone()[0]
    with pytest.raises(TransactionManagementError):
        locked(message.pk)


def test_a_query_that_could_not_be_filled_anew_is_refused() -> None:
    message = queue()
    joined = ReadyQuery(
        lambda pk: SmsMessage.objects.select_related("only_provider").filter(pk=pk), NOBODY
    )
    with pytest.raises(TypeError, match="one model"):
        joined(message.pk)
    escaped = ReadyQuery(lambda text: SmsMessage.objects.filter(reference__contains=text), "%")
    with pytest.raises(TypeError, match="stand-in"):
        escaped("x")


def test_it_writes_what_django_would_and_only_those_fields(
    twilio_provider: SmsProvider,  # noqa: F811
) -> None:
    message = queue(reference="before")
    message.number, message.body, message.reference = "+447700900999", "another text", "after"
    ReadyUpdate(SmsMessage, {"body", "reference"})(message)
    stored = SmsMessage.objects.get()
    assert (stored.body, stored.reference) == ("another text", "after")
    assert stored.number != message.number

    attempt = SmsAttempt(message=message, provider=twilio_provider, number=1)
    ReadyInsert(SmsAttempt)(attempt)
    assert not attempt._state.adding
    attempt.answer, attempt.price = {"status": "sent"}, Decimal("0.07")
    ReadyUpdate(SmsAttempt)(attempt)
    assert (SmsAttempt.objects.get().answer, SmsAttempt.objects.get().price) == (
        {"status": "sent"},
        Decimal("0.07"),
    )


def test_writing_a_row_that_is_gone_is_an_error() -> None:
    message = queue()
    SmsMessage.objects.all().delete()
    with pytest.raises(DatabaseError, match="gone"):
        ReadyUpdate(SmsMessage)(message)


def test_a_row_whose_values_the_database_makes_is_left_to_django() -> None:
    with pytest.raises(TypeError, match="makes values"):
        ReadyInsert(SmsMessage)(SmsMessage())


def test_a_row_that_stands_in_the_way_stays_as_it_is() -> None:
    insert = ReadyInsert(SubjectKey, unless_there=True)
    for key in ("first", "second"):
        insert(SubjectKey(subject="user:1", key=key))
    assert SubjectKey.objects.get().key == "first"


def test_a_change_writes_its_rows_only_and_tells_how_many() -> None:
    first, second = queue(reference="1"), queue(reference="2")
    change = ReadyChange(
        lambda pk, reference: (SmsMessage.objects.filter(pk=pk), {"reference": reference}),
        NOBODY,
        "reference",
    )
    assert [change(first.pk, "one"), change(NOBODY, "nobody"), change(second.pk, "two")] == [
        1,
        0,
        1,
    ]
    assert list(SmsMessage.objects.order_by("id").values_list("reference", flat=True)) == [
        "one",
        "two",
    ]
