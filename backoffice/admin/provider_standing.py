"""What is wrong with a provider, in words for its list and page; the worst first."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.admin.display import Tone, chip
from smsproviders import conditions, report_evidence
from smsproviders.accounts import words_for
from smsproviders.models import EVERY_COUNTRY, Breaker, ProviderCondition, SmsProvider
from smsproviders.vocabulary import Cause, CheckResult, ConditionKind

Words = str | Promise
# Three regular checks that did not come.
OLD = timedelta(minutes=20)
NAMED = 3
ACCESS = {
    Cause.CREDENTIALS_REJECTED: gettext_lazy("Credentials rejected"),
    Cause.TEST_CREDENTIALS: gettext_lazy("Test account"),
    Cause.ACCOUNT_SUSPENDED: gettext_lazy("Account suspended"),
    Cause.BALANCE_LOW: gettext_lazy("No credit"),
    Cause.PROVIDER_INCOMPLETE: gettext_lazy("Settings incomplete"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """`words` are for a chip, `detail` is a sentence or two; `since` None: not known."""

    words: Words
    tone: Tone
    detail: Words = ""
    since: datetime | None = None

    @property
    def chip(self) -> SafeString:
        return chip(self.words, self.tone)


WELL = Fault(gettext_lazy("OK"), Tone.OK)


@dataclass(frozen=True, slots=True)
class Standing:
    faults: Sequence[Fault]

    @property
    def worst(self) -> Fault:
        return self.faults[0] if self.faults else WELL

    @property
    def more(self) -> int:
        return max(0, len(self.faults) - 1)


def standing(
    provider: SmsProvider,
    *,
    open_breakers: Sequence[Breaker],
    kept: Iterable[ProviderCondition],
) -> Standing:
    """`kept` are the provider's conditions as they were seen last; they say since when."""
    states = conditions.states_of(provider, open_breakers)
    since = {row.kind: row.since for row in kept if row.state and row.state == states[row.kind]}  # type: ignore[index]
    faults = [*_graves(provider, states, open_breakers, since), *_warnings(provider, states, since)]
    return Standing(faults)


def _graves(
    provider: SmsProvider,
    states: dict[ConditionKind, str | None],
    open_breakers: Sequence[Breaker],
    since: dict[str, datetime],
) -> Iterator[Fault]:
    """What keeps messages from being sent."""
    if provider.credentials_result == CheckResult.PROBLEM:
        words = ACCESS.get(provider.credentials_cause, _("Problem"))  # type: ignore[call-overload]
        began = since.get(ConditionKind.ACCESS)
        yield Fault(words, Tone.BAD, provider.credentials_words, began)
    if states[ConditionKind.BALANCE] == conditions.GONE:
        began = since.get(ConditionKind.BALANCE)
        words = _("Nothing is left on the account: top it up.")
        yield Fault(_("No credit"), Tone.BAD, words, began)
    if open_breakers:
        yield _breaker_fault(provider, open_breakers)


def _warnings(
    provider: SmsProvider, states: dict[ConditionKind, str | None], since: dict[str, datetime]
) -> Iterator[Fault]:
    """What will, or may, or keeps us from knowing."""
    began = since.get(ConditionKind.REPORTS)
    match states[ConditionKind.REPORTS]:
        case report_evidence.REFUSED:
            yield Fault(_("Reports refused"), Tone.WARN, REPORTS_REFUSED, began)
        case report_evidence.MISSING:
            yield Fault(_("Reports missing"), Tone.WARN, REPORTS_MISSING, began)
    if provider.sender_result == CheckResult.PROBLEM:
        yield Fault(_("Sender rejected"), Tone.WARN, provider.sender_words)
    if states[ConditionKind.BALANCE] == conditions.LOW:
        began = since.get(ConditionKind.BALANCE)
        yield Fault(_("Balance low"), Tone.WARN, _("Less than your threshold: top it up."), began)
    yield from _doubts(provider)


REPORTS_REFUSED = gettext_lazy(
    "Delivery reports are refused: their signature is not this provider's. Paste the secret it "
    "signs with into these settings, and the address for delivery reports at the provider."
)
REPORTS_MISSING = gettext_lazy(
    "Delivery reports do not come: when asked, the provider knew the end of messages it did not "
    "report on. Make sure that it can reach the address for delivery reports."
)


def _doubts(provider: SmsProvider) -> Iterator[Fault]:
    checked_at = provider.credentials_checked_at
    if checked_at is None:
        yield Fault(_("Not checked"), Tone.WARN)
    elif provider.credentials_result == CheckResult.UNKNOWN:
        yield Fault(_("Not reached"), Tone.WARN, provider.credentials_words)
    elif provider.enabled and timezone.now() - checked_at > OLD:
        words = _("Enabled providers are checked every few minutes: does Celery's beat run?")
        yield Fault(_("Check is old"), Tone.WARN, words)


def _breaker_fault(provider: SmsProvider, open_breakers: Sequence[Breaker]) -> Fault:
    countries = [one.country for one in open_breakers]
    last = max(open_breakers, key=lambda one: one.opened_at or timezone.now())
    detail = " ".join(filter(None, [_("Too many calls failed."), reason_of(provider, last)]))
    return Fault(
        _("Failing: %s") % in_words(countries),
        Tone.BAD,
        detail,
        min((one.opened_at for one in open_breakers if one.opened_at), default=None),
    )


def in_words(countries: Sequence[str]) -> str:
    if EVERY_COUNTRY in countries:
        return _("all countries")
    named = sorted(country_words(country) for country in countries)
    more = len(named) - NAMED
    return ", ".join(named[:NAMED]) + (f" +{more}" if more > 0 else "")


def country_words(country: str) -> str:
    if country == EVERY_COUNTRY:
        return _("All countries")
    return country or _("No country")


def reason_of(provider: SmsProvider, breaker: Breaker) -> str:
    """The provider's last answer, as its error table says it; the code itself where that is mum."""
    words = str(words_for(provider, breaker.error_code))
    return words or (_("Error %s.") % breaker.error_code if breaker.error_code else "")
