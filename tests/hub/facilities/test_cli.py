"""``hub facilities`` at the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from hub.cli.main import cli
from tests.support.terminal import environment_of

if TYPE_CHECKING:
    from click.testing import Result

    from config.settings import Settings
    from tests.hub.facilities.conftest import ListWriter


@pytest.fixture
def environment(settings: Settings) -> dict[str, str]:
    """Return the variables of a process of this test's hub."""
    return environment_of(settings)


def hub(environment: dict[str, str], *arguments: str) -> Result:
    """Run ``hub facilities …``."""
    return CliRunner(env=environment).invoke(cli, ["facilities", *arguments])


def test_the_units_are_imported_and_a_mailbox_is_set(environment: dict[str, str]) -> None:
    for arguments, said in [
        (("import", "--dry-run"), "Would import: 647 new, 0 changed, 0 unchanged, 0 rejected."),
        (("import",), "Imported: 647 new, 0 changed, 0 unchanged, 0 rejected."),
        (("import",), "Imported: 0 new, 0 changed, 647 unchanged, 0 rejected."),
        (("mailbox", "lp purwokerto", "lp@uji.id"), "Lapas Kelas IIA Purwokerto: lp@uji.id."),
        (("mailbox", "lp purwokerto", "--remove"), "Lapas Kelas IIA Purwokerto: no mailbox."),
    ]:
        result = hub(environment, *arguments)
        assert (result.exit_code, result.stdout.strip()) == (0, said), result.output
    for arguments, complaint in [
        (("mailbox", "Lapas Tangerang", "lp@uji.id"), "may be: Lapas Kelas I Tangerang; Lapas Kelas IIA"),
        (("mailbox", "Rutan Entah", "lp@uji.id"), "No active facility is called Rutan Entah."),
        (("mailbox", "LP Purwokerto", "lp"), "not a mail address"),
        (("mailbox", "LP Purwokerto"), "either an ADDRESS or --remove"),
    ]:
        result = hub(environment, *arguments)
        assert result.exit_code != 0
        assert complaint in result.output


def test_rejected_lines_are_named_and_end_with_status_1(
    environment: dict[str, str], write_list: ListWriter
) -> None:
    path = write_list("Kanwil Ditjenpas Uji,kanwil,,Asia/Jakarta", "Rutan Uji,rutan,,Asia/Jakarta")
    result = hub(environment, "import", str(path))
    assert result.exit_code == 1
    assert "1 new, 0 changed, 0 unchanged, 1 rejected" in result.stdout
    assert "rejected: list.csv line 3 (Rutan Uji): kanwil: a unit needs" in result.stderr


def test_a_file_that_is_no_list_imports_nothing(environment: dict[str, str], write_list: ListWriter) -> None:
    result = hub(environment, "import", str(write_list("Rutan Uji", header="name")))
    assert result.exit_code == 1
    assert "Nothing was imported. list.csv lacks the column(s) kind, iana_timezone." in result.stderr
