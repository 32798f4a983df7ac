"""Clients > General: the list, its search, filters, export and its price."""

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.admin import client_search, paginator
from backoffice.admin.distinct_values import distinct_values
from backoffice.audit.models import AuditEvent
from clients.models import Client, ClientStatus, Tag, TwoFactor, VerificationLevel
from tests.backoffice import books
from tests.backoffice.books import LIST, desk
from tests.backoffice.operators import operator
from twofa.diagnosis.words import clock
from twofa.models import Challenge, VerificationState
from twofa.vocabulary import FactorKind, Purpose

pytestmark = pytest.mark.django_db


@pytest.fixture
def book() -> Iterator[dict[str, Client]]:
    """Three clients, told apart by everything that can be searched."""
    yield {
        "ann": books.client(
            "ann.lee@example.com",
            name="Ann Lee",
            phone="+33612345678",
            country="FR",
            two_factor=TwoFactor.BOTH,
            verification_level=VerificationLevel.IDENTITY,
            last_login=timezone.now() - timedelta(minutes=2, seconds=5),
        ),
        "bob": books.client(
            "bob@example.org",
            name="Robert O'Neil",
            phone="+447911123456",
            country="GB",
            status=ClientStatus.BLOCKED,
            last_trouble_at=timezone.now() - timedelta(hours=1),
        ),
        "eve": books.client(
            "eve@example.com",
            name="Ève Müller",
            country="DE",
            last_trouble_at=timezone.now() - timedelta(hours=25),
        ),
    }


def found(text: str) -> set[str]:
    return {found.name for found in client_search.search(Client.objects.all(), text).clients}


def shown(browser: Browser, **filters: Any) -> set[str]:
    answer = browser.get(LIST, filters)
    assert answer.status_code == 200
    return {found.name for found in answer.context["cl"].result_list}


def test_it_shows_the_columns_in_words(client: Browser, book: dict[str, Client]) -> None:
    manager = operator("mia@example.com")
    book["ann"].manager = manager
    book["ann"].save()
    book["ann"].tags.add(Tag.objects.create(name="vip"))
    desk(client, "Support")
    page = client.get(LIST).content.decode()
    for words in (
        "Ann Lee",
        "ann.lee@example.com",
        "+33••78",
        "mia@example.com",
        "vip",
        "Identity",
        "Both",
        "2 min ago",
        f"/admin/clients/client/{book['ann'].pk}/change/",
    ):
        assert words in page
    assert '<span class="chip bad">Blocked</span>' in page
    assert '<span class="chip ok">Active</span>' in page


def test_a_moment_has_its_exact_time_in_the_title(client: Browser, book: dict[str, Client]) -> None:
    desk(client, "Support")
    last_login = book["ann"].user.last_login
    assert last_login
    page = client.get(LIST).content.decode()
    assert f'title="{last_login:%Y-%m-%d %H:%M:%S} UTC">2 min ago</time>' in page


def test_s52_it_shows_no_whole_number(client: Browser, book: dict[str, Client]) -> None:
    desk(client, "Administrator")
    for address in (LIST, f"{LIST}?q=ann", f"{LIST}{book['ann'].pk}/change/"):
        page = client.get(address, follow=True).content.decode()
        assert "Ann Lee" in page
        assert "345678" not in page


@pytest.mark.parametrize(
    "text",
    [
        "+33612345678",
        "0033612345678",
        "+33 6 12 34 56 78",
        "06 12 34 56 78",
        "06.12.34.56.78",
        "(06) 12-34-56-78",
        "0612345678",
        "33612345678",
        "612345678",
        "345678",
    ],
)
def test_it_finds_a_phone_in_any_format(book: dict[str, Client], text: str) -> None:
    assert found(text) == {"Ann Lee"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ann.lee@example.com", "Ann Lee"),
        ("ANN.LEE@example.com", "Ann Lee"),
        ("@example.org", "Robert O'Neil"),
        ("lee ann", "Ann Lee"),
        ("o'neil", "Robert O'Neil"),
        ("müll", "Ève Müller"),
        ("eve", "Ève Müller"),
    ],
)
def test_it_finds_by_email_and_name(book: dict[str, Client], text: str, name: str) -> None:
    assert found(text) == {name}


def test_a_whole_email_finds_its_client_alone_and_a_part_all_that_hold_it(
    book: dict[str, Client],
) -> None:
    books.client("joann.lee@example.com", name="Joann Lee")
    assert found("ann.lee@example.com") == {"Ann Lee"}
    assert found("nn.lee@example.com") == {"Ann Lee", "Joann Lee"}


def test_it_finds_by_id(book: dict[str, Client]) -> None:
    assert found(str(book["bob"].pk)) == {"Robert O'Neil"}


def test_it_finds_by_the_reference_of_a_code(book: dict[str, Client]) -> None:
    Challenge.objects.create(
        user=book["eve"].user,
        public_reference="K7Q2-M9XP",
        factor=FactorKind.SMS,
        purpose=Purpose.SIGN_IN,
        binding="b" * 64,
        expires_at=timezone.now(),
    )
    assert found("k7q2-m9xp") == {"Ève Müller"}


@pytest.mark.parametrize(
    "text",
    [
        "99999999999999999999999",
        "%",
        "_",
        "\\",
        "'; drop table",
        "\x00",
        "(((",
        "+",
        "-",
        "@",
        "x" * 5000,
    ],
)
def test_odd_searches_find_nothing_and_break_nothing(
    client: Browser, book: dict[str, Client], text: str
) -> None:
    desk(client, "Support")
    assert client.get(LIST, {"q": text}).status_code == 200
    if text not in {"\x00", "@"}:
        assert found(text) == set()


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"two_factor": "both"}, {"Ann Lee"}),
        ({"two_factor": "none"}, {"Robert O'Neil", "Ève Müller"}),
        ({"status": "blocked"}, {"Robert O'Neil"}),
        ({"country": "DE"}, {"Ève Müller"}),
        ({"trouble": "day"}, {"Robert O'Neil"}),
        ({"q": "e", "country": "FR"}, {"Ann Lee"}),
    ],
)
def test_it_filters(
    client: Browser, book: dict[str, Client], filters: dict[str, str], names: set[str]
) -> None:
    desk(client, "Support")
    assert shown(client, **filters) == names


def test_it_shows_and_finds_whom_wrong_codes_lock(client: Browser, book: dict[str, Client]) -> None:
    desk(client, "Support")
    now = timezone.now()
    book["bob"].status = ClientStatus.ACTIVE
    book["bob"].save()
    until = now + timedelta(minutes=10)
    VerificationState.objects.create(user=book["ann"].user, locked_until=until)
    VerificationState.objects.create(user=book["bob"].user, hard_locked_at=now)
    VerificationState.objects.create(user=book["eve"].user, locked_until=now - timedelta(minutes=1))
    page = client.get(LIST).content.decode()
    assert f"Locked until {clock(until)}" in page
    assert page.count("Locked until unlocked") == 1
    assert shown(client, status="locked") == {"Ann Lee", "Robert O'Neil"}


def test_it_filters_by_manager_and_tag(client: Browser, book: dict[str, Client]) -> None:
    manager = operator("mia@example.com")
    tag = Tag.objects.create(name="vip")
    Client.objects.filter(pk=book["ann"].pk).update(manager=manager)
    book["eve"].tags.add(tag)
    desk(client, "Support")
    assert shown(client, manager=str(manager.pk)) == {"Ann Lee"}
    assert shown(client, tag=str(tag.pk)) == {"Ève Müller"}


@pytest.mark.parametrize("name", ["two_factor", "status", "country", "manager", "tag", "trouble"])
def test_an_unknown_filter_value_is_ignored(
    client: Browser, book: dict[str, Client], name: str
) -> None:
    desk(client, "Support")
    assert len(shown(client, **{name: "'x"})) == 3


@pytest.mark.parametrize(
    "lookup",
    ["phone__startswith", "user__password__startswith", "user__email__contains", "id__gt"],
)
def test_s52_the_address_asks_for_no_column_that_is_no_filter(
    client: Browser, book: dict[str, Client], lookup: str
) -> None:
    desk(client, "Administrator")
    assert client.get(LIST, {lookup: "+3"}).status_code == 400


def test_the_number_of_queries_does_not_grow(client: Browser) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(LIST)
        return len(seen)

    desk(client, "Support")
    _many(3)
    few = queries()
    _many(30)
    assert queries() == few
    assert few <= 16


def test_it_never_counts_further_than_it_must(
    client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paginator, "CAP", 20)
    monkeypatch.setattr(paginator.BoundedPaginator, "cap", 20)
    _many(30)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE clients_client")
    desk(client, "Support")
    with CaptureQueriesContext(connection) as seen:
        page = client.get(LIST).content.decode()
    counts = [query["sql"] for query in seen if "COUNT(*)" in query["sql"]]
    assert counts
    assert all("LIMIT" in count for count in counts)
    assert "About 30" in page
    assert "More than 20" in client.get(LIST, {"status": "active"}).content.decode()


def test_of_very_many_hits_the_newest_are_shown_and_it_says_so(
    client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_search, "MOST", 5)
    _many(8)
    newest = set(Client.objects.order_by("-pk").values_list("pk", flat=True)[:5])
    desk(client, "Support")
    answer = client.get(LIST, {"q": "many"})
    assert {found.pk for found in answer.context["cl"].result_list} == newest
    assert "the newest 5 are shown" in answer.content.decode()


def test_far_pages_hold_the_same_rows(client: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    _many(9)
    rows = Client.objects.order_by("-pk").select_related("user")
    near = [list(paginator.BoundedPaginator(rows, 2).page(page)) for page in range(1, 6)]
    monkeypatch.setattr(paginator, "FAR", 0)
    assert [list(paginator.BoundedPaginator(rows, 2).page(page)) for page in range(1, 6)] == near


def test_distinct_values_come_without_nulls_and_in_order(book: dict[str, Client]) -> None:
    books.client("no@example.com", name="No Country")
    assert distinct_values(Client, "country") == ["DE", "FR", "GB"]
    assert distinct_values(Client, "manager") == []
    manager = operator("mia@example.com")
    Client.objects.update(manager=manager)
    assert distinct_values(Client, "manager") == [manager.pk]


def test_s79_the_export_is_masked_formula_safe_and_logged(
    client: Browser, book: dict[str, Client]
) -> None:
    Client.objects.filter(pk=book["eve"].pk).update(name="=cmd|' /C calc'!A0")
    desk(client, "Administrator")
    answer = client.post(f"{LIST}export/?two_factor=none&q=e")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["name"] for row in rows} == {"Robert O'Neil", "'=cmd|' /C calc'!A0"}
    (bob,) = [row for row in rows if row["name"] == "Robert O'Neil"]
    assert bob["e-mail"] == "b••@example.org"
    assert bob["phone"] == "'+44••56"
    event = AuditEvent.objects.get(action="clients.exported")
    assert event.facts == {"filters": ["two_factor"], "search": True}


def test_the_export_wants_a_post_and_its_permission(client: Browser) -> None:
    desk(client, "Administrator")
    assert client.get(f"{LIST}export/").status_code == 405
    desk(client, "Security desk", email="other@example.com")
    assert client.post(f"{LIST}export/").status_code == 403
    assert "Export as CSV" not in client.get(LIST).content.decode()
    assert Group.objects.filter(permissions__codename="export_clients").count() == 1


def _many(number: int) -> None:
    tag, _ = Tag.objects.get_or_create(name="many")
    manager = operator(f"m{number}@example.com")
    for index in range(number):
        made = books.client(
            f"c{number}-{index}@example.com", name="Many", manager=manager, country="FR"
        )
        made.tags.add(tag)
