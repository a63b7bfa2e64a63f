"""What is probably one unit is shown to who keeps the registry, and to whoever enters it a second time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from hub.errors import Forbidden, NotFound
from hub.facilities import duplicates
from hub.facilities.merging import merge
from hub.facilities.models import Facility
from tests.support.cast import add_unit

if TYPE_CHECKING:
    from hub.db.transaction import Database
    from tests.hub.visits.stage import Stage
    from tests.support.cast import Unit


@dataclass(frozen=True, slots=True)
class Entered:
    """A facility that somebody is about to enter."""

    name: str
    kind: str


@pytest.fixture
def double(stage: Stage) -> Unit:
    """Return the guest as somebody entered it a second time, without its class."""
    with stage.owner.transaction() as session:
        return add_unit(session, "RUTAN  Kelas IIB Purbalinga", "rutan", region=stage.cast.region)


def shown(stage: Stage, *, is_dismissed: bool = False) -> list[tuple[int, int]]:
    with stage.transaction() as session:
        return [(one.one.id, one.other.id) for one in duplicates.pairs(session, is_dismissed=is_dismissed)]


def in_one_town(stage: Stage) -> None:
    with stage.owner.transaction() as session:
        for facility in session.scalars(select(Facility)):
            facility.area_text = " purbalingga"


def test_names_that_differ_by_a_letter_in_one_town_are_a_pair_until_said_to_be_two(
    stage: Stage, double: Unit
) -> None:
    assert shown(stage) == []
    in_one_town(stage)
    pair = (stage.cast.guest.id, double.id)
    assert shown(stage) == [pair]
    client = stage.client(stage.cast.admin)
    page = client.get("/facilities/duplicates").text
    assert f"/facilities/{double.id}/merge?into={stage.cast.guest.id}" in page
    form = {"one_id": double.id, "other_id": stage.cast.guest.id}
    for _ in range(2):
        assert client.post_form("/facilities/duplicates/dismiss", form).status_code == 303
    assert (shown(stage), shown(stage, is_dismissed=True)) == ([], [pair])
    assert double.name in client.get("/facilities/duplicates", query={"dismissed": "true"}).text
    assert client.post_form("/facilities/duplicates/restore", form).status_code == 303
    assert (shown(stage), shown(stage, is_dismissed=True)) == ([pair], [])
    assert stage.count("audit", "action = 'facilities.said_distinct'") == 1
    with stage.transaction() as session:
        merge(session, actor=stage.cast.admin.actor(), facility_id=double.id, into_id=stage.cast.guest.id)
    assert shown(stage) == []


def test_a_name_that_two_share_makes_them_a_pair_wherever_they_are(stage: Stage) -> None:
    with stage.owner.transaction() as session:
        one = add_unit(session, "Yayasan Harapan Bangsa", "foundation")
        other = add_unit(session, "Yayasan Harapan-Bangsa", "foundation", zone="Asia/Makassar")
        add_unit(session, "YAYASAN HARAPAN BANGSA", "company")
    assert shown(stage) == [(one.id, other.id)]


def test_only_administrators_say_that_two_are_two(stage: Stage, double: Unit) -> None:
    client = stage.client(stage.cast.overseer)
    assert client.get("/facilities/duplicates").status_code == 403
    pair = {"one_id": double.id, "other_id": stage.cast.guest.id}
    assert client.post_form("/facilities/duplicates/dismiss", pair).status_code == 403
    with stage.transaction() as session:
        with pytest.raises(Forbidden):
            duplicates.dismiss(session, actor=stage.cast.overseer.actor(), **pair)
        for other_id in (double.id, 10**9):
            with pytest.raises(NotFound):
                duplicates.dismiss(
                    session, actor=stage.cast.admin.actor(), one_id=double.id, other_id=other_id
                )


@pytest.mark.parametrize(
    ("name", "kind", "likely"),
    [
        ("rutan kelas iib PURBALINGGA", "rutan", "Rutan Kelas IIB Purbalingga"),
        ("Rutan Purbalinga", "rutan", "Rutan Kelas IIB Purbalingga"),
        ("Rutan Kelas IIA Purbalingga", "rutan", "Rutan Kelas IIB Purbalingga"),
        ("Lapas Purwokreto", "lapas", "Lapas Kelas IIA Purwokerto"),
        ("Lembaga Pemasyarakatan Purwokerto", "lapas", "Lapas Kelas IIA Purwokerto"),
    ],
)
def test_who_enters_a_unit_again_is_shown_the_one_that_is_there(
    registry: Database, name: str, kind: str, likely: str
) -> None:
    with registry.transaction() as session:
        assert duplicates.candidates(session, Entered(name, kind))[0].name == likely


def test_who_enters_something_new_is_shown_nothing(registry: Database) -> None:
    with registry.transaction() as session:
        assert duplicates.candidates(session, Entered("Koperasi Mekar Sentosa Abadi", "cooperative")) == []


def test_the_real_registry_has_few_pairs_that_look_alike(registry: Database) -> None:
    with registry.transaction() as session:
        found = duplicates.pairs(session)
    assert len(found) <= 10, [(pair.one.name, pair.other.name) for pair in found]
