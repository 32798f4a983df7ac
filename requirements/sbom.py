"""Writes the list of what is locked for production (SBOM) as CycloneDX JSON; asks no network.

    .venv/bin/python requirements/sbom.py dist/sbom.cdx.json

Names, versions and hashes are those of base.lock; licences are read from what is installed. A
package for another system, which is not, has none here.
"""

# ruff: noqa: T201 - a program for the terminal
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import License
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "base.lock"
PACKAGE = re.compile(r"^(?P<name>[A-Za-z0-9][\w.-]*)==(?P<version>[\w.+!]+)(?P<rest>.*)$")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})\b")
WANTED_BY = re.compile(r"^ +# +(?:via +)?([A-Za-z0-9][\w.-]*)", re.MULTILINE)
PYPI = "pypi"


def main(target: str) -> None:
    path = Path(target)
    path.parent.mkdir(parents=True, exist_ok=True)
    bom = made(LOCK.read_text(encoding="utf-8"))
    path.write_text(JsonV1Dot6(bom).output_as_string(indent=2) + "\n", encoding="utf-8")
    print(f"{path}: {len(bom.components)} components")


def made(lock: str) -> Bom:
    """Of the text of a lock, as uv writes it."""
    product = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = dict(components(lock))
    root = Component(
        type=ComponentType.APPLICATION,
        name=product["name"],
        version=product["version"],
        bom_ref=product["name"],
        licenses=[LicenseFactory().make_from_string(product["license"])],
    )
    bom = Bom(components=[one for one, _wanted_by in found.values()])
    bom.metadata.component = root
    parents = {root.name: root} | {name: one for name, (one, _wanted_by) in found.items()}
    for one, wanted_by in found.values():
        for name in wanted_by & parents.keys():
            bom.register_dependency(parents[name], [one])
    return bom


def components(lock: str) -> Iterator[tuple[str, tuple[Component, set[str]]]]:
    """By name, each with the names of those that want it, from the lock's comments."""
    for entry in re.split(r"\n(?=[A-Za-z0-9])", lock):
        if found := PACKAGE.match(entry.splitlines()[0]):
            made_of_it = component(found["name"], found["version"], HASH.findall(entry))
            yield found["name"], (made_of_it, set(WANTED_BY.findall(entry)))


def component(name: str, version: str, digests: list[str]) -> Component:
    """Each digest is of one file of that version: a wheel for one system, or the source."""
    purl = PackageURL(PYPI, name=name, version=version)
    return Component(
        type=ComponentType.LIBRARY,
        name=name,
        version=version,
        purl=purl,
        bom_ref=purl.to_string(),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest) for digest in digests],
        licenses=licences(name),
    )


def licences(name: str) -> list[License]:
    try:
        said = licence_said(metadata(name))
    except PackageNotFoundError:
        return []
    return [LicenseFactory().make_from_string(said)] if said else []


def licence_said(about: PackageMetadata) -> str:
    """By PEP 639, else the classifiers of PyPI, else the first line of the free text."""
    expression = first(about, "License-Expression")
    marks = [
        one.rpartition(" :: ")[2]
        for one in about.get_all("Classifier", [])
        if one.startswith("License :: ") and one != "License :: OSI Approved"
    ]
    free = first(about, "License").splitlines()
    return expression or ", ".join(marks) or (free[0] if free else "")


def first(about: PackageMetadata, field: str) -> str:
    return next(iter(about.get_all(field, [])), "").strip()


if __name__ == "__main__":
    main(*sys.argv[1:])
