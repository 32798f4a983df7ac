"""The account: may it sign in at all, was a code asked for, is a factor enabled and on."""

from datetime import datetime

from django.utils.translation import gettext as _

from backoffice.audit.models import Outcome
from clients import people
from clients.models import ClientStatus
from twofa import factor_facts, log_actions
from twofa.diagnosis.checks.line import fine, judged
from twofa.diagnosis.facts import Facts
from twofa.diagnosis.findings import Checked, Fact, Finding, Words
from twofa.diagnosis.vocabulary import CauseId, Confidence
from twofa.diagnosis.words import clock
from twofa.vocabulary import CodeOutcome, FactorKind, Purpose


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
    words = facts.client.get_status_display().lower() if facts.client else _("not active")
    return Finding(
        CauseId.CLIENT_INACTIVE,
        Confidence.CERTAIN,
        (Fact(_("The account is not active."), facts.at),),
        at=facts.at,
        values={"status": words if status != ClientStatus.ACTIVE else _("not active")},
    )


def _blocked(facts: Facts) -> Finding | None:
    if facts.client is None or facts.client.status != ClientStatus.BLOCKED:
        return None
    act = next((row for row in facts.events if row.action == people.BLOCKED.key), None)
    since = act.at if act else None
    return Finding(
        CauseId.CLIENT_BLOCKED,
        Confidence.CERTAIN,
        (Fact(_("Blocked by an operator."), since),),
        at=since or facts.at,
        since=since,
        values={"by": _("by an operator"), "until": _("until an operator unblocks it")},
    )


def _password_blocked(facts: Facts) -> Finding | None:
    block = facts.password_block
    if block is None:
        return None
    return Finding(
        CauseId.CLIENT_BLOCKED,
        Confidence.CERTAIN,
        (Fact(_("%(count)d wrong passwords") % {"count": block.failures}, block.since),),
        at=block.since,
        since=block.since,
        values={"by": _("after wrong passwords"), "until": _until(block.until)},
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
    required = factor_facts.is_required(facts.user)
    policy = _("Policy asks for one.") if required else _("Policy does not ask for one.")
    return Finding(
        CauseId.NOT_ENABLED,
        Confidence.CERTAIN,
        (Fact(_("No factor is enabled or begun."), facts.at),),
        at=facts.at,
        values={"policy": policy},
    )


def _unfinished(facts: Facts) -> Finding | None:
    """A factor begun and left. One that replaces another is no trouble: the old one works."""
    rows = (*facts.authenticators, *facts.numbers)
    begun = next((row for row in rows if not row.confirmed and row.kind not in facts.enabled), None)
    if begun is None or (facts.enabled and begun.created_at < facts.since):
        return None
    wrong = sum(
        row.purpose == Purpose.ENROL and row.outcome == CodeOutcome.INCORRECT for row in facts.tries
    )
    values: dict[str, Words] = {
        "factor": begun.kind.label,
        "begun": clock(begun.created_at),
        "wrong": str(wrong),
    }
    return Finding(
        CauseId.ENROLMENT_UNFINISHED,
        Confidence.CERTAIN if not facts.enabled else Confidence.POSSIBLE,
        (Fact(_("%(factor)s was begun.") % {"factor": begun.kind.label}, begun.created_at),),
        at=begun.created_at,
        since=begun.created_at,
        factor=begun.kind,
        values=values,
    )


def _method_off(facts: Facts) -> Finding | None:
    if not facts.enabled or facts.enabled & facts.methods:
        return None
    kind = next(iter(sorted(facts.enabled)))
    return Finding(
        CauseId.METHOD_OFF,
        Confidence.CERTAIN,
        (Fact(_("%(factor)s is switched off in the settings.") % {"factor": kind.label}),),
        at=facts.at,
        factor=kind,
        values={"factor": kind.label},
    )


def asked(facts: Facts) -> Checked:
    """Whether a code was asked for at all since the last sign-in."""
    title = _("Code asked for")
    newest = next(
        (row.created_at for row in facts.challenges if row.created_at > facts.since), None
    )
    tried = facts.fresh_tries() or facts.fresh_requests()
    if newest or tried:
        at = newest or facts.at
        return fine("asked", title, _("Asked for at %(time)s.") % {"time": clock(at)}, at)
    return judged(
        "asked",
        title,
        [_never_asked(facts)],
        well=_("Nothing was asked for since the last sign-in, and nothing was tried."),
        at=facts.at,
    )


def _never_asked(facts: Facts) -> Finding | None:
    if not facts.enabled or facts.password_block is not None:
        return None
    fresh = [row for row in facts.events if row.at > facts.since]
    refused = [row for row in fresh if row.action == log_actions.PASSWORD_REFUSED.key]
    accepted = [
        row
        for row in fresh
        if row.action == log_actions.PASSWORD_ACCEPTED.key and row.outcome == Outcome.DONE
    ]
    if accepted:
        return _never(
            facts, accepted[0].at, _("the password was right, and the sign-in was left there")
        )
    if refused:
        return _wrong_password(facts, refused[0].at, len(refused))
    if facts.other_account:
        why = _("codes go to this phone for another account, %(account)s")
        return _never(facts, facts.at, why % {"account": facts.other_account}, Confidence.POSSIBLE)
    return None


def _wrong_password(facts: Facts, at: datetime, count: int) -> Finding:
    why = _("the password was wrong (%(count)d times, last at %(time)s)")
    return _never(facts, at, why % {"count": count, "time": clock(at)})


def _never(
    facts: Facts, at: datetime, why: str, confidence: Confidence = Confidence.LIKELY
) -> Finding:
    return Finding(
        CauseId.NEVER_ASKED,
        confidence,
        (Fact(why, at),),
        at=at,
        since=at,
        values={"why": why, "email": facts.user.email},
    )
