"""Security > Paused routes: seen by who answers clients, lifted by the security desk, told."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client as Browser
from django.utils import timezone

from backoffice.alerts import paused_routes
from backoffice.audit.models import AuditEvent
from smsproviders import pause_review, pauses
from smsproviders.models import EVERYWHERE, RoutePause
from smsproviders.spending import SpendCap
from smsproviders.vocabulary import MessageState
from tests.backoffice.books import desk
from tests.smsproviders.sent_codes import a_code, codes
from twofa.models import Notice

pytestmark = pytest.mark.django_db
LIST = "/admin/smsproviders/routepause/"
LIFTERS = ("Security desk", "Administrator")
ONLOOKERS = ("Support", "Integrator")


def paused(prefix: str = "+3361234") -> RoutePause:
    codes(30, prefix, typed=2)
    (pause,) = pause_review.review()
    return pause


def held() -> RoutePause:
    message = a_code("+33698765432", state=MessageState.FAILED)
    attempt = message.attempts.create(number=1, provider_caption="Main", error_code="30450")
    pauses.hold(message, attempt)
    return RoutePause.objects.get(reason="fraud_hold")


def spent(country: str = EVERYWHERE) -> RoutePause:
    at = timezone.now()
    cap = SpendCap(country, Decimal("19.95"), Decimal(20), at + timedelta(minutes=10))
    pauses.note_closed(cap, at=at)
    return RoutePause.objects.get(reason="spend_cap")


def lift_page(pause: RoutePause) -> str:
    return f"{LIST}{pause.pk}/lift/"


def test_it_lists_each_with_why_evidence_and_end(client: Browser) -> None:
    paused()
    held()
    spent()
    desk(client, "Administrator")
    shown = client.get(LIST).content.decode()
    for words in (
        "+3361234••••",
        "Few of its codes are typed",
        "2 of 30 codes typed",
        "+3369876••••",
        "A provider suspects fraud",
        "Main, error 30450",
        "All countries",
        "19.95 of 20.00 USD in the hour",
        "Raise the cap",
        "in 5 hours",
    ):
        assert words in shown, words


def test_there_is_a_quiet_page_when_nothing_is_paused(client: Browser) -> None:
    desk(client, "Support")
    assert "Nothing is paused." in client.get(LIST).content.decode()


def test_lifting_takes_a_reason_and_stands_in_the_log(client: Browser) -> None:
    pause = paused()
    operator = desk(client, "Security desk")
    assert "Write down why." in client.post(lift_page(pause), {"reason": " "}).content.decode()
    assert pauses.blocking("+33612349999", "FR", at=timezone.now()) == pause
    answer = client.post(lift_page(pause), {"reason": "A campaign of ours"}, follow=True)
    assert "Codes go to +3361234•••• again." in answer.content.decode()
    assert pauses.blocking("+33612349999", "FR", at=timezone.now()) is None
    event = AuditEvent.objects.get(action="route.pause_lifted")
    assert event.actor_id == str(operator.pk)
    assert "Lifted" in answer.content.decode()


def test_lifting_what_is_over_says_so(client: Browser) -> None:
    pause = paused()
    desk(client, "Security desk")
    client.post(lift_page(pause), {"reason": "first"})
    for answer in (
        client.get(lift_page(pause), follow=True),
        client.post(lift_page(pause), {"reason": "second"}, follow=True),
    ):
        assert "This pause is over already." in answer.content.decode()
    assert AuditEvent.objects.filter(action="route.pause_lifted").count() == 1


def test_a_spend_cap_is_not_lifted_but_raised(client: Browser) -> None:
    pause = spent("FR")
    desk(client, "Administrator")
    assert client.get(lift_page(pause)).status_code == 404
    assert client.post(lift_page(pause), {"reason": "x"}).status_code == 404


def test_the_page_of_a_country_shows_the_prefixes_that_made_it_so(client: Browser) -> None:
    for prefix in ("+3361111", "+3362222", "+3363333"):
        codes(30, prefix)
    pause_review.review()
    desk(client, "Security desk")
    shown = client.get(lift_page(RoutePause.objects.get(scope="country"))).content.decode()
    assert "all of FR" in shown
    assert all(f"{prefix}••••" in shown for prefix in ("+3361111", "+3362222", "+3363333"))


@pytest.mark.parametrize("role", [*LIFTERS, *ONLOOKERS, "Auditor"])
def test_s47_who_sees_and_who_lifts(client: Browser, role: str) -> None:
    pause = paused()
    desk(client, role)
    assert (client.get(LIST).status_code == 200) == (role != "Auditor")
    assert (client.get(lift_page(pause)).status_code == 200) == (role in LIFTERS)
    answer = client.post(lift_page(pause), {"reason": "because"})
    pause.refresh_from_db()
    assert (answer.status_code == 302, pause.lifted_at is not None) == (role in LIFTERS,) * 2


def test_who_may_only_look_gets_no_button(client: Browser) -> None:
    pause = paused()
    desk(client, "Support")
    assert lift_page(pause) not in client.get(LIST).content.decode()


def test_no_page_shows_a_whole_number(client: Browser) -> None:
    pause = held()
    desk(client, "Security desk")
    for address in (LIST, lift_page(pause)):
        assert "+33698765432" not in client.get(address).content.decode()


def test_s60_operators_are_told_once_of_all_that_is_new(client: Browser) -> None:
    desk(client, "Security desk")
    desk(client, "Integrator", email="integrator@example.com")
    paused()
    held()
    assert paused_routes.tell_new() == 2
    assert paused_routes.tell_new() == 0
    assert Notice.objects.count() == 1


def test_a_flood_of_pauses_is_one_mail_in_a_quarter_of_an_hour(client: Browser) -> None:
    desk(client, "Security desk")
    paused()
    paused_routes.tell_new()
    paused("+3362222")
    assert paused_routes.tell_new() == 0
    RoutePause.objects.update(told_at=timezone.now() - timedelta(minutes=16))
    RoutePause.objects.filter(route="+3362222").update(told_at=None)
    assert paused_routes.tell_new() == 1
    assert Notice.objects.count() == 2


def test_a_spend_cap_is_told_to_who_can_raise_it(client: Browser) -> None:
    desk(client, "Security desk")
    spent()
    assert paused_routes.tell_new() == 1
    assert not Notice.objects.exists()
    RoutePause.objects.update(told_at=None)
    administrator = desk(client, "Administrator", email="admin@example.com")
    paused_routes.tell_new()
    assert Notice.objects.get().user == administrator


def test_what_was_lifted_before_is_not_told(client: Browser) -> None:
    desk(client, "Security desk")
    client.post(lift_page(paused()), {"reason": "at once"})
    paused_routes.tell_new()
    assert not Notice.objects.exists()


def test_the_log_names_the_route_and_the_reason_in_words(client: Browser) -> None:
    pause = paused()
    desk(client, "Administrator")
    client.post(lift_page(pause), {"reason": "A campaign of ours"})
    shown = client.get("/admin/audit/auditevent/").content.decode()
    assert "Pause of a route lifted" in shown
    assert "Route +3361234" in shown
    event = AuditEvent.objects.get(action="route.pause_lifted")
    told = client.get(f"/admin/audit/auditevent/{event.pk}/change/", follow=True).content.decode()
    assert "few of its codes are typed" in told
    assert "A campaign of ours" in told
