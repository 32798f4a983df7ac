"""System > Logs: read, search, export; nothing else."""

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.admin import log_search, logs
from backoffice.admin.csv_export import safe_cell
from backoffice.audit import log, personal
from backoffice.audit.models import ActorKind, AuditEvent, Outcome
from backoffice.common import request_context
from clients.models import Client as ClientProfile
from clients.models import User
from tests.backoffice.operators import operator, sign_in

pytestmark = pytest.mark.django_db
PAGE = "/admin/audit/auditevent/"
READ = ["audit.view_auditevent"]
TRIED = log.action("tests.tried", "Something was tried")
OTHER = log.action("tests.other", "Something else")


@pytest.fixture
def auditor(client: Client) -> Client:
    return sign_in(client, operator("auditor@example.com", permissions=READ))


def a_client(email: str = "ann@example.com", name: str = "Ann Lee") -> ClientProfile:
    user = User.objects.create_user(email, "a long password of hers", name=name)
    return ClientProfile.objects.create(user=user, name=name)


def record(what: log.Action = TRIED, **given: Any) -> AuditEvent:
    return log.record(what, **({"actor": log.SYSTEM} | given))


def shown(auditor: Client, **query: Any) -> list[AuditEvent]:
    return [row["event"] for row in auditor.get(PAGE, query).context["rows"]]


def test_it_tells_each_event_in_words(auditor: Client) -> None:
    record(outcome=Outcome.REFUSED, facts={"sends_left": 0})
    page = auditor.get(PAGE).content.decode()
    assert "Something was tried" in page
    assert "refused" in page
    assert "sends left: 0" in page
    assert "the system itself" in page


def test_it_filters_by_action_outcome_and_actor(auditor: Client) -> None:
    boss = operator("boss@example.com")
    plain = record()
    refused = record(outcome=Outcome.REFUSED)
    by_boss = record(OTHER, actor=log.Actor(ActorKind.OPERATOR, str(boss.pk)))
    assert shown(auditor, action="tests.tried") == [refused, plain]
    assert shown(auditor, outcome="refused") == [refused]
    assert shown(auditor, actor="Boss@example.com") == [by_boss]
    assert shown(auditor, actor=str(boss.pk)) == [by_boss]
    assert shown(auditor, kind="system") == [refused, plain]
    assert shown(auditor, action="tests.other", kind="system") == []


def test_it_finds_a_person_by_email_and_by_client_id(auditor: Client) -> None:
    ann, bob = a_client(), a_client("bob@example.com", "Bob")
    of_user = record(subject=f"user:{ann.user_id}")
    of_client = record(subject=f"client:{ann.pk}")
    record(subject=f"user:{bob.user_id}")
    assert shown(auditor, subject="ann@example.com") == [of_client, of_user]
    assert shown(auditor, subject=f"#{ann.pk}") == [of_client, of_user]
    assert shown(auditor, subject=f"user:{ann.user_id}") == [of_user]


def test_it_finds_everything_that_one_request_did(auditor: Client) -> None:
    record()
    with request_context.during(request_context.RequestContext(request_id="abc-1")):
        mine = record()
    assert shown(auditor, request=" abc-1 ") == [mine]


def test_it_filters_by_day(auditor: Client) -> None:
    event = record()
    today = timezone.now().date()
    assert shown(auditor, since=today, until=today) == [event]
    assert shown(auditor, since=today + timedelta(days=1)) == []
    assert shown(auditor, until=today - timedelta(days=1)) == []


@pytest.mark.parametrize(
    "query",
    [
        {"actor": "nobody@example.com"},
        {"subject": "999999999999999999999999"},
        {"since": "yesterday"},
        {"since": "0001-01-01"},
        {"until": "9999-12-31"},
        {"action": "no.such"},
        {"outcome": "x"},
    ],
)
def test_a_wrong_filter_is_said_and_finds_nothing(auditor: Client, query: dict[str, str]) -> None:
    record()
    answer = auditor.get(PAGE, query)
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert answer.context["rows"] == []


def test_odd_places_are_ignored(auditor: Client) -> None:
    event = record()
    assert shown(auditor, before="x", after="\x00") == [event]


def test_pages_go_to_the_end_and_back(auditor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_search, "PAGE", 3)
    events = [record() for _ in range(7)][::-1]
    seen, address, pages = [], f"{PAGE}?action=tests.tried", []
    while address:
        context = auditor.get(address).context
        page = [row["event"] for row in context["rows"]]
        seen += page
        pages.append(page)
        back, address = context["newer"], context["older"]
    assert seen == events
    assert [len(page) for page in pages] == [3, 3, 1]
    middle = auditor.get(back).context
    assert [row["event"] for row in middle["rows"]] == pages[1]
    first = auditor.get(middle["newer"]).context
    assert [row["event"] for row in first["rows"]] == pages[0]
    assert first["newer"] is None
    assert "action=tests.tried" in first["older"]


def test_a_page_costs_the_same_for_many_events_as_for_few(auditor: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            auditor.get(PAGE)
        return len(captured)

    people = [a_client(f"c{number}@example.com", f"C {number}") for number in range(12)]
    record(subject=f"user:{people[0].user_id}")
    few = queries()
    for person in people:
        record(
            subject=f"user:{person.user_id}",
            actor=log.Actor(ActorKind.CLIENT, str(person.user_id)),
        )
    assert queries() == few


def test_nothing_counts_the_table_or_skips_rows(auditor: Client) -> None:
    record()
    with CaptureQueriesContext(connection) as captured:
        auditor.get(PAGE)
    on_log = [one["sql"] for one in captured if '"audit_auditevent"' in one["sql"]]
    assert on_log
    assert not any("COUNT(" in sql or "OFFSET" in sql for sql in on_log)


def test_a_search_that_takes_too_long_ends_in_words(
    auditor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(*_: Any, **__: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(30)")

    monkeypatch.setattr(logs, "SEARCH_SECONDS", 1)
    monkeypatch.setattr(log_search, "page", endless)
    answer = auditor.get(PAGE)
    assert answer.status_code == 200
    assert "This search takes too long" in answer.content.decode()


def test_a_client_is_named_and_linked_only_for_who_may_see_clients(
    auditor: Client, client_class: type[Client] = Client
) -> None:
    ann = a_client()
    record(subject=f"user:{ann.user_id}")
    page = auditor.get(PAGE).content.decode()
    assert "Ann Lee" not in page
    assert f"Client #{ann.pk}" in page
    support = operator("s@example.com", permissions=[*READ, "clients.view_client"])
    page = sign_in(client_class(), support).get(PAGE).content.decode()
    assert "Ann Lee" in page
    assert f"/admin/clients/client/{ann.pk}/change/" in page


def test_the_details_reveal_the_reason_address_and_browser(auditor: Client) -> None:
    asked = request_context.RequestContext("r-1", "203.0.113.7", "Firefox")
    ann = a_client()
    with request_context.during(asked):
        event = record(
            subject=f"user:{ann.user_id}", reason="Lost the phone", facts={"ticket": "T1"}
        )
    page = auditor.get(f"{PAGE}{event.pk}/change/").content.decode()
    for words in ("Lost the phone", "203.0.113.7", "Firefox", "T1", "r-1", "tests.tried"):
        assert words in page
    assert "Lost the phone" not in auditor.get(PAGE).content.decode()


def test_what_was_erased_says_so(auditor: Client) -> None:
    event = record(subject="user:1", reason="Lost the phone")
    personal.erase("user:1")
    page = auditor.get(f"{PAGE}{event.pk}/change/").content.decode()
    assert "erased" in page
    assert "Lost the phone" not in page


def test_details_whose_key_is_damaged_fail_in_words(auditor: Client) -> None:
    event = record(subject="user:1", reason="Lost the phone")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_subjectkey SET key = 'v1.000000000000.AAAA'")
    answer = auditor.get(f"{PAGE}{event.pk}/change/")
    assert answer.status_code == 200
    assert "cannot be decrypted" in answer.content.decode()


def test_an_event_that_is_not_there_is_404(auditor: Client) -> None:
    for key in ("nonsense", "0199aaaa-0000-7000-8000-000000000000"):
        assert auditor.get(f"{PAGE}{key}/change/").status_code == 404


def test_s47_only_who_may_read_logs_sees_them(client: Client) -> None:
    event = record()
    desk = sign_in(client, operator(permissions=["policy.view_systemsetting"]))
    for address in (PAGE, f"{PAGE}{event.pk}/change/"):
        assert desk.get(address).status_code == 403
    assert desk.post(f"{PAGE}export/").status_code == 403


def test_s50_nothing_can_be_added_changed_or_deleted(auditor: Client) -> None:
    event = record()
    sign_in(auditor, User.objects.create_superuser("root@example.com", "a long password here"))
    for address in ("add/", f"{event.pk}/change/", f"{event.pk}/delete/"):
        answer = auditor.post(f"{PAGE}{address}", {"action": "tests.other", "post": "yes"})
        assert answer.status_code in {403, 405}, address
    auditor.post(PAGE, {"action": "delete_selected", "_selected_action": str(event.pk)})
    assert AuditEvent.objects.get(pk=event.pk).action == "tests.tried"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_s79_a_cell_that_begins_as_a_formula_is_text(sign: str) -> None:
    assert safe_cell(f" {sign}1+1") == f"' {sign}1+1"


def test_s79_the_export_runs_no_formula_and_forges_no_line(auditor: Client) -> None:
    record(
        subject="=HYPERLINK(1)",
        facts={"said": "a\r\nb\x1b[31m"},
        outcome=Outcome.FAILED,
    )
    record(subject="user:2")
    answer = auditor.post(f"{PAGE}export/?outcome=failed")
    assert answer["Content-Type"].startswith("text/csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert "\x1b" not in text
    heads, row = csv.reader(io.StringIO(text))
    assert row[heads.index("subject")] == "'=HYPERLINK(1)"
    assert row[heads.index("action")] == "tests.tried"
    assert len(text.splitlines()) == 2


def test_an_export_is_logged_and_holds_no_personal_details(auditor: Client) -> None:
    record(subject="user:1", reason="Lost the phone")
    answer = auditor.post(f"{PAGE}export/")
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert "user:1" in text
    assert "Lost the phone" not in text
    assert AuditEvent.objects.filter(action="audit.exported").count() == 1


def test_s44_asking_for_the_export_by_link_does_nothing(auditor: Client) -> None:
    assert auditor.get(f"{PAGE}export/").status_code == 302
    assert not AuditEvent.objects.filter(action="audit.exported").exists()


def test_an_export_reads_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_search, "EXPORT_CHUNK", 3)
    events = [record() for _ in range(8)][::-1]
    every = AuditEvent.objects.filter(action="tests.tried").order_by("-id")
    assert list(log_search.in_chunks(every, limit=100)) == events
    assert list(log_search.in_chunks(every, limit=5)) == events[:5]
    assert list(log_search.in_chunks(every, limit=6)) == events[:6]


def test_the_days_of_the_form_are_utc() -> None:
    event = record()
    form = log_search.SearchForm({"since": date.today(), "until": date.today()})
    assert (event in form.events()) == (timezone.now().date() == date.today())


def test_a_verdict_is_told_in_words(auditor: Client) -> None:
    record(facts={"verdict": "twofa.locked"})
    record(facts={"verdict": "ok"})
    summaries = [row["summary"] for row in auditor.get(PAGE).context["rows"]]
    assert summaries == ["verdict: Nothing was wrong", "verdict: Locked after wrong codes"]


def test_facts_are_told_in_words_and_empty_ones_are_left_out(auditor: Client) -> None:
    event = record(
        facts={
            "factor": "sms",
            "purpose": "sign_in",
            "outcome": "country_closed",
            "failures": 0,
            "reference": "",
            "countries": [],
            "replaced": False,
        }
    )
    (row,) = auditor.get(PAGE).context["rows"]
    assert row["event"] == event
    assert row["summary"] == (
        "factor: SMS confirmation · outcome: country not served · purpose: sign in"
        " · failures: 0 · replaced: no"
    )
