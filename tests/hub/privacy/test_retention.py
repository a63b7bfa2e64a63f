"""What is kept for too long ends, and nothing before its time; a dry run only says so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from hub.privacy import retention
from hub.privacy.retention import LIMITS, apply_limits, count_over, end_batch
from tests.support.terminal import at_terminal
from workers.upkeep.chores import CHORES
from workers.upkeep.schedule import SCHEDULE

if TYPE_CHECKING:
    from tests.hub.visits.stage import Stage

OLD = {
    "request_keys": (
        "INSERT INTO request_keys (scope, key, fingerprint, created_at)"
        " VALUES ('person:1', :name, '', hub_now() - :age)"
    ),
    "sign_ins": (
        "INSERT INTO sign_ins (token_hash, person_id, expires_at)"
        " SELECT decode(md5(:name), 'hex'), min(id), hub_now() - :age FROM people"
    ),
    "used_challenges": (
        "INSERT INTO used_challenges (challenge_hash, used_at)"
        " VALUES (decode(md5(:name), 'hex'), hub_now() - :age)"
    ),
    "sign_in_throttles": (
        "INSERT INTO sign_in_throttles (bucket, first_failed_at) VALUES (:name, hub_now() - :age)"
    ),
    "api_tokens": (
        "INSERT INTO api_tokens (token_hash, prefix, person_id, label, expires_at)"
        " SELECT decode(md5(:name), 'hex'), :name, min(id), 'x', hub_now() - :age FROM people"
    ),
    "absences": (
        "INSERT INTO absences (person_id, days)"
        " SELECT min(id), daterange((hub_now() - :age)::date - 1, (hub_now() - :age)::date)"
        " FROM people WHERE :name <> ''"
    ),
    "password_asked_at": (
        "UPDATE people SET password_asked_at = hub_now() - :age"
        " WHERE id = (SELECT min(id) FROM people WHERE password_asked_at IS NULL AND :name <> '')"
    ),
    "import_parts": (
        "WITH made AS (INSERT INTO imports (kind, file_name, digest, created_at)"
        " VALUES ('people', :name, '', hub_now() - :age) RETURNING id)"
        " INSERT INTO import_parts (import_id, number, content) SELECT id, 0, '' FROM made"
    ),
    "imports": (
        "INSERT INTO imports (kind, file_name, digest, created_at)"
        " VALUES ('people', :name, '', hub_now() - :age)"
    ),
    "deliveries": (
        "INSERT INTO deliveries (kind, occurrence, address, state, settled_at)"
        " VALUES ('password', :name, 'somebody@example.id', 'sent', hub_now() - :age)"
    ),
}
"""How a row of this age is made; invitations have theirs below."""


def plant(stage: Stage, name: str, extra: str) -> None:
    """Make one row whose time is over by a day, and one that has a day left."""
    (limit,) = [one for one in LIMITS if one.name == name]
    with stage.owner.transaction() as session:
        for word, days in (("over", 2), ("left", -2)):
            made = OLD[name].replace(":age", f"interval '{limit.age.days + days} days'")
            session.execute(text(made), {"name": f"{word}{extra}"})


def over(stage: Stage) -> dict[str, int]:
    with stage.owner.transaction() as session:
        return {limit.name: count_over(session, limit) for limit in LIMITS}


@pytest.mark.parametrize("name", OLD)
def test_limit_ends_what_is_over_and_leaves_what_has_time(stage: Stage, name: str) -> None:
    (limit,) = [one for one in LIMITS if one.name == name]
    plant(stage, name, "")
    assert {key for key, rows in over(stage).items() if rows} == {name}
    before = stage.count(limit.table)
    with stage.owner.transaction() as session:
        session.execute(text("SET LOCAL ROLE hub_worker"))  # with a worker's rights
        assert end_batch(session, limit) == 1
        assert end_batch(session, limit) == 0
    assert stage.count(limit.table) == before - (0 if limit.emptied else 1)
    assert not any(over(stage).values())


def test_address_of_an_invitation_goes_two_years_after_its_answer_was_due(stage: Stage) -> None:
    stage.submit()
    assert not any(over(stage).values())
    with stage.owner.transaction() as session:
        session.execute(text("UPDATE invitations SET respond_by = hub_now() - interval '731 days'"))
    assert over(stage)["invitations"] == 1
    assert CHORES["retention"](stage.owner, stage.settings) == 1
    assert stage.count("invitations", "address = 'removed-' || id") == 1
    assert CHORES["retention"](stage.owner, stage.settings) == 0


def test_dry_run_says_the_same_and_changes_nothing(stage: Stage) -> None:
    for number, name in enumerate(OLD):
        plant(stage, name, str(number))
    said = at_terminal(stage.settings, "privacy", "retention", "--dry-run").output
    assert len(re.findall(r" 1 (?:deleted|\w+ emptied):", said)) == len(OLD)
    assert f"{len(OLD)} would go." in said
    assert sum(over(stage).values()) == len(OLD)
    done = at_terminal(stage.settings, "privacy", "retention").output
    assert f"{len(OLD)} gone." in done
    assert not any(over(stage).values())


def test_chores_of_the_hour_and_of_the_day_share_the_limits(stage: Stage) -> None:
    for number, name in enumerate(OLD):
        plant(stage, name, str(number))
    hourly = sum(limit.every == "hour" for limit in LIMITS)
    assert CHORES["purge"](stage.owner, stage.settings) == hourly
    assert CHORES["retention"](stage.owner, stage.settings) == len(OLD) - hourly
    assert {entry["args"][0] for entry in SCHEDULE.values() if "args" in entry} == set(CHORES)


def test_many_rows_go_in_batches(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 10)
    monkeypatch.setattr(end_batch, "__kwdefaults__", {"size": 10})
    (limit,) = [one for one in LIMITS if one.name == "sign_in_throttles"]
    with stage.owner.transaction() as session:
        session.execute(
            text(
                "INSERT INTO sign_in_throttles (bucket, first_failed_at)"
                " SELECT 'address:' || n, hub_now() - interval '3 days' FROM generate_series(1, 25) AS n"
            )
        )
    assert [rows for _, rows in apply_limits(stage.owner, [limit])] == [25]
    assert stage.count("sign_in_throttles", "bucket LIKE 'address:%'") == 0
