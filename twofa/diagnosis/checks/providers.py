"""The providers of this client's route: enabled, credentials, balance, state, reports.

A provider in trouble beside one that works is a warning on its own page, not why this client gets
no code; so it counts here when no provider of the route works, or the newest message ended by it.
"""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from smsproviders.route_state import ProviderState, Trouble
from smsproviders.vocabulary import Cause, MessageState
from twofa.diagnosis.checks.line import fine, judged, unknown
from twofa.diagnosis.checks.message_words import AT_PROVIDER, OUR_SENDER, balance_of
from twofa.diagnosis.facts import Facts
from twofa.diagnosis.findings import Checked, Fact, Finding, Subject, Words
from twofa.diagnosis.vocabulary import CauseId, Confidence
from twofa.diagnosis.words import clock, later, raw_code
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
_TAKEN = frozenset({MessageState.ACCEPTED, MessageState.SENT, MessageState.DELIVERED})
_HOW = {
    "refused": gettext_lazy("are refused, since they are not proved to be theirs"),
    "missing": gettext_lazy("do not come"),
}
_HERE = gettext_lazy("this destination")


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
    values: dict[str, Words] = {"country": facts.route.country or _HERE}
    off = next(iter(facts.route.disabled), None)
    if off is None:
        fact = Fact(_("No provider is set up for it."), facts.at)
        values["since"] = later(clock, facts.at)
        return Finding(
            CauseId.NO_PROVIDER,
            Confidence.CERTAIN,
            (fact,),
            at=facts.at,
            factor=FactorKind.SMS,
            values=values,
        )
    caption = off.provider.caption
    return Finding(
        CauseId.PROVIDER_DISABLED,
        Confidence.CERTAIN,
        (Fact(_("%(provider)s was switched off") % {"provider": caption}, off.since),),
        at=facts.at,
        since=off.since,
        factor=FactorKind.SMS,
        values={**values, "provider": caption, "since": later(clock, off.since)},
        subject=Subject(off.provider.pk),
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
        if one.stops is not None and one.stops.cause in causes and _matters(facts, one, one.stops)
    ]
    checked = [
        one.provider.credentials_checked_at
        for one in facts.route.serving
        if one.provider.credentials_checked_at
    ]
    at = max(checked, default=None)
    if check == "credentials" and facts.route.serving and at is None and not found:
        return unknown(check, title, _("Not checked yet: check the provider now."))
    return judged(check, title, found, well=_well(facts, check), at=at)


def _well(facts: Facts, check: str) -> str:
    if check == "balance":
        return ", ".join(_balances(facts)) or _("No provider of this route tells its balance.")
    aside = [one for one in facts.route.serving if one.stops]
    if aside and facts.route.is_open:
        return _("Enough for this client; %(provider)s has trouble of its own.") % {
            "provider": aside[0].provider.caption
        }
    return _("No sign of trouble of this kind.")


def _balances(facts: Facts) -> Iterator[str]:
    for one in facts.route.serving:
        if one.provider.balance is not None:
            amount = f"{one.provider.balance:.2f} {one.provider.currency}"
            yield f"{one.provider.caption}: {amount}"


def _matters(facts: Facts, one: ProviderState, trouble: Trouble) -> bool:
    """Not where a code came by it since: then it does not stop this client."""
    last = facts.last_message
    attempt = last.last_attempt if last else None
    used = facts.sms.last_used_at if facts.sms else None
    if trouble.since and used and used > trouble.since:
        return False
    if last is None or attempt is None:
        return not facts.route.is_open
    if last.message.state in _TAKEN:
        return not facts.route.is_open and not _took_since(trouble, last.message.accepted_at)
    ended_by_it = bool(last.message.cause) and attempt.provider_id == one.provider.pk
    return ended_by_it or not facts.route.is_open


def _took_since(trouble: Trouble, accepted_at: datetime | None) -> bool:
    return bool(trouble.since and accepted_at and accepted_at > trouble.since)


def _stopped(facts: Facts, one: ProviderState, trouble: Trouble) -> Finding:
    caption = one.provider.caption
    code = raw_code(caption, trouble.code)
    bare = f" ({trouble.code})" if trouble.code else ""
    return Finding(
        CauseId(trouble.cause),
        Confidence.CERTAIN,
        (Fact(f"{caption}: {trouble.words}{bare}", trouble.since),),
        at=trouble.seen_at or facts.at,
        since=trouble.since,
        factor=FactorKind.SMS,
        values={
            "provider": caption,
            "words": trouble.words,
            "code": code,
            "balance": later(balance_of, one.provider),
            "since": later(clock, trouble.since),
            "country": facts.route.country or _HERE,
            "sender": one.provider.sender_for(facts.route.country) or OUR_SENDER,
            "where": AT_PROVIDER,
            "number": "",
        },
        subject=Subject(one.provider.pk),
    )


def receipts(facts: Facts) -> Checked:
    """Blindness matters where the newest message was taken, and nobody knows what became of it."""
    title = _("Delivery reports")
    if not facts.uses_sms:
        return fine("receipts", title, _("No codes by SMS."), facts.at)
    last = facts.last_message
    attempt = last.last_attempt if last else None
    state = facts.route.state_of(attempt.provider_id) if attempt else None
    is_open = last is not None and last.message.state in _TAKEN - {MessageState.DELIVERED}
    was_typed = last is not None and any(
        row.at > last.message.created_at for row in facts.fresh_tries(FactorKind.SMS)
    )
    found = _blind(facts, state) if state and state.blind and is_open and not was_typed else None
    return judged(
        "receipts", title, [found], well=_("Nothing speaks against what they say."), at=facts.at
    )


def _blind(facts: Facts, state: ProviderState) -> Finding:
    how = _HOW[state.blind]
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
