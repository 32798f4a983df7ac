"""Paused routes in a real browser: contrast, names, content policy, small screens."""

from datetime import timedelta
from decimal import Decimal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from smsproviders import pause_review, pauses
from smsproviders.models import EVERYWHERE, RoutePause
from smsproviders.spending import SpendCap
from smsproviders.vocabulary import MessageState
from tests.backoffice.test_route_pauses import LIST, lift_page
from tests.backoffice.windows import Open
from tests.smsproviders.sent_codes import a_code, codes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture
def every_kind(db: None) -> RoutePause:
    """One of each kind, one that is over, and the country, which is given."""
    for prefix in ("+3361111", "+3362222", "+3363333"):
        codes(30, prefix, typed=3)
    codes(40, "+49176123", typed=31, country="DE")
    pause_review.review()
    message = a_code("+447700900123", country="GB", state=MessageState.FAILED)
    attempt = message.attempts.create(
        number=1, provider_caption="Reserve with a long name", error_code="30450"
    )
    pauses.hold(message, attempt)
    at = timezone.now()
    cap = SpendCap(EVERYWHERE, Decimal("999.95"), Decimal(1000), at + timedelta(minutes=10))
    pauses.note_closed(cap, at=at)
    RoutePause.objects.filter(route="+3361111").update(lifted_at=at)
    return RoutePause.objects.get(scope="country")


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1280, "light")])
def test_axe_finds_nothing_and_nothing_sticks_out(
    open_as: Open,
    console_errors: list[str],
    every_kind: RoutePause,
    width: int,
    scheme: str,
) -> None:
    page = open_as(viewport={"width": width, "height": 900}, color_scheme=scheme)
    for path in (LIST, lift_page(every_kind)):
        page.goto(path)
        found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
        assert found == [], f"{path}: {[one['id'] for one in found]}"
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) <= 0, path
    assert console_errors == []
