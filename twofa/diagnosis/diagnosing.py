"""The diagnosis of one user: gather the facts, go through the checks, order what was found."""

from collections.abc import Callable
from datetime import datetime

from clients.models import User
from twofa.diagnosis import facts as facts_module
from twofa.diagnosis import ranking, timeline
from twofa.diagnosis.checks import (
    account,
    authenticator,
    locks,
    messages,
    number,
    policy,
    providers,
    queue,
    template,
    typing,
)
from twofa.diagnosis.facts import Facts
from twofa.diagnosis.findings import Checked, Diagnosis

# In the order in which one looks for trouble by hand: the option, the app, the provider, the
# number, the machinery.
CHECKS: tuple[Callable[[Facts], Checked], ...] = (
    account.account,
    account.method_enabled,
    account.asked,
    locks.lock,
    authenticator.authenticator,
    authenticator.server_clock,
    providers.enabled,
    providers.credentials,
    providers.balance,
    providers.state,
    providers.receipts,
    template.template,
    policy.policy,
    number.number,
    messages.messages,
    typing.typed,
    queue.queue,
)


def diagnose(user: User, *, at: datetime | None = None) -> Diagnosis:
    """Why this user's codes do not work, as far as our own records tell.

    Reads only, in a bounded number of queries; asks no provider.
    """
    return judge(facts_module.gather(user, at=at))


def judge(facts: Facts) -> Diagnosis:
    """The diagnosis that these facts give; pure."""
    checks = tuple(check(facts) for check in CHECKS)
    found = (finding for one in checks for finding in one.findings)
    return Diagnosis(
        user=facts.user,
        at=facts.at,
        findings=ranking.ranked(found, facts),
        checks=checks,
        timeline=timeline.of(facts),
    )
