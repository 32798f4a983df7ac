"""The account: may it sign in at all, is a factor enabled, finished and on."""

from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from backoffice.audit.models import Outcome
from clients.models import ClientStatus
from twofa import factor_facts, log_actions
from twofa.diagnosis.checks.line import judged
from twofa.diagnosis.facts import Facts
from twofa.diagnosis.findings import Checked, Fact, Finding, Words
from twofa.diagnosis.vocabulary import CauseId, Confidence
from twofa.diagnosis.words import clock, later
from twofa.models.factors import Factor
from twofa.vocabulary import CodeOutcome, FactorKind

_CLOSED = pgettext_lazy("account", "closed")
_NOT_ACTIVE = gettext_lazy("not active")
_BEGIN_AGAIN = {
    FactorKind.AUTHENTICATOR: gettext_lazy(
        "Open Profile, Security and begin again; remove the old entry from your app first."
    ),
    FactorKind.SMS: gettext_lazy(
        "Open Profile, Security, begin again, and type the code that we send to your number."
    ),
}
_TAKEN_AWAY = {
    log_actions.FACTOR_RESET.key: gettext_lazy("An operator disabled the factor."),
    log_actions.FACTOR_DISABLED.key: gettext_lazy("The client disabled the factor."),
}


def account(facts: Facts) -> Checked:
    return judged(
        "account",
        _("Account"),
        [_inactive(facts), _blocked(facts), _password_blocked(facts)],
        well=_("Active; sign-in is open."),
        at=facts.at,
    )


def _inactive(facts: Facts) -> Finding | None:
    status = facts.client.status if facts.client else ClientStatus.ACTIVE
    if status == ClientStatus.BLOCKED or (facts.user.is_active and status == ClientStatus.ACTIVE):
        return None
    is_closed = status == ClientStatus.CLOSED
    fact = _("The account is closed.") if is_closed else _("The account is not active.")
    return Finding(
        CauseId.CLIENT_INACTIVE,
        Confidence.CERTAIN,
        (Fact(fact, facts.at),),
        at=facts.at,
        values={"status": _CLOSED if is_closed else _NOT_ACTIVE},
    )


def _blocked(facts: Facts) -> Finding | None:
    if facts.client is None or facts.client.status != ClientStatus.BLOCKED:
        return None
    since = facts.blocked_since
    return Finding(
        CauseId.CLIENT_BLOCKED,
        Confidence.CERTAIN,
        (Fact(_("Blocked by an operator."), since),),
        at=since or facts.at,
        since=since,
        values={
            "by": gettext_lazy("by an operator"),
            "until": gettext_lazy("until an operator unblocks it"),
        },
    )


def _password_blocked(facts: Facts) -> Finding | None:
    """Of one address: whose right password was taken since is at another, and is not stopped."""
    block = facts.password_block
    if block is None or _got_in_after(facts, block.since):
        return None
    return Finding(
        CauseId.CLIENT_BLOCKED,
        Confidence.CERTAIN,
        (
            Fact(
                _("%(count)d wrong passwords from one address") % {"count": block.failures},
                block.since,
            ),
        ),
        at=block.since,
        since=block.since,
        values={
            "by": gettext_lazy("after wrong passwords from one address"),
            "until": later(_until, block.until),
        },
    )


def _got_in_after(facts: Facts, moment: datetime) -> bool:
    success = facts.state.last_success_at
    return bool(success and success > moment) or any(
        row.action == log_actions.PASSWORD_ACCEPTED.key
        and row.outcome == Outcome.DONE
        and row.at > moment
        for row in facts.events
    )


def _until(moment: datetime) -> str:
    return _("until %(time)s") % {"time": clock(moment)}


def method_enabled(facts: Facts) -> Checked:
    return judged(
        "method_enabled",
        _("2FA option"),
        [_not_enabled(facts), _unfinished(facts), _method_off(facts)],
        well=_enabled_words(facts),
        at=facts.at,
    )


def _enabled_words(facts: Facts) -> str:
    words = ", ".join(str(kind.label) for kind in FactorKind if kind in facts.enabled)
    return _("Enabled: %(factors)s.") % {"factors": words}


def _not_enabled(facts: Facts) -> Finding | None:
    begun = any(not row.confirmed for row in (*facts.authenticators, *facts.numbers))
    if facts.enabled or begun:
        return None
    taken = next(
        (row for row in facts.events if row.action in _TAKEN_AWAY and row.outcome == Outcome.DONE),
        None,
    )
    proof = (
        Fact(_TAKEN_AWAY[taken.action], taken.at)
        if taken
        else Fact(_("No factor is enabled or begun."), facts.at)
    )
    return Finding(
        CauseId.NOT_ENABLED,
        Confidence.CERTAIN,
        (proof,),
        at=taken.at if taken else facts.at,
        since=taken.at if taken else None,
        values={"policy": later(_policy, required=factor_facts.is_required(facts.user))},
    )


def _policy(*, required: bool) -> str:
    if required:
        return _("Our settings require one: it is asked for after the password.")
    return _("Our settings do not require one.")


def _unfinished(facts: Facts) -> Finding | None:
    """A factor begun and left. One that replaces another is no trouble: the old one works."""
    rows: list[Factor] = [*facts.authenticators, *facts.numbers]
    begun = next((row for row in rows if not row.confirmed and row.kind not in facts.enabled), None)
    if begun is None or (facts.enabled and begun.created_at < facts.since):
        return None
    wrong = sum(
        row.factor_id == begun.pk and row.outcome == CodeOutcome.INCORRECT for row in facts.tries
    )
    values: dict[str, Words] = {
        "factor": begun.kind.label,
        "begun": later(clock, begun.created_at),
        "wrong": str(wrong),
        "told": _BEGIN_AGAIN[begun.kind],
    }
    return Finding(
        CauseId.ENROLMENT_UNFINISHED,
        Confidence.POSSIBLE if facts.enabled else Confidence.CERTAIN,
        (_begun(begun.kind.label, begun.created_at), *_wrong(wrong)),
        at=begun.created_at,
        since=begun.created_at,
        factor=begun.kind,
        values=values,
    )


def _begun(label: str | Promise, at: datetime) -> Fact:
    return Fact(_("%(factor)s was begun.") % {"factor": label}, at)


def _wrong(count: int) -> tuple[Fact, ...]:
    return (Fact(_("Wrong codes for it: %(count)d") % {"count": count}),) if count else ()


def _method_off(facts: Facts) -> Finding | None:
    if not facts.enabled or facts.enabled & facts.methods:
        return None
    kind = next(iter(sorted(facts.enabled)))
    refused = [row.at for row in facts.tries if row.outcome == CodeOutcome.METHOD_OFF]
    since = min(refused, default=None)
    return Finding(
        CauseId.METHOD_OFF,
        Confidence.CERTAIN,
        (
            Fact(
                _("%(factor)s is switched off in the settings.") % {"factor": kind.label}, facts.at
            ),
        ),
        at=facts.at,
        since=since,
        factor=kind,
        values={"factor": kind.label},
    )
