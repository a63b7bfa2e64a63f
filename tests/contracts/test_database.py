"""The database: models equal migrations, migrations go up, down and up, rights are as promised."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from hub.db import migrate
from hub.db.transaction import Database
from hub.registry import metadata
from hub.web.scopes import SCOPES

if TYPE_CHECKING:
    from config.settings import Role, Settings

APPEND_ONLY = ("events", "arrangements", "agenda_items", "audit")


def differences(settings: Settings) -> list[object]:
    """Return what autogenerate would write."""
    database = Database.connect(settings, "owner")
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": lambda name, _kind, _parents: name != "alembic_version"}
        )
        found = list(compare_metadata(context, metadata))
    database.dispose()
    return found


def test_models_equal_migrations(settings: Settings) -> None:
    assert migrate.current_revision(settings) == migrate.head_revision()
    assert differences(settings) == []


def test_migrations_go_up_down_up(settings: Settings) -> None:
    migrate.downgrade(settings, "base")
    assert migrate.current_revision(settings) is None
    database = Database.connect(settings, "owner")
    with database.transaction() as session:
        left = session.scalars(
            text(
                "SELECT tablename FROM pg_tables"
                " WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
            )
        ).all()
    database.dispose()
    assert left == []
    migrate.upgrade(settings)
    migrate.upgrade(settings)
    assert differences(settings) == []


def test_tokens_that_existed_keep_every_scope(settings: Settings) -> None:
    """Revision 0019 gave tokens scopes: older ones could do everything, newer ones begin with the least."""
    add = text(
        "INSERT INTO api_tokens (token_hash, prefix, person_id, label, expires_at)"
        " VALUES (decode(md5(:prefix), 'hex'), :prefix, (SELECT min(id) FROM people), 't', now())"
    )
    database = Database.connect(settings, "owner")
    migrate.downgrade(settings, "0015")
    with database.transaction() as session:
        session.execute(text("INSERT INTO people (name, email) VALUES ('Wagiyem', 'w@example.id')"))
        session.execute(add, {"prefix": "hub_older"})
    migrate.upgrade(settings)
    with database.transaction() as session:
        session.execute(add, {"prefix": "hub_newer"})
        rows = session.execute(text("SELECT prefix, scopes FROM api_tokens")).all()
    database.dispose()
    assert {row.prefix: row.scopes for row in rows} == {"hub_older": [*SCOPES], "hub_newer": ["read"]}


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("role", ["app", "worker", "backup"])
def test_history_cannot_be_rewritten(shared_settings: Settings, role: Role, table: str) -> None:
    database = Database.connect(shared_settings, role)
    with pytest.raises(ProgrammingError, match="permission denied"), database.transaction() as session:
        session.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - a name from the list above
    database.dispose()


def test_backup_may_read_everything_and_write_nothing(shared_settings: Settings) -> None:
    database = Database.connect(shared_settings, "backup")
    with database.transaction() as session:
        for table in metadata.tables:
            session.execute(text(f"SELECT count(*) FROM {table}"))  # noqa: S608 - our own tables
            writes = session.scalars(
                text("SELECT has_table_privilege(CAST(:table AS text), 'INSERT, UPDATE, DELETE')"),
                {"table": table},
            )
            assert not writes.one(), table
    database.dispose()


@pytest.mark.parametrize("role", ["app", "worker"])
def test_no_process_but_the_owner_moves_the_clock(shared_settings: Settings, role: Role) -> None:
    database = Database.connect(shared_settings, role)
    with pytest.raises(ProgrammingError, match="permission denied"), database.transaction() as session:
        session.execute(text("UPDATE clock_offset SET offset_by = '1 day'"))
    database.dispose()
