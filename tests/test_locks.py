"""requirements/*.lock: nothing is installed but what was seen when it was locked."""

import json
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements"
LOCKS = sorted(REQUIREMENTS.glob("*.lock"))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_s86_every_package_is_locked_to_one_version_and_its_hashes(lock: Path) -> None:
    entries = re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"^ *#.*\n", "", lock.read_text(), flags=re.M))
    assert len(entries) > 20
    for entry in entries:
        assert re.match(r"[\w.-]+==[\w.+!]+ ", entry), entry
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry), entry


def test_s86_a_package_with_another_hash_is_not_installed(tmp_path: Path) -> None:
    """As `make` installs them; the package is made here, and no index is asked."""
    (tmp_path / "own-1.0-py3-none-any.whl").write_bytes(b"not what was locked")
    lock = tmp_path / "own.lock"
    lock.write_text(f"own==1.0 --hash=sha256:{'0' * 64}\n")
    done = subprocess.run(
        [sys.executable, REQUIREMENTS / "install.py", lock],
        env={"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "DO NOT MATCH THE HASHES" in done.stderr


def test_s86_the_list_of_components_names_all_that_is_locked_for_production(
    tmp_path: Path,
) -> None:
    target = tmp_path / "sbom.cdx.json"
    subprocess.run([sys.executable, REQUIREMENTS / "sbom.py", target], check=True, timeout=30)
    listed = json.loads(target.read_text(encoding="utf-8"))
    lock = (REQUIREMENTS / "base.lock").read_text(encoding="utf-8")
    locked = set(re.findall(r"^([A-Za-z0-9][\w.-]*)==([\w.+!]+)", lock, re.MULTILINE))
    assert (listed["bomFormat"], listed["specVersion"]) == ("CycloneDX", "1.6")
    assert {(one["name"], one["version"]) for one in listed["components"]} == locked
    hashes = set(re.findall(r"sha256:([0-9a-f]{64})", lock))
    assert {h["content"] for one in listed["components"] for h in one["hashes"]} == hashes
    for one in listed["components"]:
        assert one["purl"] == f"pkg:pypi/{one['name']}@{one['version']}"
    without = {one["name"] for one in listed["components"] if not one.get("licenses")}
    assert without <= {name for name, _version in locked if not is_installed(name)}


def is_installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True
