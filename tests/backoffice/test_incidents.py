"""Security > Incidents: what goes on, what is over, whom it hit, what can be done, who is told."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.admin import keyset
from backoffice.alerts import incidents as alerts
from backoffice.audit.models import AuditEvent
from smsproviders.models import (
    Breaker,
    HitOutcome,
    Incident,
    IncidentMinute,
    IncidentNumber,
    IncidentOwner,
    PauseReason,
    RoutePause,
    RouteScope,
    SmsProvider,
)
from smsproviders.vocabulary import Cause
from tests.backoffice import books
from tests.backoffice.books import desk
from tests.twofa import hits
from twofa import tasks
from twofa.models import Notice, VerificationState

pytestmark = pytest.mark.django_db
LIST = "/admin/smsproviders/incident/"
ROLES = ("Support", "Security desk", "Integrator", "Administrator")


def page_of(incident: Incident, act: str = "change/") -> str:
    return f"{LIST}{incident.pk}/{act}"


def shown(browser: Browser, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def provider(caption: str = "Twilio", **fields: Any) -> SmsProvider:
    return SmsProvider.objects.create(
        caption=caption, name=caption.lower(), backend="sandbox", enabled=True, **fields
    )


def counted(incident: Incident, *, minutes: int = 30) -> None:
    begin = incident.began_at.replace(second=0, microsecond=0)
    IncidentMinute.objects.bulk_create(
        IncidentMinute(
            incident=incident, minute=begin + timedelta(minutes=n), sends=5, failed=n % 4
        )
        for n in range(minutes)
    )


class TestTheList:
    def test_what_goes_on_comes_before_what_is_over(self, client: Browser) -> None:
        hits.over(country="DE", owner=IncidentOwner.CARRIER, cause=Cause.CARRIER_CONGESTED)
        hits.incident(provider=provider(), provider_caption="Twilio", error_code="20500")
        desk(client, "Support")
        html = shown(client, LIST)
        assert html.index("FR by Twilio") < html.index('id="over"') < html.index(">DE<")
        for words in ("(Twilio 20500)", "41 of 60", "30", "Goes on", "Mobile network"):
            assert words in html, words

    def test_it_says_so_when_none_goes_on(self, client: Browser) -> None:
        desk(client, "Support")
        assert "No incident goes on." in shown(client, LIST)

    def test_a_merged_one_is_told_by_the_wider_one(self, client: Browser) -> None:
        wide = hits.incident(country="")
        part = hits.over(country="DE", part_of=wide)
        desk(client, "Support")
        assert page_of(part) not in shown(client, LIST)
        assert client.get(page_of(part)).headers["Location"] == page_of(wide)

    def test_older_ones_are_on_further_pages(self, client: Browser) -> None:
        for index in range(keyset.PAGE + 2):
            hits.over(country="FR", prefix=f"+336{index}")
        desk(client, "Support")
        newest = client.get(LIST)
        assert len(newest.context["over"]) == keyset.PAGE
        older = client.get(newest.context["older"])
        assert [row.where for row in older.context["over"]] == ["+3361…", "+3360…"]

    def test_it_costs_the_same_however_many_there_are(self, client: Browser) -> None:
        desk(client, "Support")
        client.get(LIST)
        costs = []
        for country in ("AT", "BE"):
            hits.over(country=country)
            hits.incident(country=country)
            with CaptureQueriesContext(connection) as captured:
                client.get(LIST)
            costs.append(len(captured))
        assert costs[0] == costs[1]


class TestThePage:
    def test_it_says_what_fails_where_since_when_and_whose_matter_it_is(
        self, client: Browser
    ) -> None:
        one = hits.incident(
            provider=provider(),
            provider_caption="Twilio",
            owner=IncidentOwner.PROVIDER,
            usual_failed=1,
            usual_sends=100,
        )
        desk(client, "Support")
        html = shown(client, page_of(one))
        for words in (
            "41 of 60 sends to FR by Twilio failed",
            "SMS provider",
            "1.0 %",
            "30 min ago",
            "Clients notice",
        ):
            assert words in html, words

    def test_it_says_what_to_tell_the_client(self, client: Browser) -> None:
        desk(client, "Support")
        now = timezone.now()
        went_on = {"owner": IncidentOwner.PROVIDER, "began_at": now - timedelta(hours=1)}
        one = hits.incident(**went_on)
        page = shown(client, page_of(one))
        assert "at the company that sends our text messages" in page
        assert "An authenticator app or a recovery code lets you in" in page
        assert "I cannot say yet" in page
        for minutes in (20, 30, 90):
            begin = now - timedelta(days=1)
            end = begin + timedelta(minutes=minutes)
            past = {"began_at": begin, "last_bad_at": end, "closed_at": end}
            hits.incident(**{**went_on, **past})
        assert "this takes about 30 min" in shown(client, page_of(one))

    def test_the_line_has_its_numbers_in_a_table_behind(self, client: Browser) -> None:
        one = hits.incident()
        counted(one)
        desk(client, "Support")
        html = shown(client, page_of(one))
        assert 'role="img"' in html
        assert "150 sends, 43 of them failed" in html
        assert html.count("<tr><th") >= 30

    def test_a_long_one_is_shown_in_steps(self, client: Browser) -> None:
        one = hits.incident(began_at=timezone.now() - timedelta(hours=12))
        counted(one, minutes=700)
        desk(client, "Support")
        assert "Every 8 minutes" in shown(client, page_of(one))

    def test_whom_it_hit_is_named_and_who_has_not_signed_in_is_marked(
        self, client: Browser
    ) -> None:
        one = hits.incident()
        ann, _bob = hits.clients_hit(one, 2)
        VerificationState.objects.filter(user=ann).update(last_success_at=timezone.now())
        desk(client, "Support")
        rows = client.get(page_of(one)).context["hits"]
        assert [(row.owners[0].words, "Signed in since" in row.standing) for row in rows] == [
            ("Ann", False),
            ("Ann", True),
        ]
        assert all(row.owners[0].address for row in rows)

    def test_no_whole_number_is_shown(self, client: Browser) -> None:
        one = hits.incident()
        hits.clients_hit(one, 2)
        desk(client, "Administrator")
        html = shown(client, page_of(one))
        assert "+33••01" in html
        assert hits.number_of(1) not in html

    def test_who_may_see_no_clients_sees_ids(self, client: Browser) -> None:
        one = hits.incident()
        (user,) = hits.clients_hit(one, 1)
        desk(client, "Integrator")
        html = shown(client, page_of(one))
        assert f"Client #{user.client.pk}" in html
        assert "/admin/clients/client/" not in html

    def test_many_are_paged_and_cost_the_same(self, client: Browser) -> None:
        one = hits.incident()
        desk(client, "Support")
        client.get(page_of(one))
        costs = []
        for start in (0, 60):
            IncidentNumber.objects.bulk_create(
                IncidentNumber(
                    incident=one,
                    number=hits.number_of(start + index),
                    first_at=one.began_at,
                    hit_at=one.began_at,
                )
                for index in range(60)
            )
            with CaptureQueriesContext(connection) as captured:
                answer = client.get(page_of(one))
            costs.append(len(captured))
        assert costs[0] == costs[1] <= 15
        assert len(answer.context["hits"]) == keyset.PAGE
        older = client.get(answer.context["older"])
        assert len(older.context["hits"]) == keyset.PAGE

    def test_those_whom_another_provider_served_are_not_among_them(self, client: Browser) -> None:
        one = hits.incident(hit=0)
        hits.hit(one, hit_at=None)
        desk(client, "Support")
        assert client.get(page_of(one)).context["hits"] == []

    def test_when_it_is_over_it_shows_who_was_told(self, client: Browser) -> None:
        one = hits.over()
        hits.clients_hit(one, 1)
        tasks.tell_after_incidents()
        assert IncidentNumber.objects.get().outcome == HitOutcome.TOLD
        desk(client, "Support")
        assert "Told, not signed in" in shown(client, page_of(one))

    def test_what_is_unknown_is_not_there(self, client: Browser) -> None:
        desk(client, "Support")
        for key in ("0", "01a20cde-b5aa-754b-ae53-8c2ada758df3"):
            assert client.get(f"{LIST}{key}/change/").status_code == 404


class TestActs:
    def acts(self, client: Browser, one: Incident) -> dict[str, str]:
        return {act.words: act.address for act in client.get(page_of(one)).context["acts"]}

    def test_each_role_is_offered_what_it_may_do(self, client: Browser) -> None:
        twilio = provider()
        one = hits.incident(provider=twilio, provider_caption="Twilio")
        now = timezone.now()
        Breaker.objects.create(provider=twilio, country="FR", opened_at=now, probe_at=now)
        RoutePause.objects.create(
            scope=RouteScope.PREFIX,
            route="+3361234",
            country="FR",
            reason=PauseReason.LOW_CONVERSION,
            ends_at=now + timedelta(hours=1),
        )
        offered = {}
        for number, role in enumerate(ROLES):
            browser = Browser()
            desk(browser, role, email=f"o{number}@example.com")
            offered[role] = set(self.acts(browser, one))
        sending = {
            "Check Twilio now",
            "Open Twilio",
            "Change the order of providers",
            "Reset the breaker of Twilio: FR",
        }
        lifting = {"Lift the pause of +3361234••••"}
        assert offered == {
            "Support": set(),
            "Security desk": lifting,
            "Integrator": sending,
            "Administrator": sending | lifting,
        }

    def test_each_leads_somewhere(self, client: Browser) -> None:
        twilio = provider()
        one = hits.incident(provider=twilio, provider_caption="Twilio")
        now = timezone.now()
        Breaker.objects.create(provider=twilio, country="FR", opened_at=now, probe_at=now)
        desk(client, "Administrator")
        for words, address in self.acts(client, one).items():
            expected = 405 if words.startswith("Check") else 200
            assert client.get(address).status_code == expected, words

    def test_the_check_leads_back(self, client: Browser, sandbox: None) -> None:
        one = hits.incident(provider=provider(), provider_caption="Twilio")
        desk(client, "Administrator")
        (act,) = [a for a in client.get(page_of(one)).context["acts"] if a.hidden]
        answer = client.post(act.address, act.hidden)
        assert answer.headers["Location"] == page_of(one)


@pytest.fixture
def sandbox(settings: Any) -> None:
    settings.DEBUG = True


class TestTheNote:
    @pytest.mark.parametrize("role", ROLES)
    def test_all_who_see_incidents_write_it(self, client: Browser, role: str) -> None:
        one = hits.incident()
        operator = desk(client, role)
        client.post(page_of(one, "note/"), {"note": "Twilio works on it"})
        html = shown(client, page_of(one))
        assert "Twilio works on it" in html
        assert operator.email in html
        event = AuditEvent.objects.get(action="incident.noted")
        assert event.actor_id == str(operator.pk)

    def test_auditors_see_neither(self, client: Browser) -> None:
        one = hits.incident()
        desk(client, "Auditor")
        assert client.get(LIST).status_code == client.get(page_of(one)).status_code == 403
        assert client.post(page_of(one, "note/"), {"note": "x"}).status_code == 403
        one.refresh_from_db()
        assert one.note == ""

    def test_it_stands_in_the_diagnosis_of_a_client_it_hits(self, client: Browser) -> None:
        one = hits.incident(note="Twilio works on it", noted_at=timezone.now())
        (user,) = hits.clients_hit(one, 1)
        desk(client, "Support")
        html = shown(client, books.page_of(user.client, "settings/"))
        assert "Not this client alone: 41 of 60 sends to FR failed since" in html
        assert "Twilio works on it" in html
        assert page_of(one) in html

    def test_one_that_is_too_long_is_not_saved(self, client: Browser) -> None:
        one = hits.incident()
        desk(client, "Support")
        answer = client.post(page_of(one, "note/"), {"note": "x" * 501}, follow=True)
        assert "at most 500 characters" in answer.content.decode()
        assert not AuditEvent.objects.filter(action="incident.noted").exists()

    def test_markup_in_it_is_text(self, client: Browser) -> None:
        one = hits.incident()
        desk(client, "Support")
        client.post(page_of(one, "note/"), {"note": "<b>bold</b>"})
        assert "&lt;b&gt;bold&lt;/b&gt;" in shown(client, page_of(one))


def test_nothing_of_an_incident_is_changed_by_other_pages(client: Browser) -> None:
    one = hits.incident()
    desk(client, "Administrator")
    assert client.post(page_of(one), {"note": "x"}).status_code == 403
    assert client.post(LIST, {"action": "delete_selected"}).status_code == 403
    for act in ("delete/", "add/"):
        assert client.get(f"{LIST}{one.pk}/{act}").status_code in {302, 403, 404}
    assert Incident.objects.count() == 1


def test_the_page_of_a_provider_shows_its_own(integrator: Browser) -> None:
    twilio, other = provider(), provider("Vonage")
    one = hits.incident(provider=twilio, provider_caption="Twilio")
    hits.over(provider=twilio, provider_caption="Twilio", country="DE")
    html = shown(integrator, f"/admin/smsproviders/smsprovider/{twilio.pk}/change/")
    assert page_of(one) in html
    assert "DE by Twilio" not in html
    assert page_of(one) not in shown(
        integrator, f"/admin/smsproviders/smsprovider/{other.pk}/change/"
    )


def test_the_log_leads_to_its_page(client: Browser) -> None:
    one = hits.incident(provider=provider(), provider_caption="Twilio")
    desk(client, "Administrator")
    client.post(page_of(one, "note/"), {"note": "seen"})
    html = shown(client, "/admin/audit/auditevent/")
    assert page_of(one) in html
    assert "Note of an incident written" in html


class TestAlerts:
    def told(self) -> list[str]:
        alerts.tell_changes()
        mail.outbox.clear()
        tasks.sweep_notices()
        return [one.subject.removeprefix("Back Office: SMS: ") for one in mail.outbox]

    @pytest.fixture(autouse=True)
    def support(self, db: None) -> None:
        desk(Browser(), "Support")

    def test_operators_are_told_once_when_it_opens_and_once_when_it_is_over(self) -> None:
        one = hits.incident(provider=provider(), provider_caption="Twilio")
        assert self.told() == ["41 of 60 sends to FR by Twilio failed"]
        assert self.told() == []
        now = timezone.now()
        Incident.objects.update(closed_at=now, told_at=now - timedelta(minutes=16))
        assert self.told() == ["over: 41 of 60 sends to FR by Twilio failed"]
        assert page_of(one) in str(mail.outbox[0].body)
        assert self.told() == []

    def test_what_flaps_is_told_at_intervals(self) -> None:
        hits.incident()
        assert len(self.told()) == 1
        Incident.objects.update(closed_at=timezone.now())
        assert self.told() == []
        Incident.objects.update(closed_at=None)
        assert self.told() == []
        Incident.objects.update(
            closed_at=timezone.now(), told_at=timezone.now() - timedelta(minutes=16)
        )
        assert len(self.told()) == 1

    def test_all_that_is_new_is_one_mail(self) -> None:
        for country in ("FR", "DE", "IT"):
            hits.incident(country=country)
        assert self.told() == ["3 incidents"]
        assert all(f"to {country} failed" in str(mail.outbox[0].body) for country in ("FR", "DE"))

    def test_one_that_opened_and_ended_untold_is_no_news(self) -> None:
        hits.over()
        assert self.told() == []

    def test_a_merged_one_is_told_by_the_wider_one(self) -> None:
        wide = hits.incident(country="", told_state="open", told_at=timezone.now())
        hits.over(country="DE", part_of=wide, told_state="open")
        assert self.told() == []

    def test_auditors_are_not_told(self) -> None:
        desk(Browser(), "Auditor", email="a@example.com")
        hits.incident()
        self.told()
        assert {one.user.email for one in Notice.objects.all()} == {"desk@example.com"}
