"""How the sealing of the log is told: on System > Logs, the first page, in health, by e-mail."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from backoffice.admin.log_sealing import FAULTS
from backoffice.alerts import sealing as alerts
from backoffice.audit import log
from backoffice.audit.models import SealingState
from backoffice.audit.sealing_round import seal_and_tell
from tests.backoffice.operators import operator, sign_in
from twofa.models import Notice

pytestmark = pytest.mark.django_db
Trouble = SealingState.Trouble
PAGE = "/admin/audit/auditevent/"
SEALS = ["audit.view_auditevent", "audit.view_auditseal", "smsproviders.view_smsmessage"]
HAPPENED = log.action("tests.happened", "Something happened")


@pytest.fixture
def auditor(client: Client) -> Client:
    return sign_in(client, operator("auditor@example.com", permissions=SEALS))


def trouble(kind: str, *, minutes: int = 60) -> None:
    since = timezone.now() - timedelta(minutes=minutes) if kind else None
    SealingState.objects.update(trouble=kind, trouble_since=since)


def ready(client: Client) -> Any:
    return json.loads(client.get("/health/ready").content)["sealing"]


def test_each_trouble_has_words_and_what_to_do() -> None:
    assert set(FAULTS) == set(Trouble)


def test_it_shows_until_where_the_log_is_sealed(auditor: Client) -> None:
    event = log.record(HAPPENED, actor=log.SYSTEM)
    assert auditor.get(f"{PAGE}{event.pk}/change/").context["seal"] is None
    seal_and_tell()
    assert auditor.get(f"{PAGE}{event.pk}/change/").context["seal"].event_id == event.pk
    page = auditor.get(PAGE)
    assert page.context["sealing"].fingerprint in page.content.decode()
    assert "Sealed" in page.content.decode()
    assert ready(auditor) == "ok"


def test_a_cut_log_is_told_everywhere(auditor: Client) -> None:
    log.record(HAPPENED, actor=log.SYSTEM)
    seal_and_tell()
    trouble(Trouble.HEAD_CUT, minutes=0)
    for page in (PAGE, "/admin/"):
        assert "names a seal that the log does not have" in auditor.get(page).content.decode()
    assert ready(auditor) == "degraded"


def test_events_that_nobody_seals_are_told(
    auditor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.record(HAPPENED, actor=log.SYSTEM)
    assert "nobody seals" not in auditor.get(PAGE).content.decode()
    monkeypatch.setattr("backoffice.audit.standing.LATE", timedelta(0))
    assert "nobody seals" in auditor.get(PAGE).content.decode()
    assert ready(auditor) == "degraded"


def test_it_is_mailed_once_to_those_who_may_see_seals_and_so_is_its_end(auditor: Client) -> None:
    operator("support@example.com", permissions=["clients.view_client"])
    seal_and_tell()
    trouble(Trouble.HEAD_UNWRITTEN, minutes=1)
    assert not alerts.tell_changes()  # a place may be away for a moment
    trouble(Trouble.HEAD_UNWRITTEN)
    assert alerts.tell_changes()
    assert not alerts.tell_changes()
    trouble("")
    assert alerts.tell_changes()
    assert not alerts.tell_changes()
    told = Notice.objects.order_by("pk")
    assert {notice.user.email for notice in told} == {"auditor@example.com"}
    titles = [json.loads(notice.context)["title"] for notice in told]
    assert titles == ["head not kept outside", "sealed again"]
