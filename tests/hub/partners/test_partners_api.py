"""Partner records through the API and the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from hub.accounts.models import Person
from hub.cli.partners import partners
from hub.facilities.models import Facility
from hub.partners.records import record
from tests.support import world
from tests.support.client import HubClient

if TYPE_CHECKING:
    import uuid

    from config.settings import Settings
    from hub.db.transaction import Database
    from hub.web.application import HubFlask
    from tests.support.cast import Cast, Member


@pytest.fixture
def events(as_app: Database, as_worker: Database, cast: Cast) -> list[uuid.UUID]:
    """Let the guest visit the host, and another unit ask the guest."""
    with as_app.transaction() as session:
        guest, host, elsewhere = (
            session.get_one(Facility, unit.id) for unit in (cast.guest, cast.host, cast.elsewhere)
        )
        head = session.get_one(Person, cast.guest_head.id)
        story = world.story(session, guest, host, opened_by=head, themes=("rehabilitasi",))
        other = world.story(session, elsewhere, guest, opened_by=head, themes=("bapas", "gone"))
        made = [
            world.submitted(session, story, by=head),
            world.held(session, story, by=head),
            world.submitted(session, other, by=head),
        ]
    with as_worker.transaction() as session:
        record(session, made)
    return made


def player(app: HubFlask, member: Member) -> HubClient:
    return HubClient(app).signed_in(member)


def read(client: HubClient, path: str, **query: object) -> Any:
    response = client.get(path, query=query)
    assert response.status_code == 200, response.get_data(as_text=True)
    return response.get_json()


def test_partners_are_listed_page_by_page(app: HubFlask, cast: Cast, events: list[uuid.UUID]) -> None:
    assert events
    client = player(app, cast.guest_head)
    first = read(client, "partners", facility_id=cast.guest.id, limit=1)
    second = read(client, "partners", facility_id=cast.guest.id, limit=1, after=first["next"])
    found = {item["partner"]: item for item in first["items"] + second["items"]}
    assert set(found) == {cast.host.name, cast.elsewhere.name}
    assert second["next"] is None
    assert found[cast.host.name]["visits_made"] == 1
    assert [theme["name"] for theme in found[cast.elsewhere.name]["themes"]] == [
        "Pembimbingan kemasyarakatan",
        "gone",
    ]


def test_record_shows_its_timeline_from_each_side(app: HubFlask, cast: Cast, events: list[uuid.UUID]) -> None:
    for member, unit, partner in (
        (cast.guest_head, cast.guest, cast.host),
        (cast.host_work, cast.host, cast.guest),
        (cast.overseer, cast.host, cast.guest),
        (cast.admin, cast.host, cast.guest),
    ):
        client = player(app, member)
        first = read(client, f"partners/{unit.id}/{partner.id}", limit=1)
        assert [entry["event_id"] for entry in first["timeline"]["items"]] == [str(events[1])]
        after = first["timeline"]["next"]
        second = read(client, f"partners/{unit.id}/{partner.id}", limit=1, after=after)["timeline"]
        assert [entry["event_id"] for entry in second["items"]] == [str(events[0])]
        assert second["next"] is None


def test_records_of_others_are_not_found(app: HubFlask, cast: Cast, events: list[uuid.UUID]) -> None:
    assert events
    stranger = player(app, cast.stranger)
    for path in (f"partners?facility_id={cast.guest.id}", f"partners/{cast.guest.id}/{cast.host.id}"):
        assert stranger.get(path).status_code == 404
    guest = player(app, cast.guest_head)
    assert guest.get(f"partners/{cast.host.id}/{cast.guest.id}").status_code == 404, "that is the host's view"
    assert guest.get(f"partners/{cast.guest.id}/{cast.other_region.id}").status_code == 404
    assert guest.get("partners").status_code == 422


def test_rebuild_at_the_command_line_says_what_differs(
    settings: Settings, as_owner: Database, events: list[uuid.UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert events
    monkeypatch.setattr("hub.cli.connection.Settings.from_env", lambda: settings)
    run = CliRunner().invoke
    assert run(partners, ["rebuild", "--dry-run"]).output == "4 record(s): nothing would change.\n"
    with as_owner.transaction() as session:
        session.execute(text("UPDATE partner_records SET visits_made = 7 WHERE visits_made = 1"))
    dry = run(partners, ["rebuild", "--dry-run"]).output
    assert "visits_made: 7 → 1" in dry
    assert run(partners, ["rebuild"]).output == dry.replace("would change", "changed")
    assert "nothing changed" in run(partners, ["rebuild"]).output
