"""The import contracts are only as good as their list of modules."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KERNEL = {"audit", "common", "policy"}


def test_the_contract_forbids_every_part_of_the_top() -> None:
    parts = {
        f"backoffice.{path.stem}"
        for path in (ROOT / "backoffice").iterdir()
        if (path.suffix == ".py" and path.stem != "__init__") or (path / "__init__.py").is_file()
    } - {f"backoffice.{name}" for name in KERNEL}
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = configuration["tool"]["importlinter"]["contracts"]
    (forbidden,) = (c["forbidden_modules"] for c in contracts if c["type"] == "forbidden")
    assert set(forbidden) == parts
