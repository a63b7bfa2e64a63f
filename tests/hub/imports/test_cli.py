"""``hub people import``: the same steps as the page, from a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.hub.imports.conftest import as_csv
from tests.support.terminal import at_terminal

if TYPE_CHECKING:
    from pathlib import Path

    from config.settings import Settings
    from tests.hub.imports.conftest import Desk


def test_import_of_people_at_the_terminal(desk: Desk, settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "pegawai.csv"
    good = ("Sari Utami", "sari@example.id", desk.cast.host.name, "Pos Baru", "seksi", "")
    file.write_bytes(as_csv([good, ("Tono", "tono@example", "", "", "", "")]))
    tried = at_terminal(settings, "people", "import", "--dry-run", str(file))
    assert tried.exit_code == 1
    assert "Would import: 1 new, 1 rejected." in tried.output
    assert "line 3 (Tono): tono@example is not an e-mail address." in tried.output
    assert desk.count("people", "email = 'sari@example.id'") == 0
    file.write_bytes(as_csv([good]))
    done = at_terminal(settings, "people", "import", str(file))
    assert done.exit_code == 0, done.output
    assert "Imported: 1 new." in done.output
    assert desk.count("people", "email = 'sari@example.id'") == 1
    again = at_terminal(settings, "people", "import", str(file))
    assert "Nothing to import: 1 unchanged." in again.output
    file.write_bytes(b"Nama,Telepon\nA,1\n")
    assert "No column is called email" in at_terminal(settings, "people", "import", str(file)).output
    file.write_bytes(b"PK\x03\x04 and no more")
    assert "damaged" in at_terminal(settings, "people", "import", str(file)).output
