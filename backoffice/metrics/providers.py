"""SMS providers: whether they can be used, and what they did. The first MOST by priority."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from prometheus_client.core import Metric

from backoffice.metrics.families import Values, Window, ages, gauges
from smsproviders import breakers
from smsproviders.figures import Figures, Span, figures_of
from smsproviders.latencies import Latency
from smsproviders.models import EVERY_COUNTRY, ProviderCondition, SmsProvider
from smsproviders.vocabulary import CheckResult, ConditionKind

# A label with a value for each: a company has two to five.
MOST = 50
LABELS = ["provider", "window"]


@dataclass(frozen=True, slots=True)
class _Known:
    """Of the enabled providers. `open_breakers` by provider, those for every country apart."""

    providers: Sequence[SmsProvider]
    figures: Mapping[UUID, Figures]
    troubles: frozenset[tuple[UUID, str]]
    open_breakers: Counter[UUID]
    left_alone: frozenset[UUID]

    def spans(self) -> Iterator[tuple[str, Window, Span]]:
        for provider in self.providers:
            figures = self.figures[provider.pk]
            yield provider.name, Window.HOUR, figures.hour
            yield provider.name, Window.DAY, figures.day


def providers() -> Iterator[Metric]:
    """Four queries, however many there are."""
    every = list(SmsProvider.objects.order_by("priority", "caption", "pk")[:MOST])
    yield gauges(
        "provider_enabled",
        "1: messages go by it.",
        ["provider", "backend"],
        [((one.name, one.backend), one.enabled) for one in every],
    )
    known = _known([one for one in every if one.enabled])
    yield from _standing(known)
    yield from _money(known.providers)
    yield from _work(known)


def _known(enabled: Sequence[SmsProvider]) -> _Known:
    opened = breakers.open_breakers()
    wrong = ProviderCondition.objects.filter(provider__in=enabled).exclude(state="")
    return _Known(
        providers=enabled,
        figures=figures_of(one.pk for one in enabled),
        troubles=frozenset(wrong.values_list("provider_id", "kind")),
        open_breakers=Counter(one.provider_id for one in opened),
        left_alone=frozenset(one.provider_id for one in opened if one.country == EVERY_COUNTRY),
    )


def _standing(known: _Known) -> Iterator[Metric]:
    yield gauges(
        "provider_up",
        "1: its credentials were taken at the last check, and no breaker closes all countries.",
        ["provider"],
        [
            ((one.name,), _is_up(one, known))
            for one in known.providers
            if one.credentials_result != CheckResult.UNKNOWN or one.pk in known.left_alone
        ],
    )
    yield gauges(
        "provider_trouble",
        "1: what operators are told of: access, balance, breaker, reports.",
        ["provider", "kind"],
        [
            ((one.name, kind.value), (one.pk, kind.value) in known.troubles)
            for one in known.providers
            for kind in ConditionKind
        ],
    )
    yield gauges(
        "provider_breakers_open",
        "Countries, or all of them as one, towards which it is left alone for now.",
        ["provider"],
        [((one.name,), known.open_breakers[one.pk]) for one in known.providers],
    )
    yield gauges(
        "provider_checked_age_seconds",
        "Since its credentials were last checked.",
        ["provider"],
        ages((one.name, one.credentials_checked_at) for one in known.providers),
    )


def _is_up(provider: SmsProvider, known: _Known) -> bool:
    return provider.credentials_result == CheckResult.OK and provider.pk not in known.left_alone


def _money(enabled: Sequence[SmsProvider]) -> Iterator[Metric]:
    yield gauges(
        "provider_balance",
        "Balance of the account in its currency, as last checked.",
        ["provider", "currency"],
        [
            ((one.name, one.currency), float(one.balance))
            for one in enabled
            if one.balance is not None
        ],
    )
    yield gauges(
        "provider_balance_threshold",
        "The balance below which operators are told.",
        ["provider", "currency"],
        [
            ((one.name, one.currency), float(one.low_balance))
            for one in enabled
            if one.low_balance is not None
        ],
    )


def _work(known: _Known) -> Iterator[Metric]:
    yield gauges(
        "providers_counted_age_seconds",
        "Since beat last counted calls: older than a few minutes, calls, codes and times are old.",
        ["provider"],
        ages((one.name, _counted_at(known, one)) for one in known.providers),
    )
    spans = list(known.spans())
    yield gauges(
        "provider_calls",
        "Calls that ended. ok: the provider took it, and no report says that it was lost.",
        [*LABELS, "outcome"],
        [
            ((name, window, outcome), number)
            for name, window, span in spans
            for outcome, number in (("ok", span.success.part), ("failed", span.failures))
        ],
    )
    yield gauges(
        "provider_codes",
        "Codes it took that were typed, or died untyped.",
        [*LABELS, "outcome"],
        [
            ((name, window, outcome), number)
            for name, window, span in spans
            for outcome, number in (
                ("typed", span.conversion.part),
                ("untyped", span.conversion.whole - span.conversion.part),
            )
        ],
    )
    yield gauges(
        "provider_answer_seconds",
        "How long calls took that it answered.",
        [*LABELS, "quantile"],
        _quantiles([(name, window, span.answer) for name, window, span in spans]),
    )
    yield gauges(
        "provider_arrival_seconds",
        "From the call to our knowing that the phone has the message.",
        [*LABELS, "quantile"],
        _quantiles([(name, window, span.arrival) for name, window, span in spans]),
    )


def _counted_at(known: _Known, provider: SmsProvider) -> datetime | None:
    return known.figures[provider.pk].counted_at


def _quantiles(latencies: Sequence[tuple[str, Window, Latency | None]]) -> Values:
    for name, window, latency in latencies:
        if latency is not None:
            yield (name, window, "0.5"), latency.median / 1000
            yield (name, window, "0.95"), latency.p95 / 1000
