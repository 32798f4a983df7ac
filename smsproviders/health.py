"""Checking providers: what their accounts say, kept as history and as the health last seen."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone, translation
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from backoffice.audit import log
from smsproviders import conditions, judging
from smsproviders.accounts import ProviderUnusable, backend_for
from smsproviders.breakers import open_breakers
from smsproviders.contract import Check
from smsproviders.log_actions import PROVIDER_CHECKED, subject_of
from smsproviders.models import Breaker, ProviderCheck, SmsProvider
from smsproviders.vocabulary import Cause, CheckKind, CheckResult

HISTORY = timedelta(days=30)
WORDS_LENGTH = 300
# The worst of them is the provider's health as the list shows it.
OF_THE_ACCOUNT = (CheckKind.CREDENTIALS, CheckKind.ACCOUNT)

logger = logging.getLogger(__name__)


def check(provider: SmsProvider, *, actor: log.Actor = log.SYSTEM) -> list[Check]:
    """Ask the provider now, which takes seconds, and keep what it says in `provider`.

    Call it outside of a transaction. An operator's check is logged; the regular ones only where
    the health changed.
    """
    asked_with = provider.encrypted_credentials
    found = [_with_threshold(provider, one) for one in _ask(provider)]
    with transaction.atomic():
        row = SmsProvider.objects.select_for_update(no_key=True).get(pk=provider.pk)
        # Changed meanwhile: this was about other credentials.
        if row.encrypted_credentials == asked_with:
            _keep(row, found)
        if actor != log.SYSTEM:
            facts = {"name": row.name, **{one.kind.value: one.result.value for one in found}}
            log.record(PROVIDER_CHECKED, actor=actor, subject=subject_of(row), facts=facts)
    provider.refresh_from_db()
    return found


def check_all() -> None:
    """Check every enabled provider; one that fails does not keep the others from it."""
    for provider in SmsProvider.objects.filter(enabled=True):
        _check_by_itself(provider)
    ProviderCheck.objects.filter(at__lt=timezone.now() - HISTORY).delete()


def check_doubted() -> None:
    """Check at once where a call failed for a reason that a check can tell, and was not yet asked.

    So wrong credentials are known within seconds, not at the next regular check.
    """
    doubted = {one.provider_id: one.provider for one in open_breakers() if _is_doubt(one)}
    for provider in doubted.values():
        _check_by_itself(provider)


def _is_doubt(breaker: Breaker) -> bool:
    if breaker.cause not in judging.OF_THE_ACCOUNT or not breaker.provider.enabled:
        return False
    asked_at = breaker.provider.credentials_checked_at
    return asked_at is None or breaker.opened_at is None or asked_at < breaker.opened_at


def _check_by_itself(provider: SmsProvider) -> None:
    try:
        check(provider)
    except Exception as error:  # noqa: BLE001 - each provider by itself
        facts = {"provider": provider.name, "error": type(error).__name__}
        logger.error("a provider could not be checked", extra=facts)


def is_failed(one: Check) -> bool:
    """A problem, or a thing not known because the provider could not be asked."""
    return one.result == CheckResult.PROBLEM or one.cause is not None


def latest(provider: SmsProvider) -> list[ProviderCheck]:
    """The newest check of each kind, in the order of the kinds."""
    newest: dict[str, ProviderCheck] = {}
    for row in provider.checks.order_by("-id")[: 10 * len(CheckKind)]:
        newest.setdefault(row.kind, row)
    return [newest[kind] for kind in CheckKind if kind in newest]


def _ask(provider: SmsProvider) -> list[Check]:
    try:
        backend = backend_for(provider)
    except ProviderUnusable as problem:
        verdict = problem.verdict
        return [Check(CheckKind.CREDENTIALS, CheckResult.PROBLEM, verdict.words, verdict.cause)]
    return [ask() for ask in backend.checks()]


def _with_threshold(provider: SmsProvider, found: Check) -> Check:
    """Under the operator's own threshold it is a problem; no cause yet, while messages pass."""
    threshold = provider.low_balance
    if found.result != CheckResult.OK or found.balance is None or threshold is None:
        return found
    if found.balance >= threshold:
        return found
    words = format_lazy(
        _("Only {balance} {currency} left, less than {threshold}."),
        balance=f"{found.balance:.2f}",
        currency=found.currency,
        threshold=threshold,
    )
    return replace(found, result=CheckResult.PROBLEM, words=words)


def _keep(row: SmsProvider, found: Sequence[Check]) -> None:
    now = timezone.now()
    # In the language of the code: whoever reads it later may speak another than who asked.
    with translation.override("en"):
        ProviderCheck.objects.bulk_create(_history(row, one, now) for one in found)
        account = min((one for one in found if one.kind in OF_THE_ACCOUNT), key=_badness)
        row.credentials_words = str(account.words)[:WORDS_LENGTH]
        for one in found:
            # Not reached: what was seen last stays, with its time.
            if one.cause != Cause.PROVIDER_DOWN:
                _keep_one(row, one, now)
    row.credentials_result, row.credentials_checked_at = account.result, now
    row.credentials_cause = account.cause or ""
    row.save(update_fields=KEPT)
    conditions.observe(row)


def _keep_one(row: SmsProvider, one: Check, now: datetime) -> None:
    if one.kind == CheckKind.BALANCE:
        row.balance, row.currency, row.balance_checked_at = one.balance, one.currency, now
    elif one.kind == CheckKind.SENDER:
        row.sender_result, row.sender_words = one.result, str(one.words)[:WORDS_LENGTH]


KEPT = [
    "credentials_result",
    "credentials_words",
    "credentials_cause",
    "credentials_checked_at",
    "balance",
    "currency",
    "balance_checked_at",
    "sender_result",
    "sender_words",
]


def _history(row: SmsProvider, one: Check, at: datetime) -> ProviderCheck:
    return ProviderCheck(
        provider=row,
        at=at,
        kind=one.kind,
        result=one.result,
        words=str(one.words)[:WORDS_LENGTH],
        cause=one.cause or "",
    )


def _badness(one: Check) -> int:
    """A problem first, then what could not be asked, then what is fine, then what has no answer."""
    if one.result == CheckResult.PROBLEM:
        return 0
    if one.cause is not None:
        return 1
    return 2 if one.result == CheckResult.OK else 3
