"""Write the list of all libraries with version, hashes and licence (``make sbom``).

CycloneDX 1.6 (ECMA-424) in JSON. Names, versions and hashes come from the lock,
licences and summaries from what is installed. What the lock names for another platform has no licence here.
"""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any

import click
from packaging.utils import canonicalize_name

from tests.support.services import ROOT

LOCK = ROOT / "config" / "requirements.lock"
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
NAMESPACE = uuid.UUID("5f3a3f0e-9f0c-5d53-9f7e-2b4a0d0c6a11")


@dataclass
class Pinned:
    """One package of the lock."""

    name: str
    version: str
    hashes: list[str] = field(default_factory=list)


def pinned(lock: str) -> list[Pinned]:
    """Return the packages of a lock in its order; a package of several versions comes once for each."""
    found: list[Pinned] = []
    for line in lock.splitlines():
        if match := PINNED.match(line):
            found.append(Pinned(canonicalize_name(match[1]), match[2]))
        found[-1].hashes += HASH.findall(line)
    return found


def licence_of(package: metadata.Distribution) -> str:
    """Return a licence: the SPDX expression, the classifiers, own words, or the first line of its file."""
    about = package.metadata.json
    if expression := about.get("license_expression"):
        return str(expression)
    said = [
        line.split(" :: ")[-1]
        for line in about.get("classifier", [])
        if line.startswith("License :: ") and not line.endswith("OSI Approved")
    ]
    if said:
        return "; ".join(said)
    if words := str(about.get("license", "")).strip():
        return words.split("\n")[0]
    texts = [path.read_text() for path in package.files or [] if "LICENSE" in path.name]
    return texts[0].strip().split("\n")[0] if texts else ""


def bill(lock: str) -> dict[str, Any]:
    """Return the bill of a lock."""
    installed: dict[str, metadata.Distribution] = {
        canonicalize_name(one.metadata["Name"]): one for one in metadata.distributions()
    }
    components = []
    for one in pinned(lock):
        purl = f"pkg:pypi/{one.name}@{one.version}"
        component: dict[str, Any] = {
            "type": "library",
            "bom-ref": purl,
            "name": one.name,
            "version": one.version,
            "purl": purl,
            "hashes": [{"alg": "SHA-256", "content": value} for value in one.hashes],
        }
        here = installed.get(one.name)
        if here is not None and here.version == one.version:
            component["description"] = here.metadata.json.get("summary", "")
            if licence := licence_of(here):
                component["licenses"] = [{"license": {"name": licence}}]
        components.append(component)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, lock)}",
        "version": 1,
        "metadata": {
            "component": {"type": "application", "name": "sinergi-hub", "bom-ref": "sinergi-hub"},
        },
        "components": components,
    }


def main() -> None:
    """Write artefacts/sbom.json and say of how many packages the licence is not known."""
    made = bill(LOCK.read_text(encoding="utf-8"))
    place = ROOT / "artefacts" / "sbom.json"
    place.parent.mkdir(exist_ok=True)
    place.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    unknown = [one["name"] for one in made["components"] if "licenses" not in one]
    count = len(made["components"])
    click.echo(
        f"{place.relative_to(ROOT)}: {count} libraries, of {len(unknown)} the licence is not known here"
    )


if __name__ == "__main__":
    main()
