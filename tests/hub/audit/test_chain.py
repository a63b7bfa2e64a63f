"""The chain over the audit log: each kind of tampering shows, at its place, and nothing else does."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from hub.actor import system_actor
from hub.audit import chain
from hub.audit.record import record
from hub.db.transaction import Database
from tests.support.terminal import at_terminal
from workers.upkeep.chores import seal

if TYPE_CHECKING:
    from pathlib import Path

    from config.settings import Role, Settings

ENTRIES = 8
ADDED = "INSERT INTO audit (actor_kind, actor_label, action, subject) VALUES ('system', 'x', 'y', 'z')"
SEALED = (
    "INSERT INTO audit_seals (position, entry_id, key_id, seal)"
    " SELECT 9, (SELECT max(id) FROM audit), key_id, seal FROM audit_seals WHERE position = 8"
)

TAMPERINGS: dict[str, tuple[str | tuple[str, ...], int]] = {
    "who did it": ("UPDATE audit SET actor_label = 'somebody else' WHERE id = 4", 4),
    "which person": ("UPDATE audit SET actor_id = (SELECT min(id) FROM people) WHERE id = 4", 4),
    "what kind of actor": ("UPDATE audit SET actor_kind = 'link' WHERE id = 4", 4),
    "what was done": ("UPDATE audit SET action = 'nothing.happened' WHERE id = 4", 4),
    "to which thing": ("UPDATE audit SET subject = 'things/99' WHERE id = 4", 4),
    "when, by a microsecond": ("UPDATE audit SET at = at + interval '1 microsecond' WHERE id = 4", 4),
    "from where": ("UPDATE audit SET origin = '203.0.113.9' WHERE id = 4", 4),
    "a value of the detail": ("UPDATE audit SET detail = jsonb_set(detail, '{n}', '40') WHERE id = 4", 4),
    "one more detail": ("UPDATE audit SET detail = detail || '{\"x\": null}' WHERE id = 4", 4),
    "one detail less": ("UPDATE audit SET detail = detail - 'n' WHERE id = 4", 4),
    "a number made a text": ("UPDATE audit SET detail = jsonb_set(detail, '{n}', '\"4\"') WHERE id = 4", 4),
    "text moved between fields": ("UPDATE audit SET action = subject, subject = action WHERE id = 4", 4),
    "an entry removed": ("DELETE FROM audit WHERE id = 4", 4),
    "an entry and its seal removed": (
        "DELETE FROM audit WHERE id = 4; DELETE FROM audit_seals WHERE entry_id = 4",
        4,
    ),
    "the same, and the gap closed": (
        (
            "DELETE FROM audit WHERE id = 4; DELETE FROM audit_seals WHERE entry_id = 4;"
            " UPDATE audit_seals SET position = -position WHERE position > 4;"
            " UPDATE audit_seals SET position = -position - 1 WHERE position < 0"
        ),
        4,
    ),
    "the first one removed": (
        "DELETE FROM audit WHERE id = 1; DELETE FROM audit_seals WHERE entry_id = 1",
        1,
    ),
    "two entries exchanged": (
        (
            "UPDATE audit_seals SET entry_id = -entry_id WHERE entry_id IN (4, 5);"
            " UPDATE audit_seals SET entry_id = 9 + entry_id WHERE entry_id < 0"
        ),
        4,
    ),
    "two seals exchanged": (
        (
            "UPDATE audit_seals AS a SET seal = b.seal FROM audit_seals AS b"
            " WHERE a.position IN (4, 5) AND b.position = 9 - a.position"
        ),
        4,
    ),
    "a forged seal": ("UPDATE audit_seals SET seal = decode(repeat('ab', 32), 'hex') WHERE position = 4", 4),
    "another key": (
        "UPDATE audit_seals SET key_id = decode(repeat('0a', 8), 'hex') WHERE position = 4",
        4,
    ),
    "an entry put in around the trigger": ((ADDED, "DELETE FROM audit_unsealed"), 0),
    "an entry put in with a seal of its own": ((ADDED, "DELETE FROM audit_unsealed", SEALED), 9),
    "an entry removed before its seal": ((ADDED, "DELETE FROM audit WHERE action = 'y'"), 0),
}


@pytest.fixture
def log(as_app: Database, as_worker: Database, settings: Settings, as_owner: Database) -> Settings:
    """Return the settings of a hub whose log has eight sealed entries, numbered from 1."""
    with as_owner.transaction() as session:
        session.execute(text("INSERT INTO people (name, email) VALUES ('Anyone', 'anyone@example.id')"))
    for number in range(1, ENTRIES + 1):
        with as_app.transaction() as session:
            record(
                session, actor=system_actor("test"), action="thing.made", subject="things/1", n=number, s="é"
            )
    assert seal(as_worker, settings) == ENTRIES
    return settings


def flaws(database: Database, settings: Settings, *kept: chain.Head) -> list[tuple[int, str]]:
    """Return what verifying finds."""
    with database.transaction() as session:
        verdict = chain.verify(session, chain.SealKeys(settings.secret_keys), kept=kept)
    return [(flaw.position, flaw.what) for flaw in verdict.flaws]


def test_a_log_that_nobody_touched_has_no_flaw(
    log: Settings, as_owner: Database, as_worker: Database
) -> None:
    with as_owner.transaction() as session:
        kept = chain.head(session)
    assert kept.position == ENTRIES
    assert seal(as_worker, log) == 0
    assert flaws(as_owner, log, kept, chain.Head.parse(str(kept))) == []


def test_each_of_twenty_tamperings_shows_at_its_place(log: Settings, as_owner: Database) -> None:
    keys = chain.SealKeys(log.secret_keys)
    found = {}
    with as_owner.transaction() as session:
        for name, (statements, _) in TAMPERINGS.items():
            attempt = session.begin_nested()
            for statement in statements.split(";") if isinstance(statements, str) else statements:
                session.execute(text(statement))
            found[name] = [flaw.position for flaw in chain.verify(session, keys).flaws][:1]
            attempt.rollback()
    assert found == {name: [position] for name, (_, position) in TAMPERINGS.items()}
    assert len(TAMPERINGS) >= 20
    assert flaws(as_owner, log) == []


def test_cutting_off_the_end_shows_to_who_kept_the_head(log: Settings, as_owner: Database) -> None:
    with as_owner.transaction() as session:
        kept = chain.head(session)
        session.execute(text("DELETE FROM audit WHERE id > 6"))
        session.execute(text("DELETE FROM audit_seals WHERE position > 6"))
    assert flaws(as_owner, log) == []
    assert flaws(as_owner, log, kept) == [(ENTRIES, "cut off: its head was kept")]


def test_a_whole_new_chain_shows_to_who_kept_the_head(
    log: Settings, as_owner: Database, as_worker: Database
) -> None:
    with as_owner.transaction() as session:
        kept = chain.head(session)
        session.execute(text("UPDATE audit SET actor_label = 'somebody else' WHERE id = 2"))
        session.execute(text("DELETE FROM audit_seals"))
        session.execute(text("INSERT INTO audit_unsealed SELECT id FROM audit"))
    seal(as_worker, log)
    assert flaws(as_owner, log) == []
    assert flaws(as_owner, log, kept) == [(ENTRIES, "the chain is not the one whose head was kept")]


def test_keys_rotate(log: Settings, as_owner: Database, as_app: Database, as_worker: Database) -> None:
    newer = dataclasses.replace(log, secret_keys=("n" * 40, *log.secret_keys))
    with as_app.transaction() as session:
        record(session, actor=system_actor("test"), action="thing.made", subject="things/2")
    assert seal(as_worker, newer) == 1
    assert flaws(as_owner, newer) == []
    without_the_old = dataclasses.replace(newer, secret_keys=newer.secret_keys[:1])
    assert flaws(as_owner, without_the_old)[0] == (1, "sealed by a key that was not given")


def test_who_commits_late_is_sealed_later(as_app: Database, as_worker: Database, settings: Settings) -> None:
    with as_app.transaction() as slow:
        record(slow, actor=system_actor("slow"), action="thing.made", subject="things/1")
        slow.flush()
        with as_app.transaction() as fast:
            record(fast, actor=system_actor("fast"), action="thing.made", subject="things/2")
        assert seal(as_worker, settings) == 1
    assert seal(as_worker, settings) == 1
    assert flaws(as_app, settings) == []


@pytest.mark.parametrize("role", ["app", "worker"])
def test_nobody_who_runs_the_hub_can_change_a_seal(shared_settings: Settings, role: Role) -> None:
    database = Database.connect(shared_settings, role, pool_size=1)
    for statement in ("UPDATE audit_seals SET position = 99", "DELETE FROM audit_seals", "DELETE FROM audit"):
        with pytest.raises(ProgrammingError, match="denied"), database.transaction() as session:
            session.execute(text(statement))
    database.dispose()


def test_the_terminal_says_what_was_changed(log: Settings, as_owner: Database, tmp_path: Path) -> None:
    printed = at_terminal(log, "audit", "head", role="backup")
    assert printed.exit_code == 0, printed.output
    heads = tmp_path / "heads"
    heads.write_text(printed.output)
    fine = at_terminal(log, "audit", "verify", "--heads", str(heads), role="backup")
    assert fine.exit_code == 0, fine.output
    assert "8 sealed, 0 waiting for their seal, 0 flaw(s)" in fine.output
    with as_owner.transaction() as session:
        session.execute(text("UPDATE audit SET subject = 'things/2' WHERE id = 3"))
    changed = at_terminal(log, "audit", "verify", "--head", printed.output.strip(), role="backup")
    assert changed.exit_code == 1
    assert "position 3 (entry 3): the entry or its seal was changed" in changed.output
    assert at_terminal(log, "audit", "verify", "--head", "nonsense", role="backup").exit_code == 2
