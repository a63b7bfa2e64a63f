"""The lists travel with the product, under their attribution, and hold nothing they should not."""

from __future__ import annotations

import csv
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from hub.facilities.api import ATTRIBUTION
from hub.facilities.lists import SHIPPED

ROOT = Path(__file__).resolve().parents[3]
COLUMNS = {
    "name", "kind", "speciality", "class", "city", "regency_code", "province", "kanwil", "iana_timezone",
    "lat", "lon", "coord_source",
}  # fmt: skip


def test_wheel_and_sdist_contain_the_lists_and_their_attribution(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--directory", str(tmp_path)],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    (wheel,), (sdist,) = tmp_path.glob("*.whl"), tmp_path.glob("*.tar.gz")
    wanted = {f"hub/facilities/data/{name}" for name in ("ATTRIBUTION.md", "facilities.csv", "kanwil.csv")}
    with zipfile.ZipFile(wheel) as archive:
        assert wanted <= set(archive.namelist())
    with tarfile.open(sdist) as archive:
        assert wanted <= {name.partition("/")[2] for name in archive.getnames()}


def test_the_lists_have_facts_of_offices_only_and_every_coordinate_its_source() -> None:
    for path in SHIPPED:
        with path.open(encoding="utf-8", newline="") as lines:
            reader = csv.DictReader(lines)
            assert set(reader.fieldnames or ()) <= COLUMNS
            for row in reader:
                assert not row.get("lat") or row["coord_source"].endswith("(CC BY 4.0)"), row["name"]


def test_the_attribution_shown_is_the_one_asked_for() -> None:
    assert ATTRIBUTION in (SHIPPED[0].parent / "ATTRIBUTION.md").read_text(encoding="utf-8")
    assert ATTRIBUTION in (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
