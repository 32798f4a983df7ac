"""How many of the codes that went out were typed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from smsproviders import outbox, route_figures
from smsproviders.models import SmsMessage
from smsproviders.prefixes import prefix_of
from smsproviders.route_figures import Conversion
from tests.smsproviders.sent_codes import a_code, codes

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.mark.parametrize("number", ["+33612345678", "+4420", "+44", ""])
def test_the_database_cuts_the_prefix_as_the_code_does(number: str) -> None:
    message = a_code(number)
    assert SmsMessage.objects.get(pk=message.pk).prefix == prefix_of(number)
    expires_at = timezone.now() + DAY
    queued = outbox.queue(number=number, body="text", purpose="test", expires_at=expires_at)
    assert queued.prefix == prefix_of(number)


def test_by_country_and_by_prefix() -> None:
    since = timezone.now() - DAY
    codes(4, "+3361234", typed=1)
    codes(2, "+3365678", typed=2)
    codes(3, "+44770090", country="GB")
    assert route_figures.by_country(since=since) == {"FR": Conversion(3, 6), "GB": Conversion(0, 3)}
    assert route_figures.by_prefix("FR", since=since) == {
        "+3361234": Conversion(1, 4),
        "+3365678": Conversion(2, 2),
    }
    assert route_figures.of_country("DE", since=since) == Conversion(0, 0)


def test_a_percentage_is_rounded_down() -> None:
    assert [Conversion(2, 3).percent, Conversion(3, 3).percent] == [66, 100]
    assert Conversion(0, 0).percent is None
    assert Conversion(199, 1000).is_under(20)
    assert not Conversion(200, 1000).is_under(20)
