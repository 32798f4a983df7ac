"""The diagnosis of one user: gather the facts, go through the checks, order what was found."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from clients.models import User
from twofa.diagnosis import facts as facts_module
from twofa.diagnosis import ranking, timeline
from twofa.diagnosis.checks import (
    account,
    asking,
    authenticator,
    incident,
    locks,
    messages,
    number,
    our_clock,
    policy,
    providers,
    queue,
    template,
    typing,
)
from twofa.diagnosis.checks.line import unknown
from twofa.diagnosis.facts import Facts
from twofa.diagnosis.findings import Checked, Diagnosis, Finding
from twofa.diagnosis.meanwhile import meanwhile, other_way
from twofa.diagnosis.person import Person
from twofa.diagnosis.words import Words

# In the order in which one looks for trouble by hand: the option, the app, the provider, the
# number, the machinery.
CHECKS: tuple[Callable[[Facts], Checked], ...] = (
    account.account,
    account.method_enabled,
    asking.asked,
    locks.lock,
    authenticator.authenticator,
    our_clock.server_clock,
    providers.enabled,
    providers.credentials,
    providers.balance,
    providers.state,
    providers.receipts,
    incident.incident,
    template.template,
    policy.policy,
    number.number,
    messages.messages,
    typing.typed,
    queue.queue,
)


# What they judge by kept no history.
OF_NOW = frozenset(
    {
        our_clock.server_clock,
        providers.enabled,
        providers.credentials,
        providers.balance,
        providers.state,
        providers.receipts,
        template.template,
        queue.queue,
    }
)


def diagnose(who: User | Person, *, at: datetime | None = None) -> Diagnosis:
    """Why this user's codes do not work, as far as our own records tell; or did not, at a moment.

    Reads only, in a bounded number of queries; asks no provider.
    """
    return judge(facts_module.gather(who, at=at))


def judge(facts: Facts) -> Diagnosis:
    """The diagnosis that these facts give; pure."""
    checks = tuple(_checked(check, facts) for check in CHECKS)
    found = (_worded(finding, facts) for one in checks for finding in one.findings)
    return Diagnosis(
        user=facts.user,
        at=facts.at,
        findings=ranking.ranked(found, facts),
        checks=checks,
        timeline=timeline.of(facts),
        is_past=facts.is_past,
        wrong_codes=0 if facts.is_past else facts.state.failures,
    )


def _checked(check: Callable[[Facts], Checked], facts: Facts) -> Checked:
    checked = check(facts)
    if not facts.is_past or check not in OF_NOW:
        return checked
    return unknown(checked.check, checked.title, _("As it was then is not known."))


def _worded(finding: Finding, facts: Facts) -> Finding:
    """With what any sentence of the catalogue may name."""
    common: dict[str, Words] = {
        "meanwhile": meanwhile(facts, finding.factor),
        "way": other_way(facts, finding.factor),
    }
    return replace(finding, values={**common, **finding.values})
