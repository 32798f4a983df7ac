"""Paused routes in a real browser: contrast, names, content policy, small screens."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from smsproviders import pause_review, pauses
from smsproviders.models import EVERYWHERE, RoutePause
from smsproviders.spending import SpendCap
from smsproviders.vocabulary import MessageState
from tests.backoffice.test_route_pauses import LIST, lift_page
from tests.backoffice.windows import Open
from tests.services.looks import look_everywhere
from tests.smsproviders.sent_codes import a_code, codes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


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


def test_axe_finds_nothing_and_nothing_sticks_out(
    open_as: Open, console_errors: list[str], every_kind: RoutePause
) -> None:
    page = open_as()
    for path in (LIST, lift_page(every_kind)):
        page.goto(path)
        look_everywhere(page)
    assert console_errors == []
