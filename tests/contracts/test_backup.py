"""The README's line takes a backup with every row, policies or not, and it can be put back."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from config.embedded.account import service_account
from config.embedded.binaries import POSTGRES, locate
from hub.db.transaction import Database
from tests.support import services, world

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config.settings import Settings

ROOT: Final = Path(__file__).parents[2]
LINE: Final = re.compile(r"^ {4}(pg_dump .*\"\$DATABASE_URL\")$", re.MULTILINE)
RESTORE: Final = re.compile(r"^ {4}(pg_restore .*)$", re.MULTILINE)
TABLES: Final = text(
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
)
POLICIES: Final = text("SELECT tablename, policyname, roles::text, cmd, qual, with_check FROM pg_policies")


def test_the_backup_of_the_readme_has_every_row_and_can_be_put_back(
    settings: Settings,
    as_owner: Database,
    service_addresses: services.Addresses,
    database_url: str,
    tmp_path: Path,
) -> None:
    with as_owner.transaction() as session:
        guest, host = world.facility(session), world.facility(session)
        head, _ = world.holder(session, guest, role="head")
        story = world.story(session, guest, host, opened_by=head)
        world.submitted(session, story, by=head)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    dump, restore = (_only(line, readme) for line in (LINE, RESTORE))
    told = run(dump.replace(" --enable-row-security", ""), database_url, tmp_path)
    assert "row-level security" in told.stderr, "the option is not needed: take it out of the README"

    told = run(dump, database_url, tmp_path)
    assert (told.returncode, told.stderr) == (0, "")
    name = services.clone_database(service_addresses, "template0")
    try:
        told = run(restore, service_addresses.database(name), tmp_path)
        assert (told.returncode, told.stderr) == (0, "")
        restored = Database.connect(
            services.make_settings(service_addresses, name, 0, settings.home), "owner"
        )
        kept, back = counted(as_owner), counted(restored)
        restored.dispose()
    finally:
        services.drop_database(service_addresses, name)
    assert back == kept
    assert kept["parties"] == 2


def run(line: str, database_url: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a line as an operator would, with PostgreSQL's programs of the test's own server first."""
    server, _ = locate(POSTGRES, service_account())
    environ = {**os.environ, "PATH": f"{server.parent}:{os.environ['PATH']}", "DATABASE_URL": database_url}
    return subprocess.run(  # noqa: S602 -- the line is the README's own
        line, shell=True, cwd=folder, env=environ, capture_output=True, text=True, timeout=60, check=False
    )


def counted(database: Database) -> Mapping[str, object]:
    """Return how many rows each table has, and every policy."""
    with database.transaction() as session:
        found: dict[str, object] = {
            name: session.scalar(text(f"SELECT count(*) FROM {name}"))  # noqa: S608 -- names from the catalogue
            for name in session.scalars(TABLES).all()
        }
        found["policies"] = {tuple(row) for row in session.execute(POLICIES)}
    return found


def _only(line: re.Pattern[str], words: str) -> str:
    (found,) = line.findall(words)
    return str(found)
