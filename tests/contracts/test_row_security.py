"""Row-level security: every table that needs policies has them; where nobody acts there is no row."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, cast

import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError, ProgrammingError

from hub.actor import Actor
from hub.db.rows import EXEMPT
from hub.db.transaction import Database
from hub.followups.opening import open_tasks
from hub.partners.records import record
from tests.support import world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import CursorResult
    from sqlalchemy.orm import Session

    from config.settings import Settings

NAMES_SOMEBODY: Final = re.compile(
    r"(facility|unit|partner|party|region|person|recipient|deputy|assignee|actor|opened_by|closed_by"
    r"|collaboration|visit|task|invitation|commitment|event|reader|delegate|owner|import|by)_ids?$"
)
"""Columns that say whose a row is, or of what it is a part."""
SECURED: Final = text(
    """
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relrowsecurity AND relforcerowsecurity
    ORDER BY relname
    """
)
COLUMNS: Final = text(
    """
    SELECT relname, array_agg(attname) FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped
    GROUP BY relname
    """
)
POLICIES: Final = text(
    "SELECT tablename, policyname, permissive, roles::text[], cmd, qual, with_check FROM pg_policies"
)
WRITABLE: Final = text(
    """
    SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
    WHERE attrelid = CAST(:name AS regclass) AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
    """
)


@pytest.fixture
def owner(settings: Settings) -> Iterator[Database]:
    """Yield the database as its owner, with at least one row in every table that has policies."""
    database = Database.connect(settings, "owner")
    with database.transaction() as session:
        guest, host = world.facility(session), world.facility(session)
        head, seat = world.holder(session, guest, role="head")
        story = world.story(session, guest, host, opened_by=head, agenda_owner=seat)
        event = world.submitted(session, story, by=head)
        asked = world.invitation(session, story)
        world.held(session, story, by=head)
        world.commit_to(session, story, [(guest, seat)])
        published = world.published(session, story, by=head)
        values = {"person": head.id, "event": event, "invitation": asked.id, "visit": story.visit.id}
        for statement in (
            "INSERT INTO notifications (recipient_id, event_id) VALUES (:person, :event)",
            "INSERT INTO inbox_marks (person_id, read_through) VALUES (:person, :event)",
            """
            INSERT INTO deliveries (event_id, kind, occurrence, address, person_id)
            VALUES (:event, 'notification', 'one', 'a@lapas.test', :person)
            """,
            """
            WITH one AS (
                INSERT INTO imports (kind, file_name, digest, by_id)
                VALUES ('people', 'a.csv', '\\x00', :person) RETURNING id
            ), part AS (
                INSERT INTO import_parts (import_id, number, content) SELECT id, 1, '\\x00' FROM one
            )
            INSERT INTO import_rows (import_id, line, verdict) SELECT id, 1, 'new' FROM one
            """,
            """
            INSERT INTO answers (invitation_id, visit_id, number, verdict, door, answered_by)
            VALUES (:invitation, :visit, 1, 'accepted', 'link', 'Kalapas')
            """,
        ):
            session.execute(text(statement), values)
    with database.transaction() as session:
        open_tasks(session, [published])
        record(session, [published])
    yield database
    database.dispose()


def secured(database: Database) -> list[str]:
    """Return every table whose rows are under policies, for its owner too."""
    with database.transaction() as session:
        return list(session.scalars(SECURED))


def test_every_table_that_names_somebody_has_policies_or_a_reason(as_owner: Database) -> None:
    with as_owner.transaction() as session:
        tables = {name: columns for name, columns in session.execute(COLUMNS)}  # noqa: C416 -- rows are no pairs
        have = set(session.scalars(SECURED))
    need = {name for name, columns in tables.items() if any(map(NAMES_SOMEBODY.search, columns))}
    assert need - have - set(EXEMPT) == set(), "give them policies, or a reason in hub/db/rows.py"
    assert set(EXEMPT) & have == set(), "these have policies: take the reason away"
    assert set(EXEMPT) <= set(tables), "there are no such tables any more"
    assert len(have) >= 21


def test_policies_let_only_roles_by_name_see_everything(as_owner: Database) -> None:
    with as_owner.transaction() as session:
        found = session.execute(POLICIES).all()
        have = set(session.scalars(SECURED))
    all_seeing = {
        (row.tablename, role, row.cmd)
        for row in found
        for role in row.roles
        if "true" in (row.qual, row.with_check)
    }
    expected = {
        (table, role, cmd)
        for table in have
        for role, cmd in (("hub_owner", "ALL"), ("hub_worker", "ALL"), ("hub_backup", "SELECT"))
    }
    assert all_seeing == expected
    assert {row.tablename for row in found if row.roles == ["hub_app"] and row.cmd == "ALL"} == have
    assert {role for row in found for role in row.roles} == {
        "hub_app",
        "hub_owner",
        "hub_worker",
        "hub_backup",
    }


def test_no_role_and_no_view_goes_around_the_policies(as_owner: Database) -> None:
    with as_owner.transaction() as session:
        bypassing = session.scalars(
            text("SELECT rolname FROM pg_roles WHERE rolname LIKE 'hub\\_%' AND (rolbypassrls OR rolsuper)")
        ).all()
        assert bypassing == []
        others = session.scalars(
            text(
                "SELECT rolname FROM pg_roles WHERE rolname <> 'hub_app' AND rolname LIKE 'hub\\_%'"
                " AND pg_has_role('hub_app', oid, 'MEMBER')"
            )
        ).all()
        assert others == []
        views = session.scalars(
            text(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND"
                " (relkind = 'm' OR relkind = 'v' AND NOT"
                "  coalesce(reloptions, '{}') && ARRAY['security_invoker=true', 'security_invoker=on'])"
            )
        ).all()
        assert views == []
        lax = session.scalars(
            text(
                "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef"
                " AND NOT coalesce(proconfig, '{}')::text LIKE '%search_path=%'"
            )
        ).all()
        assert lax == []


def test_nobody_sees_a_row(owner: Database, settings: Settings) -> None:
    web = Database.connect(settings, "app")
    tables = secured(owner)
    with owner.transaction() as session:
        empty = [name for name in tables if not session.scalar(text(f"SELECT count(*) FROM {name}"))]  # noqa: S608 -- names from the catalogue
    assert empty == [], "the world of this test has no row in them"
    with web.transaction() as session:
        seen = [name for name in tables if session.scalar(text(f"SELECT count(*) FROM {name}"))]  # noqa: S608 -- see above
        for function in ("count_hosted(ARRAY[1,2,3])", "count_hosted_themes(2)", "count_held(ARRAY[1,2])"):
            assert session.execute(text(f"SELECT * FROM {function}")).all() == []  # noqa: S608 -- see above
    assert seen == []
    web.dispose()


def test_nobody_writes_a_row(owner: Database, settings: Settings) -> None:
    web = Database.connect(settings, "app")
    for name in secured(owner):
        with owner.transaction() as session:
            columns = session.scalar(WRITABLE, {"name": name})
            kept = session.scalar(text(f"SELECT to_jsonb(one) FROM {name} AS one LIMIT 1"))  # noqa: S608 -- see above
        insert = (
            f"INSERT INTO {name} ({columns}) OVERRIDING SYSTEM VALUE"  # noqa: S608 -- see above
            f" SELECT {columns} FROM jsonb_populate_record(CAST(NULL AS {name}), CAST(:row AS jsonb))"
        )
        with (
            pytest.raises(ProgrammingError, match="row-level security"),
            web.transaction() as session,
        ):
            session.execute(text(insert), {"row": orjson.dumps(kept).decode()})
        _, _, last = (columns or "").rpartition(", ")
        for right, change in (
            ("DELETE", f"DELETE FROM {name}"),  # noqa: S608 -- see above
            ("UPDATE", f"UPDATE {name} SET {last} = {last}"),  # noqa: S608 -- see above
        ):
            with web.transaction() as session:
                if may(session, right, name):
                    result = cast("CursorResult[Any]", session.execute(text(change)))
                    assert result.rowcount == 0, change
    web.dispose()


def test_a_pooled_connection_forgets_who_acted(owner: Database, settings: Settings) -> None:
    with owner.transaction() as session:
        guest = session.scalar(text("SELECT facility_id FROM parties WHERE role = 'guest'"))
    head = Actor(kind="person", label="Kepala", person_id=1, unit_ids=(guest or 0,))
    web = Database.connect(settings, "app", pool_size=1, overflow=0)
    count = text("SELECT count(*) FROM collaborations")
    with web.transaction(head) as session:
        assert session.scalar(count) == 1
    with web.transaction() as session:
        assert session.scalar(count) == 0
    with pytest.raises(DataError), web.transaction(head) as session:
        session.execute(text("SELECT 1 / (count(*) - 1) FROM collaborations"))
    with web.transaction() as session:
        assert session.scalar(count) == 0
        left = session.execute(
            text("SELECT name, setting FROM pg_settings WHERE name LIKE 'app.%' AND setting <> ''")
        ).all()
        assert left == []
    web.dispose()


def test_who_may_know_follows_parties_and_proposals(owner: Database) -> None:
    """What the policies ask of a collaboration is what its parties and its proposal say."""
    asked = text("SELECT cardinality(reader_ids), is_draft FROM collaborations")
    with owner.transaction() as session:
        third = world.facility(session)
        assert session.execute(asked).one() == (2, False)
        add = text(
            "INSERT INTO parties (collaboration_id, facility_id, role)"
            " SELECT collaboration_id, :id, 'partner' FROM parties WHERE role = 'guest'"
        )
        session.execute(add, {"id": third.id})
        assert session.execute(asked).one() == (3, False)
        session.execute(text("UPDATE proposals SET state = 'draft'"))
        assert session.execute(asked).one() == (1, True)
        session.execute(text("UPDATE proposals SET state = 'submitted'"))
        session.execute(text("DELETE FROM parties WHERE facility_id = :id"), {"id": third.id})
        assert session.execute(asked).one() == (2, False)


def may(session: Session, right: str, table: str) -> bool:
    """Return whether the session's role has a right at all."""
    asked = text("SELECT has_table_privilege(CAST(:table AS text), :right)")
    return bool(session.scalar(asked, {"table": table, "right": right}))
