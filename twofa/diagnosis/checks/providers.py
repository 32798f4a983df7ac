"""The providers of this client's route: enabled, credentials, balance, state, reports.

A provider in trouble beside one that works is a warning on its own page, not why this client gets
no code; so it counts here when no provider of the route works, or the newest message ended by it.
"""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from smsproviders.route_state import ProviderState, Trouble
from smsproviders.vocabulary import Cause
from twofa.diagnosis.checks.line import fine, judged
from twofa.diagnosis.facts import Facts
from twofa.diagnosis.findings import Checked, Fact, Finding, Subject
from twofa.diagnosis.vocabulary import CauseId, Confidence
from twofa.diagnosis.words import clock
from twofa.vocabulary import FactorKind

_OF_CREDENTIALS = frozenset(
    {
        Cause.CREDENTIALS_REJECTED,
        Cause.TEST_CREDENTIALS,
        Cause.ACCOUNT_SUSPENDED,
        Cause.PROVIDER_INCOMPLETE,
        Cause.SENDER_REJECTED,
    }
)


def enabled(facts: Facts) -> Checked:
    title = _("Provider enabled")
    if not facts.uses_sms:
        return fine("provider_enabled", title, _("No codes by SMS."), facts.at)
    names = ", ".join(state.provider.caption for state in facts.route.serving)
    return judged(
        "provider_enabled",
        title,
        [_none(facts)],
        well=_("In this order: %(names)s.") % {"names": names},
        at=facts.at,
    )


def _none(facts: Facts) -> Finding | None:
    if facts.route.serving or not facts.number:
        return None
    country = facts.route.country or _("this destination")
    values = {"country": country, "since": clock(facts.at)}
    off = facts.route.disabled
    if not off:
        words = Fact(_("No provider is set up for it."), facts.at)
        return _route(facts, CauseId.NO_PROVIDER, words, values)
    off_since = off[0].changed_at
    words = Fact(_("%(provider)s is switched off") % {"provider": off[0].caption}, off_since)
    values |= {"provider": off[0].caption, "since": clock(off_since)}
    return _route(facts, CauseId.PROVIDER_DISABLED, words, values, Subject(off[0].pk))


def _route(
    facts: Facts,
    cause: CauseId,
    fact: Fact,
    values: dict[str, str],
    subject: Subject = Subject(),  # noqa: B008 - frozen
) -> Finding:
    return Finding(
        cause,
        Confidence.CERTAIN,
        (fact,),
        at=facts.at,
        since=fact.at,
        factor=FactorKind.SMS,
        values=values,
        subject=subject,
    )


def credentials(facts: Facts) -> Checked:
    return _line(facts, "credentials", _("Credentials"), _OF_CREDENTIALS)


def balance(facts: Facts) -> Checked:
    return _line(facts, "balance", _("Balance"), frozenset({Cause.BALANCE_LOW}))


def state(facts: Facts) -> Checked:
    others = frozenset(Cause) - _OF_CREDENTIALS - {Cause.BALANCE_LOW}
    return _line(facts, "provider_state", _("Provider's state"), others)


def _line(facts: Facts, check: str, title: str, causes: frozenset[Cause]) -> Checked:
    if not facts.uses_sms:
        return fine(check, title, _("No codes by SMS."), facts.at)
    found = [
        _stopped(facts, one, one.stops)
        for one in facts.route.serving
        if one.stops is not None and one.stops.cause in causes and _matters(facts, one)
    ]
    checked = [
        one.provider.credentials_checked_at
        for one in facts.route.serving
        if one.provider.credentials_checked_at
    ]
    return judged(
        check, title, found, well=_well(facts, check), at=max(checked) if checked else None
    )


def _well(facts: Facts, check: str) -> str:
    if check == "balance":
        return ", ".join(_balances(facts)) or _("No provider of this route tells its balance.")
    aside = [one for one in facts.route.serving if one.stops and not _matters(facts, one)]
    if aside:
        return _("Enough for this client; %(provider)s has trouble of its own.") % {
            "provider": aside[0].provider.caption
        }
    return _("Fine at the last check.")


def _balances(facts: Facts) -> Iterator[str]:
    for one in facts.route.serving:
        if one.provider.balance is not None:
            amount = f"{one.provider.balance:.2f} {one.provider.currency}"
            yield f"{one.provider.caption}: {amount}"


def _matters(facts: Facts, one: ProviderState) -> bool:
    if not facts.route.is_open:
        return True
    last = facts.last_message
    if last is None or last.last_attempt is None:
        return False
    return bool(last.message.cause) and last.last_attempt.provider_id == one.provider.pk


def _stopped(facts: Facts, one: ProviderState, trouble: Trouble) -> Finding:
    caption = one.provider.caption
    is_code = trouble.words.isalnum()
    values = {
        "provider": caption,
        "words": trouble.words if not is_code else "",
        "code": f" ({caption} {trouble.words})" if is_code and trouble.words else "",
        "balance": f": {trouble.words}" if trouble.cause == Cause.BALANCE_LOW else "",
        "since": clock(trouble.since),
        "country": facts.route.country,
        "sender": one.provider.sender_for(facts.route.country) or _("our sender"),
        "where": _("at the provider"),
        "number": "",
    }
    return Finding(
        CauseId(trouble.cause),
        Confidence.CERTAIN,
        (Fact(f"{caption}: {trouble.words}".rstrip(": "), trouble.since),),
        at=trouble.seen_at or facts.at,
        since=trouble.since,
        factor=FactorKind.SMS,
        values=values,
        subject=Subject(one.provider.pk),
    )


def receipts(facts: Facts) -> Checked:
    """Blindness matters where the newest message is without a receipt."""
    title = _("Delivery reports")
    if not facts.uses_sms:
        return fine("receipts", title, _("No codes by SMS."), facts.at)
    last = facts.last_message
    attempt = last.last_attempt if last else None
    found = None
    state = facts.route.state_of(attempt.provider_id) if attempt else None
    if state and state.blind and last and last.message.delivered_at is None:
        found = _blind(facts, state)
    return judged(
        "receipts", title, [found], well=_("Nothing speaks against what they say."), at=facts.at
    )


def _blind(facts: Facts, state: ProviderState) -> Finding:
    how = _("are refused") if state.blind == "refused" else _("do not come")
    return Finding(
        CauseId.RECEIPTS_BROKEN,
        Confidence.CERTAIN,
        (Fact(_("Delivery reports %(how)s") % {"how": how}, state.blind_since),),
        at=facts.at,
        since=state.blind_since,
        factor=FactorKind.SMS,
        values={"provider": state.provider.caption, "how": how},
        subject=Subject(state.provider.pk),
    )
