"""The first page: what each operator sees of it, what it says of nothing, and what it costs."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.admin import not_back_yet
from backoffice.admin.dashboard import pictures
from clients.models import Client, ClientStatus
from smsproviders.models import ClockReading, Heartbeat, SmsProvider
from tests.backoffice import books, busy_days, histories
from tests.backoffice.books import desk
from tests.backoffice.operators import operator, sign_in
from tests.smsproviders.old_rows import message
from tests.twofa.people import app_code, authenticator, try_code, wrong_app_code
from twofa.models import CodeTally, VerdictShown, VerificationState
from twofa.tasks import settle_verdicts, tally_codes

pytestmark = pytest.mark.django_db
FIRST, OUT = "/admin/", "/admin/clients/client/not-back-yet/"
MOST_QUERIES = 28
A_DAY_OF_TALLIES = 145
PARTS = {"figures", "incidents", "codes", "providers", "machinery", "verdicts"}
HOUR = timedelta(hours=1)


def shown(browser: Browser, place: str = FIRST) -> str:
    return browser.get(place).content.decode()


def parts(browser: Browser) -> set[str]:
    """Those in the template's context that this operator may see."""
    context = browser.get(FIRST).context
    return {name for name in PARTS if name in context and context[name] is not None}


def row_of(page: str, start: str) -> str:
    """From these words to the end of their part."""
    return page[page.index(start) :].split("</section>")[0]


class TestParts:
    @pytest.mark.parametrize(
        ("group", "seen"),
        [
            ("Support", PARTS - {"providers"}),
            ("Security desk", PARTS - {"providers"}),
            ("Integrator", PARTS - {"figures", "verdicts"}),
            ("Administrator", PARTS),
            ("Auditor", set()),
        ],
    )
    def test_each_group_sees_its_own(self, client: Browser, group: str, seen: set[str]) -> None:
        desk(client, group)
        assert parts(client) >= seen
        assert parts(client) - seen <= {"incidents"}

    def test_who_has_no_part_gets_the_way_to_his_pages(self, client: Browser) -> None:
        desk(client, "Auditor")
        assert 'class="card-links"' in shown(client)
        assert 'data-test="codes"' not in shown(client)

    def test_who_may_nothing_is_told_whom_to_ask(self, client: Browser) -> None:
        desk(client)
        assert "Nothing is open to you yet." in shown(client)


class TestEmpty:
    def test_a_fresh_installation_says_what_to_do_first(self, client: Browser) -> None:
        desk(client, "Administrator")
        page = shown(client)
        assert 'data-test="never-counted"' in page
        assert "No provider is enabled" in page
        assert "No diagnosis was opened yet." in page
        assert page.count("Never seen") == 2
        assert "No incident goes on." in page

    def test_no_codes_are_told_apart_from_nothing_counted(self, client: Browser) -> None:
        tally_codes()
        desk(client, "Support")
        page = shown(client)
        assert "No codes yet in the last 24 hours." in page
        assert "<svg" not in row_of(page, 'data-test="codes"')

    def test_zero_is_calm(self, client: Browser) -> None:
        desk(client, "Support")
        assert 'class="some"' not in shown(client)


class TestNumbers:
    def test_every_picture_has_its_numbers_beside_it(self, client: Browser) -> None:
        busy_days.all_of_it()
        desk(client, "Administrator")
        codes = row_of(shown(client), 'data-test="codes"')
        assert codes.count('<svg class="funnel-shape" role="img" aria-label="Of ') == 2
        assert codes.count("<table>") == 2
        assert codes.count("<tr>") == 1 + 4 + 1 + 24
        picture = client.get(FIRST).context["codes"]
        day = picture.funnels[1]
        assert [stage.share.percent for stage in day.stages] == [100, 98, 93, 85]
        assert f"<strong>{day.stages[0].number:,}</strong>" in codes
        assert "style=" not in shown(client)
        assert "<script>" not in shown(client)

    def test_a_cause_leads_to_its_messages(self, client: Browser) -> None:
        message(days=0.1, cause="sms.number_unknown")
        while CodeTally.objects.count() < A_DAY_OF_TALLIES:
            tally_codes()
        desk(client, "Support")
        failure = client.get(FIRST).context["codes"].failures[0]
        assert (str(failure.words), failure.day, failure.bar) == ("Number not in service", 1, 100)
        assert failure.address in shown(client).replace("&amp;", "&")
        assert "1 message" in shown(client, failure.address)

    def test_old_numbers_say_so(self, client: Browser) -> None:
        busy_days.codes()
        CodeTally.objects.update(counted_at=timezone.now() - timedelta(minutes=6))
        desk(client, "Support")
        assert "These numbers are old" in shown(client)

    def test_a_silent_worker_and_a_clock_that_is_off_are_told_with_what_to_do(
        self, client: Browser
    ) -> None:
        busy_days.machinery()
        desk(client, "Support")
        assert 'class="chip bad"' not in row_of(shown(client), 'data-test="machinery"')
        long_ago = timezone.now() - HOUR
        Heartbeat.objects.filter(part=Heartbeat.Part.WORKER).update(at=long_ago)
        source = ClockReading.Source.DATABASE
        ClockReading.objects.filter(pk=source).update(offset_ms=-12_400, off_since=long_ago)
        message(
            days=0.0005,
            finished=False,
            expires_at=timezone.now() + HOUR,
            next_attempt_at=timezone.now() - timedelta(seconds=40),
        )
        machinery = row_of(shown(client), 'data-test="machinery"')
        assert "start a Celery worker" in machinery
        assert "12.4 s slow" in machinery
        assert "Waits for 40 s" in machinery
        assert machinery.count('class="chip bad"') == 3

    def test_a_verdict_that_held_is_counted(self, client: Browser) -> None:
        ann = books.client()
        device = authenticator(ann.user)
        try_code(ann.user, wrong_app_code(device))
        desk(client, "Support")
        client.get(books.page_of(ann, "settings/"))
        assert VerdictShown.objects.count() == 1
        assert try_code(ann.user, app_code(device)) == "accepted"
        settle_verdicts()
        VerdictShown.objects.update(look_at=timezone.now())
        settle_verdicts()
        assert client.get(FIRST).context["verdicts"].total.held == 1
        VerdictShown.objects.update(shown_at=timezone.now() - HOUR)
        page = shown(client, books.page_of(ann, "settings/"))
        assert "Shown once before in the last 7 days" in page
        assert "Held" in page[page.index('data-test="earlier-verdicts"') :]


class TestCost:
    def test_it_is_few_queries_and_as_many_after_thousands_of_messages(
        self, client: Browser
    ) -> None:
        busy_days.all_of_it()
        ann = books.client("ann@example.com", phone="+33612345678")
        desk(client, "Administrator")
        client.get(FIRST)
        costs = [_cost(client)]
        provider = SmsProvider.objects.get(name="first")
        histories.of_messages(ann, provider, 2_000, until=timezone.now())
        costs.append(_cost(client))
        assert costs[0] == costs[1] <= MOST_QUERIES

    def test_no_query_of_it_reads_messages_or_tries_in_number(self, client: Browser) -> None:
        """Only whether one waits, by the index of unfinished ones."""
        busy_days.all_of_it()
        desk(client, "Administrator")
        with CaptureQueriesContext(connection) as queries:
            client.get(FIRST)
        tables = ("smsproviders_smsmessage", "twofa_codeattempt", "twofa_challenge")
        read = [
            one["sql"] for one in queries if any(f'FROM "{name}"' in one["sql"] for name in tables)
        ]
        assert len(read) == 1
        assert "MIN(" in read[0]
        assert '"finished_at" IS NULL' in read[0]


def _cost(browser: Browser) -> int:
    with CaptureQueriesContext(connection) as queries:
        browser.get(FIRST)
    return len(queries)


def failed(email: str, *, ago: timedelta = HOUR, **fields: Any) -> Client:
    return books.client(email, last_trouble_at=timezone.now() - ago, **fields)


class TestNotBackYet:
    def test_it_lists_who_failed_and_is_not_in_since_the_newest_first(
        self, client: Browser
    ) -> None:
        now = timezone.now()
        failed("older@example.com", ago=3 * HOUR, last_login=now - 4 * HOUR)
        failed("newer@example.com")
        failed("signed-in@example.com", last_login=now)
        stepped_up = failed("stepped-up@example.com")
        VerificationState.objects.create(user=stepped_up.user, last_success_at=now)
        failed("closed@example.com", status=ClientStatus.CLOSED)
        failed("long-ago@example.com", ago=timedelta(days=8))
        failed("just-now@example.com", ago=timedelta(minutes=1))
        books.client("never-failed@example.com")
        desk(client, "Support")
        rows = client.get(OUT).context["page"].rows
        emails = [row.client.user.email for row in rows]
        assert emails == ["newer@example.com", "older@example.com"]

    def test_it_leads_to_the_diagnosis_and_tells_the_last_verdict(self, client: Browser) -> None:
        ann = failed("ann@example.com")
        VerdictShown.objects.create(user=ann.user, verdict="twofa.locked", shown_once="1")
        desk(client, "Support")
        page = shown(client, OUT)
        assert books.page_of(ann, "settings/") + "#why-no-codes" in page
        assert "Locked after wrong codes" in page

    def test_without_the_right_to_diagnose_there_is_no_way_there(self, client: Browser) -> None:
        failed("ann@example.com")
        sign_in(client, operator(permissions=["clients.view_client"]))
        assert "why-no-codes" not in shown(client, OUT)

    def test_it_is_not_for_who_may_not_see_clients(self, client: Browser) -> None:
        desk(client, "Integrator")
        assert client.get(OUT).status_code == 403

    def test_pages_follow_each_other_without_a_gap(
        self, client: Browser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(not_back_yet, "PAGE", 2)
        for number in range(5):
            failed(f"{number}@example.com", ago=HOUR * (number + 1))
        desk(client, "Support")
        assert _walk(client) == [f"{number}@example.com" for number in range(5)]

    def test_a_page_that_looked_at_enough_says_how_far_back(
        self, client: Browser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(not_back_yet, "LOOKED_AT", 3)
        for number in range(7):
            back = timezone.now() if number != 5 else None
            failed(f"{number}@example.com", ago=HOUR * (number + 1), last_login=back)
        desk(client, "Support")
        assert "Looked back as far as" in shown(client, OUT)
        assert _walk(client) == ["5@example.com"]

    @pytest.mark.parametrize("before", ["x", "2026-13-45T00:00:00", "2026-11-24T00:00:00", ""])
    def test_an_address_that_was_tampered_with_shows_the_newest(
        self, client: Browser, before: str
    ) -> None:
        failed("ann@example.com")
        desk(client, "Support")
        assert len(client.get(OUT, {"before": before}).context["page"].rows) == 1

    def test_a_page_is_as_many_queries_however_many_failed(self, client: Browser) -> None:
        desk(client, "Support")
        client.get(OUT)
        costs = []
        for number in range(12):
            failed(f"{number}@example.com")
            with CaptureQueriesContext(connection) as queries:
                client.get(OUT)
            costs.append(len(queries))
        assert costs[0] == costs[-1]


def _walk(browser: Browser) -> list[str]:
    found: list[str] = []
    query: dict[str, str] = {}
    for _ in range(10):
        page = browser.get(OUT, query).context["page"]
        found += [row.client.user.email for row in page.rows]
        if page.older is None:
            return found
        query = {"before": page.older.isoformat()}
    raise AssertionError("the pages have no end")


class TestPictures:
    def test_a_funnel_is_as_high_as_each_share_and_never_invisible(self) -> None:
        shape = pictures.funnel([100, 50, 0, 1])
        assert shape.path.startswith("M0 0.0L62 0.0C81 0.0 81 18.0 100 18.0")
        assert "L400 35.0" in shape.path
        assert shape.path.endswith("L0 72.0Z")

    def test_nothing_has_no_shape(self) -> None:
        assert pictures.funnel([0, 0, 0, 0]).path == ""
        assert pictures.lines([0, 0], [0, 0]).paths == ["", ""]

    def test_lines_share_one_scale(self) -> None:
        drawn = pictures.lines([0, 10], [5, 0])
        assert drawn.most == 10
        assert drawn.paths == ["M0 58.0L10 2.0", "M0 30.0L10 58.0"]

    def test_a_bar_shows_the_rarest_too(self) -> None:
        assert [pictures.percent(part, 1000) for part in (0, 1, 1000)] == [0, 1, 100]
