"""Several tables in one question give the rows that each gives alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from backoffice.common.read_together import Newest, read_together
from clients.models import User, UserSession
from twofa.models import SendRequest
from twofa.vocabulary import SendOutcome

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann() -> User:
    ann = User.objects.create(email="ann@example.com")
    at = timezone.now()
    for number in range(5):
        SendRequest.objects.create(
            user=ann,
            at=at - timedelta(seconds=number),
            number="+33612345678",
            address="2001:db8::",
            outcome=SendOutcome.COOLDOWN,
            allowed_from=at if number else None,
        )
        UserSession.objects.create(
            user=ann, session_key=f"k{number}", last_seen_at=at - timedelta(days=number)
        )
    return ann


def values(row: Any) -> dict[str, Any]:
    return {column.attname: getattr(row, column.attname) for column in row._meta.concrete_fields}


def test_they_are_the_newest_of_each_with_every_value(
    ann: User, django_assert_num_queries: Any
) -> None:
    requests = Newest(SendRequest.objects.filter(user=ann), 3)
    seen = Newest(UserSession.objects.filter(user=ann), 2, by="last_seen_at")
    nobody = Newest(SendRequest.objects.filter(number="+1"), 3)
    with django_assert_num_queries(1):
        read_together(requests, seen, nobody)
    assert nobody.found == []
    for one, alone in (
        (requests.found, SendRequest.objects.order_by("-id")[:3]),
        (seen.found, UserSession.objects.order_by("-last_seen_at")[:2]),
    ):
        assert [values(row) for row in one] == [values(row) for row in alone]


def test_what_is_left_out_is_not_read(ann: User, django_assert_num_queries: Any) -> None:
    requests = Newest(SendRequest.objects.filter(user=ann), 1, without={"number"})
    read_together(requests, Newest(UserSession.objects.none(), 1))
    (row,) = requests.found
    assert "number" in row.get_deferred_fields()
    with django_assert_num_queries(1):
        assert row.number == "+33612345678"
