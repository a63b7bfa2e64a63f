"""The bill of materials names every library of the lock, by hash, with the licence of what is installed."""

from __future__ import annotations

import re
from importlib import metadata

from packaging.utils import canonicalize_name

from tests.support.sbom import LOCK, bill, pinned

TEXT = LOCK.read_text(encoding="utf-8")


def test_every_library_of_the_lock_is_listed_with_its_hashes() -> None:
    made = bill(TEXT)
    lines = re.findall(r"^([A-Za-z0-9._-]+)(?:\[.*?\])?==(\S+)", TEXT, re.MULTILINE)
    assert [(one["name"], one["version"]) for one in made["components"]] == [
        (canonicalize_name(name), version) for name, version in lines
    ]
    assert len(lines) > 80
    assert sum(len(one["hashes"]) for one in made["components"]) == TEXT.count("--hash=sha256:")
    assert all(one["hashes"] and one["purl"].startswith("pkg:pypi/") for one in made["components"])
    assert len({one["bom-ref"] for one in made["components"]}) == len(lines)
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", made["serialNumber"])
    assert "http" not in {key for one in made["components"] for key in one}


def test_every_installed_library_has_a_licence() -> None:
    made = {one["bom-ref"]: one for one in bill(TEXT)["components"]}
    here = {
        f"pkg:pypi/{canonicalize_name(one.metadata['Name'])}@{one.version}"
        for one in metadata.distributions()
    }
    assert len(made.keys() & here) > 80
    assert [purl for purl in made.keys() & here if not made[purl].get("licenses")] == []


def test_a_library_of_another_platform_is_listed_without_a_licence() -> None:
    lock = "elsewhere==1.0 ; sys_platform == 'win32' \\\n    --hash=sha256:" + "a" * 64 + "\n"
    (one,) = pinned(lock)
    assert (one.name, one.version, one.hashes) == ("elsewhere", "1.0", ["a" * 64])
    assert "licenses" not in bill(lock)["components"][0]
