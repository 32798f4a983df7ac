"""When failures are more than usual: counted by distinct numbers, so that somebody who tries again
and again does not look like many.

Against what is usual on the route in the last days: so much more that chance hardly makes it (four
standard deviations), and enough to matter. Where little is known of the route, a floor stands in.
"""

from dataclasses import dataclass
from math import sqrt

from smsproviders.figures import Share
from smsproviders.models import IncidentKind
from smsproviders.policy_keys import INCIDENT_NUMBERS, INCIDENT_PERCENT

DEVIATIONS = 4
# Fewer sends are no habit.
LITTLE = 50
# Nothing is always well: without it the first failure in a thousand would be a sensation.
RAREST = 0.02
# An open breaker is a witness of its own.
WITH_BREAKER = 3


@dataclass(frozen=True, slots=True)
class Rule:
    """`rise`: by how much the share of failures must exceed the usual one to matter.

    `habit`: the usual share of failures at most, beyond which nothing can be told by them; where
    set, nothing is told without history either.
    """

    rise: float
    habit: float | None = None
    at_least: int | None = None


RULES = {
    IncidentKind.FAILURES: Rule(rise=0.2),
    IncidentKind.QUEUE: Rule(rise=0.2),
    # Many routes give receipts for some messages only, or none.
    IncidentKind.RECEIPTS: Rule(rise=0.5, habit=0.2),
    # People abandon codes; and what brings them to it may be a fault of ours elsewhere.
    IncidentKind.CONVERSION: Rule(rise=0.4, habit=0.5, at_least=20),
}


def is_unusual(
    kind: IncidentKind, numbers: Share, usual: Share, *, has_breaker: bool = False
) -> bool:
    """`numbers`: with a failure, of all that were sent to. `usual`: sends that fail, of all."""
    rule = RULES[kind]
    if numbers.part < least(kind, has_breaker=has_breaker):
        return False
    share = numbers.part / numbers.whole
    if usual.whole < LITTLE:
        return rule.habit is None and share * 100 >= INCIDENT_PERCENT()
    rate = rate_of(usual)
    if rule.habit is not None and rate > rule.habit:
        return False
    deviation = sqrt(rate * (1 - rate) / numbers.whole)
    return share - rate >= max(rule.rise, DEVIATIONS * deviation)


def least(kind: IncidentKind, *, has_breaker: bool = False) -> int:
    """Fewer numbers tell nothing."""
    numbers = RULES[kind].at_least or INCIDENT_NUMBERS()
    return min(numbers, WITH_BREAKER) if has_breaker else numbers


def rate_of(usual: Share) -> float:
    return max(usual.part / usual.whole, RAREST) if usual.whole else RAREST


def is_raised(kind: IncidentKind, bad: int, of: int, usual: Share) -> bool:
    """Half of what opens one keeps it open."""
    return bad > 0 and bad / of >= rate_of(usual) + RULES[kind].rise / 2
