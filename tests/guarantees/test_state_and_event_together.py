"""A state change and its event exist together or not at all, whenever the process ends."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.ledger import counts
from tests.support.publishing import World, publish_one

if TYPE_CHECKING:
    from hub.db.transaction import Database
    from tests.support.fleet import Fleet

PUBLISH = """
import ast, sys
from config.settings import Settings
from hub import registry
from hub.db.transaction import Database
from tests.support.publishing import World, publish_one
from tests.support.everybody import EVERYBODY
database = Database.connect(Settings.from_env(), "app", acting=EVERYBODY)
world = World(**ast.literal_eval(sys.argv[1]))
with database.transaction() as session:
    print("publishing", publish_one(session, world), flush=True)
print("committed", flush=True)
"""


def as_argument(world: World) -> str:
    return repr({name: getattr(world, name) for name in World.__dataclass_fields__})


@pytest.mark.parametrize(("point", "kept"), [("before_commit", 0), ("after_commit", 1)])
def test_process_killed_at_commit_leaves_all_or_nothing(
    fleet: Fleet, owner: Database, world: World, point: str, kept: int
) -> None:
    publisher = fleet.start(
        "publisher", (sys.executable, "-c", PUBLISH, as_argument(world)), HUB_CRASH_AT=f"{point}:1"
    )
    assert publisher.wait_for_end() == -9
    assert publisher.said("publishing"), "the work was in flight"
    assert not publisher.said("committed")
    with owner.transaction() as session:
        visits = session.connection().exec_driver_sql("SELECT count(*) FROM visits").scalar_one()
    seen = counts(owner)
    assert (visits, seen.events, seen.reactions) == (kept, kept, 3 * kept)


def test_command_that_fails_after_its_event_leaves_neither(app_database: Database, world: World) -> None:
    def conclude() -> None:
        with app_database.transaction() as session:
            publish_one(session, world)
            raise LookupError("something later in the same request")

    with pytest.raises(LookupError):
        conclude()
    seen = counts(app_database)
    assert (seen.events, seen.reactions) == (0, 0)
