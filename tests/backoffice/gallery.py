"""`make screenshots`: what operators see, wide and narrow, light and dark.

Not collected with the tests; run by its path.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from django.utils import timezone

from clients.models import Client
from smsproviders.models import Incident, IncidentOwner, SmsMessage, SmsProvider
from tests.backoffice import busy_days, message_books
from tests.backoffice.books import locked, page_of

# The same stories as those tests tell.
from tests.backoffice.test_incidents import counted
from tests.backoffice.test_messages_browser import (  # noqa: F401
    ann,
    happened,
    others,
    rescued,
)
from tests.backoffice.windows import Open
from tests.services import gallery
from tests.services.gallery import OPERATORS, Painter, Picture
from tests.twofa import hits, lost
from twofa import two_factor_column

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(900),
]
COLOURS = 32
FIRST, CLIENT, SMS, SYSTEM = "Overview", "A client", "Messages and providers", "System"
PICTURES: dict[str, Picture] = {
    name: Picture(group, title, name)
    for group, title, name in (
        (FIRST, "Whether codes work now", "overview"),
        (FIRST, "Incidents", "incidents"),
        (FIRST, "One incident", "incident"),
        (CLIENT, "Clients", "clients"),
        (CLIENT, "Why no codes? and the factors", "client-details"),
        (CLIENT, "Activity", "client-activity"),
        (CLIENT, "Disable SMS confirmation", "disable"),
        (CLIENT, "Lost device: the same list of proofs", "lost-device-desk"),
        (SMS, "Messages", "messages"),
        (SMS, "One message with its calls", "message"),
        (SMS, "Providers", "providers"),
        (SMS, "A provider", "provider-settings"),
        (SYSTEM, "Settings", "system-settings"),
        (SYSTEM, "Logs", "logs"),
    )
}


@pytest.fixture
def twilio_row(twilio_credentials: dict[str, str]) -> SmsProvider:
    made = message_books.provider("twilio")
    made.credentials = twilio_credentials
    made.save()
    return made


@pytest.fixture
def incident(twilio_row: SmsProvider) -> Incident:
    now = timezone.now()
    one = hits.incident(
        provider=twilio_row,
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
    hits.clients_hit(one, 4)
    return one


@pytest.fixture
def shoot(browser: "Browser") -> Callable[["Page", str, str], None]:
    painter = Painter(browser, PICTURES.values(), colours=COLOURS)

    def paint(page: "Page", name: str, address: str) -> None:
        page.goto(address)
        for look in OPERATORS:
            painter.paint(page, PICTURES[name].name, look)

    return paint


def test_the_operators_pages(
    open_as: Open,
    shoot: Callable[["Page", str, str], None],
    ann: Client,  # noqa: F811
    rescued: SmsMessage,  # noqa: F811
    others: None,  # noqa: F811
    happened: None,  # noqa: F811
    incident: Incident,
    twilio_row: SmsProvider,
) -> None:
    two_factor_column.refresh(ann.user)
    page = open_as()
    shoot(page, "messages", "/admin/smsproviders/smsmessage/")
    shoot(page, "message", f"/admin/smsproviders/smsmessage/{rescued.pk}/change/")
    shoot(page, "incidents", "/admin/smsproviders/incident/")
    shoot(page, "incident", f"/admin/smsproviders/incident/{incident.pk}/change/")
    shoot(page, "client-activity", page_of(ann, "activity/"))
    locked(ann)
    shoot(page, "client-details", page_of(ann, "settings/"))
    shoot(page, "disable", page_of(ann, "two-factor/sms/disable/"))
    request = lost.asked(ann.user)
    type(request).objects.update(at=timezone.now() - timedelta(hours=3))
    shoot(page, "lost-device-desk", reverse("admin:lost_device", args=[request.pk]))
    busy_days.all_of_it()
    SmsProvider.objects.filter(name="first").update(caption="Twilio, United States")
    shoot(page, "overview", "/admin/")
    shoot(page, "clients", "/admin/clients/client/")
    shoot(page, "providers", "/admin/smsproviders/smsprovider/")
    shoot(page, "provider-settings", f"/admin/smsproviders/smsprovider/{twilio_row.pk}/change/")
    shoot(page, "system-settings", "/admin/policy/systemsetting/")
    shoot(page, "logs", "/admin/audit/auditevent/")
    gallery.write("operators", list(PICTURES.values()), OPERATORS)
