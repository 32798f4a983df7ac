"""What operators are told of a provider's condition: what is wrong, and what to do."""

from dataclasses import dataclass, replace

from django.conf import settings
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from smsproviders import breakers, conditions, report_evidence
from smsproviders.accounts import words_for
from smsproviders.models import EVERY_COUNTRY, ProviderCondition, SmsProvider
from smsproviders.vocabulary import Cause, ConditionKind

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Told:
    title: Words
    what: Words
    to_do: Words = ""


REPAIR = _("Enter the right ones in Provider settings, then press Check now.")
NOTHING_TO_DO = _("There is nothing to do.")
ACCESS = {
    Cause.CREDENTIALS_REJECTED: Told(
        _("credentials are rejected"),
        _("The provider refuses the credentials: they are wrong, or were revoked."),
        REPAIR,
    ),
    Cause.TEST_CREDENTIALS: Told(
        _("test or trial account"),
        _("These are test credentials, or those of a trial account: clients' phones get nothing."),
        _("Enter those of a full account in Provider settings, then press Check now."),
    ),
    Cause.ACCOUNT_SUSPENDED: Told(
        _("account is suspended"),
        _("The provider has suspended or closed the account, so it sends nothing."),
        _("Contact the provider: often a bill is unpaid. Then press Check now."),
    ),
    Cause.BALANCE_LOW: Told(
        _("nothing is left on the account"),
        _("The provider refuses because there is no credit."),
        _("Top up the account, then press Check now."),
    ),
    Cause.PROVIDER_INCOMPLETE: Told(
        _("settings are incomplete"),
        _("A required setting is empty or wrong, so the provider cannot be asked to send."),
        _("Complete Provider settings, then press Check now."),
    ),
}
REFUSED = Told(
    _("the check is refused"),
    _("The provider refused the last check of credentials and account."),
    _("Provider settings shows its answer. Mend that, then press Check now."),
)
AGAIN = {
    ConditionKind.ACCESS: Told(
        _("credentials are accepted again"),
        _("The provider accepts the credentials, and the account is active."),
        NOTHING_TO_DO,
    ),
    ConditionKind.BALANCE: Told(
        _("balance is enough again"), _("The balance is above the threshold."), NOTHING_TO_DO
    ),
    ConditionKind.BREAKER: Told(
        _("messages pass again"),
        _("Every country is served by this provider again."),
        NOTHING_TO_DO,
    ),
    ConditionKind.REPORTS: Told(
        _("delivery reports arrive again"),
        _("A report that is proved to be from this provider came in."),
        NOTHING_TO_DO,
    ),
}


def told_of(condition: ProviderCondition) -> Told:
    kind, state = ConditionKind(condition.kind), condition.state
    if state == conditions.WELL:
        return AGAIN[kind]
    told = _told(condition.provider, kind, state)
    stops = kind in {ConditionKind.ACCESS, ConditionKind.BREAKER} or state == conditions.GONE
    if not stops:
        return told
    meanwhile = _meanwhile(condition.provider)
    return replace(told, what=format_lazy("{} {}", told.what, meanwhile))


def _told(provider: SmsProvider, kind: ConditionKind, state: str) -> Told:
    match kind:
        case ConditionKind.ACCESS:
            return ACCESS.get(state, REFUSED)  # type: ignore[call-overload,no-any-return]
        case ConditionKind.BALANCE:
            return _balance(provider, state)
        case ConditionKind.BREAKER:
            return _breaker(provider, state)
        case ConditionKind.REPORTS:
            return _reports(provider, state)


def _meanwhile(provider: SmsProvider) -> Words:
    """What clients notice of it."""
    if SmsProvider.objects.filter(enabled=True).exclude(pk=provider.pk).exists():
        return _("Meanwhile messages take the other enabled providers that serve their country.")
    return _("No other provider is enabled: meanwhile clients get no codes by SMS.")


def countries_in_words(state: str) -> Words:
    """Of the breaker's state: which countries these are."""
    countries = state.split(",")
    if EVERY_COUNTRY in countries:
        return _("all countries")
    words = [_("numbers of no country") if c == conditions.NO_COUNTRY else c for c in countries]
    return format_lazy(", ".join(["{}"] * len(words)), *words)


def _balance(provider: SmsProvider, state: str) -> Told:
    left = f"{provider.balance:.2f} {provider.currency}".strip()
    if state == conditions.GONE:
        what = format_lazy(_("Nothing is left on the account: {left}."), left=left)
        return Told(_("nothing is left on the account"), what, _("Top up the account, now."))
    what = format_lazy(
        _("{left} left, less than the threshold of {threshold}. Messages still pass."),
        left=left,
        threshold=f"{provider.low_balance:.2f}",
    )
    return Told(_("balance is low"), what, _("Top up the account before messages fail."))


def _breaker(provider: SmsProvider, state: str) -> Told:
    countries = countries_in_words(state)
    return Told(
        format_lazy(_("messages fail: {countries}"), countries=countries),
        format_lazy(
            "{} {}",
            format_lazy(
                _("So many calls failed that this provider is left alone for now: {countries}."),
                countries=countries,
            ),
            _reason(provider),
        ),
        _(
            "It is tried again by itself, with one message at a time. Once the reason is mended, "
            "Reset on its page sends at once."
        ),
    )


def _reason(provider: SmsProvider) -> Words:
    """The provider's answer to the last call that failed, as its error table says it."""
    opened = breakers.open_breakers(provider)
    code = opened[-1].error_code if opened else ""
    words = words_for(provider, code)
    return format_lazy(_("Its last answer: {words}"), words=words) if words else ""


def _reports(provider: SmsProvider, state: str) -> Told:
    address = f"{settings.PUBLIC_URL}/sms/reports/{provider.name}/"
    if state == report_evidence.REFUSED:
        return Told(
            _("delivery reports are refused"),
            _(
                "Reports come in that are not signed as this provider's are, and messages it took "
                "are not reported on. What became of them is seen late or not at all."
            ),
            format_lazy(
                _(
                    "Paste the secret that the provider signs with into Provider settings, and "
                    "this address at the provider: {address}"
                ),
                address=address,
            ),
        )
    return Told(
        _("delivery reports do not come"),
        _(
            "When asked, the provider says that messages were delivered, but it sent no report. "
            "Their states are seen late."
        ),
        format_lazy(
            _("Make sure that the provider can reach this address, and calls it: {address}"),
            address=address,
        ),
    )
