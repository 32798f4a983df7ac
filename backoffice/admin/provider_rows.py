"""What list and page of SMS providers show beside the settings: standing, figures, countries.

A list costs the same few queries however many providers it has, and whatever they sent.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from backoffice.admin.provider_chart import Chart, chart_of
from backoffice.admin.provider_standing import Standing, country_words, reason_of, standing
from backoffice.admin.provider_view import backend_words
from smsproviders.breakers import open_breakers
from smsproviders.figures import CountryFigures, Figures, by_country, figures_of
from smsproviders.models import Breaker, ProviderCondition, SmsProvider


@dataclass(frozen=True, slots=True)
class Row:
    provider: SmsProvider
    backend: str
    standing: Standing
    figures: Figures
    chart: Chart


@dataclass(frozen=True, slots=True)
class CountryRow:
    """A country that messages went to in the last day, or that is left alone now, or both."""

    words: str
    key: str
    figures: CountryFigures | None
    breaker: Breaker | None
    reason: str


def rows_of(providers: Sequence[SmsProvider]) -> list[Row]:
    keys = [provider.pk for provider in providers]
    breakers = _by_provider(open_breakers())
    kept = _by_provider(ProviderCondition.objects.filter(provider__in=keys))
    figures = figures_of(keys)
    return [
        Row(
            provider,
            backend_words(provider.backend),
            standing(provider, open_breakers=breakers[provider.pk], kept=kept[provider.pk]),
            figures[provider.pk],
            chart_of(figures[provider.pk]),
        )
        for provider in providers
    ]


def facts_of(provider: SmsProvider) -> dict[str, Any]:
    """For the page of one provider."""
    opened = open_breakers(provider)
    figures = figures_of([provider.pk])[provider.pk]
    return {
        "standing": standing(provider, open_breakers=opened, kept=provider.conditions.all()),
        "figures": figures,
        "chart": chart_of(figures),
        "countries": list(_countries(provider, opened)),
    }


def _countries(provider: SmsProvider, opened: Iterable[Breaker]) -> Iterable[CountryRow]:
    """What is left alone first, then the busiest."""
    figures = {one.country: one for one in by_country(provider)}
    for breaker in opened:
        yield CountryRow(
            words=country_words(breaker.country),
            key=breaker.country or NO_COUNTRY_KEY,
            figures=figures.pop(breaker.country, None),
            breaker=breaker,
            reason=reason_of(provider, breaker),
        )
    for country, one in figures.items():
        yield CountryRow(country_words(country), country or NO_COUNTRY_KEY, one, None, "")


# In addresses.
NO_COUNTRY_KEY = "none"


def _by_provider(rows: Iterable[Any]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.provider_id].append(row)
    return found
