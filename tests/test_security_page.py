"""docs/security.md names tests: each must exist, and every number must be spoken of."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def existing_tests() -> set[str]:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py"))
    return set(re.findall(r"^\s*def (test_\w+)", code, re.MULTILINE))


def test_every_proof_it_names_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    assert named
    assert named - existing_tests() == set()


def test_it_speaks_of_every_promise() -> None:
    spoken = {int(number) for number in re.findall(r"\bS(\d\d)\b", PAGE)}
    assert spoken == set(range(1, 87))
