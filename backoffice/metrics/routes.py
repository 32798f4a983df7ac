"""What goes on for many at once: incidents, paused routes, the money of the hour."""

from collections import Counter
from collections.abc import Iterator

from django.db.models import Max, Sum
from django.utils import timezone
from prometheus_client.core import Metric

from backoffice.metrics.families import ages, gauges
from smsproviders import incidents, pauses
from smsproviders.models import EVERYWHERE, PauseReason, SpendMinute
from smsproviders.models.incident import IncidentKind
from smsproviders.policy_keys import SPEND_CAP_HOUR, SPEND_CURRENCY
from smsproviders.spending import first_minute

# More than that at once means the same.
COUNTED = 1_000


def routes() -> Iterator[Metric]:
    """Three small queries, and those of the settings."""
    opened = Counter(incidents.open_now().values_list("kind", flat=True)[:COUNTED])
    yield gauges(
        "incidents_open",
        "Incidents that go on, by kind.",
        ["kind"],
        [((kind.value,), opened[kind.value]) for kind in IncidentKind],
    )
    paused = Counter(pauses.in_force(timezone.now()).values_list("reason", flat=True)[:COUNTED])
    yield gauges(
        "routes_paused",
        "Routes that get no codes for now, by reason.",
        ["reason"],
        [((reason.value,), paused[reason.value]) for reason in PauseReason],
    )
    yield from _spend()


def _spend() -> Iterator[Metric]:
    minutes = SpendMinute.objects.filter(
        country=EVERYWHERE, minute__gte=first_minute(timezone.now())
    )
    found = minutes.aggregate(spent=Sum("amount"), counted_to=Max("counted_to"))
    currency = (SPEND_CURRENCY(),)
    yield gauges(
        "spend_hour",
        "What messages of the last hour cost in all countries, by told and assumed prices.",
        ["currency"],
        [(currency, float(found["spent"] or 0))],
    )
    yield gauges(
        "spend_hour_cap",
        "The cap of it: see System > Settings.",
        ["currency"],
        [(currency, float(SPEND_CAP_HOUR()))],
    )
    yield gauges(
        "spend_counted_age_seconds",
        "Since the money was last added up by beat.",
        [],
        [((), seconds) for _of, seconds in ages([("", found["counted_to"])])],
    )
