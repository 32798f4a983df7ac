"""The pages of incidents in a real browser: contrast, names, content policy, small screens."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from smsproviders.models import (
    Breaker,
    Incident,
    IncidentKind,
    IncidentNumber,
    IncidentOwner,
    SmsProvider,
)
from smsproviders.vocabulary import Cause
from tests.backoffice.test_incidents import LIST, counted, page_of
from tests.backoffice.windows import Open
from tests.services.looks import look_everywhere
from tests.twofa import hits, people
from twofa import incident_banner
from twofa.models import VerificationState

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def incident(make_twilio_provider: Callable[..., SmsProvider]) -> Incident:
    """One that goes on, with a note; beside it a small one, and two that are over."""
    twilio = make_twilio_provider(caption="Twilio")
    now = timezone.now()
    one = hits.incident(
        provider=twilio,
        provider_caption="Twilio",
        owner=IncidentOwner.PROVIDER,
        error_code="20500",
        usual_failed=3,
        usual_sends=400,
        began_at=now - timedelta(minutes=50),
        note="Twilio knows of it: status page, incident 4711.\nExpected to end by noon.",
        noted_at=now - timedelta(minutes=3),
    )
    counted(one, minutes=50)
    users = hits.clients_hit(one, 4)
    VerificationState.objects.filter(user=users[0]).update(last_success_at=now)
    IncidentNumber.objects.bulk_create(
        IncidentNumber(incident=one, number=hits.number_of(100 + index), first_at=now, hit_at=now)
        for index in range(60)
    )
    Breaker.objects.create(provider=twilio, country="FR", opened_at=now, probe_at=now)
    hits.incident(
        country="ID",
        prefix="+62812",
        cause=Cause.CARRIER_CONGESTED,
        owner=IncidentOwner.CARRIER,
        is_felt=False,
    )
    hits.over(kind=IncidentKind.QUEUE, country="", cause=Cause.EXPIRED_BEFORE_SENDING)
    hits.over(kind=IncidentKind.CONVERSION, country="DE", cause="", reopened=2)
    return one


def test_no_page_has_a_finding_an_overflow_or_a_refused_style(
    open_as: Open, incident: Incident, console_errors: list[str]
) -> None:
    page = open_as()
    settings_of = f"/admin/smsproviders/smsprovider/{incident.provider_id}/change/"
    for place in (LIST, page_of(incident), settings_of):
        page.goto(place)
        for details in page.locator("main details").all():
            details.locator("summary").click()
        look_everywhere(page)
    assert console_errors == []


def test_the_note_is_written_by_keyboard(open_as: Open, incident: Incident) -> None:
    page = open_as("Support", viewport={"width": 1280, "height": 900})
    page.goto(page_of(incident))
    page.get_by_text("Change the note").click()
    page.get_by_label("Note for all operators").fill("Mended at noon")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-test=note-text] >> text=Mended at noon")


def test_the_code_page_with_the_banner_has_no_finding(
    open_as: Open, console_errors: list[str], incident: Incident
) -> None:
    ann = people.client("ann@example.com", password=people.PASSWORD)
    people.sms(ann, "+33698765432")
    people.codes(ann)
    incident_banner.forget()
    page = open_as()
    page.context.clear_cookies()
    page.goto("/sign-in/")
    page.get_by_label("E-mail").fill(ann.email)
    page.get_by_label("Password").fill(people.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-test=incident]")
    look_everywhere(page)
    assert console_errors == []
    incident_banner.forget()
