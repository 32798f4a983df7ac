"""The cases of the scenario suite: what really happens in each, and the verdict it must lead to.

    @leads_to("sms.handset_unreachable")
    def a_phone_is_off(world: World) -> User:
        return world.reported(30003)

The name of the function is the case's. It returns whom to diagnose, as of the moment it ends.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from clients.models import User

if TYPE_CHECKING:
    from tests.diagnosis.world import World

Scenario = Callable[["World"], User]
OK = "ok"


class Kind(StrEnum):
    CAUSE = "cause"
    PAIR = "pair"
    HEALTHY = "healthy"
    ROW = "row"
    WORKER = "worker"


@dataclass(frozen=True, slots=True)
class Case:
    """`expected`: the verdict; of a pair the first two findings, in their order.

    `sure` and `owner` are of the first, where the case is about that. `check`: the module of a
    check that must be there.
    """

    kind: Kind
    expected: tuple[str, ...]
    scenario: Scenario
    sure: str = ""
    owner: str = ""
    check: str = ""

    @property
    def name(self) -> str:
        return self.scenario.__name__.replace("_", " ").strip()


CASES: list[Case] = []


def leads_to(
    cause: str, *, sure: str = "", owner: str = "", check: str = ""
) -> Callable[[Scenario], Scenario]:
    return _kept(Kind.CAUSE, (cause,), sure=sure, owner=owner, check=check)


def first_then(first: str, second: str, *, check: str = "") -> Callable[[Scenario], Scenario]:
    """Two causes at once, in the order in which they must be told."""
    return _kept(Kind.PAIR, (first, second), check=check)


def is_well(scenario: Scenario) -> Scenario:
    """A client whose codes work: nothing is found."""
    return _kept(Kind.HEALTHY, (OK,))(scenario)


def _kept(kind: Kind, expected: tuple[str, ...], **more: str) -> Callable[[Scenario], Scenario]:
    def keep(scenario: Scenario) -> Scenario:
        CASES.append(Case(kind, expected, scenario, **more))
        return scenario

    return keep
