"""People from a list: what a line may say, who may say it, what is written and what is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text, update

from hub.accounts.models import Person
from hub.errors import Conflict, Forbidden, NotFound
from hub.imports.commands import importing
from hub.imports.working import work
from tests.hub.imports.conftest import as_csv

if TYPE_CHECKING:
    from tests.hub.imports.conftest import Desk


def person(desk: Desk, email: str) -> Person | None:
    with desk.app.transaction() as session:
        return session.scalar(select(Person).where(Person.email == email))


def test_new_people_get_an_account_a_post_and_a_mail(desk: Desk) -> None:
    admin, unit = desk.cast.admin.actor(), desk.cast.host.name
    content = as_csv(
        [
            ("Sari Utami", "sari.utami@example.id", unit, "Kasubsi Kegiatan Kerja Baru", "seksi", ""),
            ("Joko Lelono", "joko.lelono@example.id", unit, "Staf Baru", "staf", ""),
            ("Wati Asih", "wati.asih@example.id", unit, "Staf Baru", "staf", ""),
            ("Tanpa Pos", "tanpa.pos@example.id", "", "", "", ""),
        ]
    )
    number = desk.preview(content, actor=admin)
    assert set(desk.verdicts(number).values()) == {"new"}
    assert desk.see(number).state == "previewed"
    assert person(desk, "sari.utami@example.id") is None
    assert desk.count("deliveries") == 0
    desk.confirm(number, actor=admin)
    one = desk.see(number)
    assert (one.state, one.position) == ("applied", 4)
    assert {row.outcome for row in desk.rows(number).values()} == {"applied"}
    made = person(desk, "sari.utami@example.id")
    assert made is not None
    assert made.iana_zone == desk.cast.host.zone
    assert desk.count("deliveries", "kind = 'password' AND state = 'due'") == 4
    assert desk.count("posts", "title = 'Staf Baru' AND is_pool") == 1
    assert desk.count("appointments", f"person_id = {made.id} AND during @> hub_now()") == 1
    assert desk.count("import_parts") == 0
    assert desk.count("audit", "action IN ('import.confirmed', 'import.applied')") == 2


def test_same_list_again_changes_nothing(desk: Desk) -> None:
    admin, unit = desk.cast.admin.actor(), desk.cast.host.name
    content = as_csv([("Sari Utami", "sari@example.id", unit, "Kasubsi Baru", "seksi", "")])
    desk.confirm(desk.preview(content, actor=admin), actor=admin)
    again = desk.preview(content, actor=admin)
    assert set(desk.verdicts(again).values()) == {"unchanged"}
    with pytest.raises(Conflict), desk.app.transaction() as session:
        importing.confirm(session, actor=admin, import_id=again)


def test_lines_that_cannot_be_taken_say_why(desk: Desk) -> None:
    cast = desk.cast
    admin, unit = cast.admin.actor(), cast.host.name
    content = as_csv(
        [
            ("A", "bukan surel", unit, "Staf", "", ""),
            ("", "b@example.id", unit, "Staf", "", ""),
            ("C", "c@example.id", "Lapas Entah", "Staf", "", ""),
            ("D", "d@example.id", unit, "Jabatan Entah", "", ""),
            ("E", "e@example.id", unit, "Jabatan Entah", "raja", ""),
            ("F", "f@example.id", unit, cast.host_work.title, "", "kemarin"),
            ("G", "g@example.id", unit, cast.host_work.title, "", ""),
            ("H", "h@example.id", unit, "", "", ""),
            ("=1+1", "i@example.id", unit, "Staf", "", ""),
            ("J", "j@example.id", "", "", "", ""),
            ("K", "J@example.id", "", "", "", ""),
            ("L", "l@example.id", unit, "Pos Lama", "staf", "2001-01-01"),
            (cast.guest_assets.name, cast.guest_assets.email, unit, "Pos Baru", "seksi", ""),
        ]
    )
    number = desk.preview(content, actor=admin)
    assert list(desk.verdicts(number).values()) == [
        *["rejected"] * 6,
        "ambiguous",
        *["rejected"] * 2,
        "new",
        "ambiguous",
        "rejected",
        "ambiguous",
    ]
    rows = desk.rows(number)
    assert all(row.reason for row in rows.values() if row.verdict in ("rejected", "ambiguous"))
    assert rows[8].reason_values == {"name": cast.host_work.name}
    assert rows[12].reason_values == {"line": 11}
    assert rows[11].cells is None
    assert rows[10].cells is not None


def test_head_imports_their_own_unit_only(desk: Desk) -> None:
    cast = desk.cast
    head = cast.host_head.actor()
    content = as_csv(
        [
            ("A", "a@example.id", cast.host.name, "Staf Baru", "staf", ""),
            ("B", "b@example.id", cast.guest.name, "Staf Baru", "staf", ""),
            ("C", "c@example.id", cast.host.name, cast.host_head.title, "", ""),
            ("D", "d@example.id", "", "", "", ""),
            ("Nama Lain", cast.guest_assets.email, cast.host.name, "Staf Baru", "staf", ""),
        ]
    )
    number = desk.preview(content, actor=head)
    assert list(desk.verdicts(number).values()) == ["new", *["rejected"] * 3, "ambiguous"]
    desk.confirm(number, actor=head)
    assert desk.count("people", "email = 'a@example.id'") == 1
    assert desk.count("people", "email IN ('b@example.id', 'c@example.id', 'd@example.id')") == 0
    for nobody in (cast.host_work, cast.overseer, cast.stranger):
        with pytest.raises((Forbidden, NotFound)), desk.app.transaction() as session:
            importing.undo(session, actor=nobody.actor(), import_id=number)
    with pytest.raises(Forbidden):
        desk.bring(content, actor=cast.host_work.actor())


def test_right_that_is_gone_when_it_is_applied_writes_nothing(desk: Desk) -> None:
    head = desk.cast.host_head.actor()
    content = as_csv([("A", "a@example.id", desk.cast.host.name, "Staf Baru", "staf", "")])
    number = desk.preview(content, actor=head)
    with desk.app.transaction() as session:
        session.execute(text("UPDATE people SET is_active = false WHERE id = :id"), {"id": head.person_id})
        importing.confirm(session, actor=head, import_id=number)
    assert desk.count("imports", "state = 'applying'") == 1
    work(desk.worker)
    assert desk.see(number).state == "failed"
    assert desk.count("people", "email = 'a@example.id'") == 0


def test_undo_takes_back_what_nobody_used(desk: Desk) -> None:
    cast = desk.cast
    admin = cast.admin.actor()
    people_before = desk.count("people")
    content = as_csv(
        [
            ("Baru Satu", "satu@example.id", cast.host.name, "Pos Baru", "seksi", ""),
            ("Baru Dua", "dua@example.id", cast.host.name, "Pos Dua", "seksi", ""),
            ("Nama Baru", cast.host_work.email, cast.host.name, cast.host_work.title, "", ""),
        ]
    )
    number = desk.preview(content, actor=admin)
    assert list(desk.verdicts(number).values()) == ["new", "new", "changed"]
    desk.confirm(number, actor=admin)
    renamed = person(desk, cast.host_work.email)
    assert renamed is not None
    assert renamed.name == "Nama Baru"
    with desk.app.transaction() as session:
        session.execute(
            update(Person).where(Person.email == "dua@example.id").values(password_hash="somebody's")
        )
    desk.undo(number, actor=admin)
    rows = desk.rows(number)
    assert [rows[line].outcome for line in (2, 3, 4)] == ["undone", "kept", "undone"]
    assert rows[3].reason == "has signed in since"
    assert desk.see(number).state == "undone"
    closed = person(desk, "satu@example.id")
    assert closed is not None
    assert not closed.is_active
    assert desk.count("posts", "title = 'Pos Baru'") == 0
    assert desk.count("posts", "title = 'Pos Dua'") == 1
    assert desk.count("people") == people_before + 2
    back = person(desk, cast.host_work.email)
    assert back is not None
    assert back.name == cast.host_work.name
    assert desk.count("deliveries", "address = 'satu@example.id' AND state = 'skipped'") == 1
    again = desk.preview(content, actor=admin)
    assert list(desk.verdicts(again).values()) == ["new", "unchanged", "changed"]
    desk.confirm(again, actor=admin)
    opened = person(desk, "satu@example.id")
    assert opened is not None
    assert opened.is_active
    assert desk.count("appointments", f"person_id = {opened.id}") == 1


def test_what_changed_after_the_preview_is_refused_by_itself(desk: Desk) -> None:
    cast = desk.cast
    admin = cast.admin.actor()
    content = as_csv(
        [
            ("A", "a@example.id", cast.host.name, "Pos Baru", "seksi", ""),
            ("B", "b@example.id", cast.host.name, "Pos Baru", "seksi", ""),
        ]
    )
    number = desk.preview(content, actor=admin)
    desk.confirm(number, actor=admin)
    rows = desk.rows(number)
    assert [rows[line].outcome for line in (2, 3)] == ["applied", "refused"]
    assert rows[3].reason_values == {"name": "A"}
    assert desk.count("people", "email = 'b@example.id'") == 0
    assert desk.count("deliveries", "address = 'b@example.id'") == 0
