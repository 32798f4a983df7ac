"""Each cause really made to happen, alone and in pairs; and clients whose codes work."""

from typing import Any

import pytest

from clients.models import Client
from tests.diagnosis import report
from tests.diagnosis.case import CASES, Case, Kind
from tests.diagnosis.cases import (  # noqa: F401 - they register themselves
    account,
    authenticator,
    further,
    healthy,
    incident,
    machinery,
    number,
    pairs,
    provider,
)
from tests.diagnosis.report import Result
from tests.diagnosis.world import World
from twofa.diagnosis.diagnosing import CHECKS

# Of these the page is asked too: each costs an operator's sign-in.
EVERY = 4


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_verdict_is_right(case: Case, world: World) -> None:
    if not any(case.check in check.__module__ for check in CHECKS):
        pytest.skip(f"there is no check of {case.check} yet")
    user = case.scenario(world)
    told = world.diagnosed(user)
    found = tuple(one["cause"] for one in told["findings"])[: len(case.expected)] or ("ok",)
    report.keep(Result(case.kind, case.name, case.expected, found))
    assert found == case.expected, shown(told)
    first = told["findings"][0] if told["findings"] else {}
    assert case.sure in ("", first.get("confidence"))
    assert case.owner in ("", first.get("owner"))
    for line in told["checks"]:
        assert line["words"][0].isupper() or line["words"][0] in "+•0123456789", line
    for finding in told["findings"]:
        assert_it_can_be_told(finding)
    if CASES.index(case) % EVERY == 0 and Client.objects.filter(user=user).exists():
        assert world.shown(user) == case.expected[0]


def assert_it_can_be_told(finding: dict[str, Any]) -> None:
    """Proved, in whole sentences, without a gap."""
    assert finding["evidence"]
    words = [finding["summary"], *finding["tell_client"].values()]
    for text in words:
        assert text
        assert text[0].isupper() or text[0].isdigit() or text[0] in "+•", text
        assert text.endswith((".", "!")), text
        for gap in ("%(", "  ", " .", "..", "None", ": .", "()"):
            assert gap not in text, text


def shown(told: dict[str, Any]) -> str:
    lines = [f"{one['cause']} {one['confidence']}: {one['summary']}" for one in told["findings"]]
    return "\n".join(["", *lines, *(f"{one['check']}: {one['words']}" for one in told["checks"])])


def test_there_are_enough_cases() -> None:
    by_kind = [case.kind for case in CASES]
    assert by_kind.count(Kind.PAIR) >= 15
    assert by_kind.count(Kind.HEALTHY) >= 20
