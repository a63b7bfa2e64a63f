"""A unit's head says what it is good at and where its mail goes; others find it by that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from tests.hub.visits.test_proposal_pages import page_of, version_in

if TYPE_CHECKING:
    from tests.hub.visits.stage import Stage
    from tests.support.cast import Member

FISHERY = "ketahanan_pangan.perikanan"


def path_of(stage: Stage) -> str:
    """Return the address of the host's form."""
    return f"/facilities/{stage.cast.host.id}/describe"


def typed(stage: Stage, who: Member, **changes: object) -> dict[str, object]:
    """Return the form as its page was opened, filled in."""
    version = version_in(page_of(stage.client(who), path_of(stage)))
    body: dict[str, object] = {"themes": ["", FISHERY, "rehabilitasi"], "mailbox": "surat@lapas.test"}
    return {**body, "_version": version, **changes}


def kept(stage: Stage) -> tuple[list[str], str, int]:
    """Return themes, mailbox and version of the host."""
    with stage.owner.transaction() as session:
        query = text("SELECT themes, mailbox, version FROM facilities WHERE id = :id")
        themes, mailbox, version = session.execute(query, {"id": stage.cast.host.id}).one()
    return themes, mailbox, version


def test_head_says_it_and_another_head_finds_the_unit_by_theme(stage: Stage) -> None:
    cast = stage.cast
    page = page_of(stage.client(cast.guest_head), f"/facilities?theme={FISHERY}")
    assert cast.host.name not in page
    head = stage.client(cast.host_head)
    assert f'href="{path_of(stage)}"' in page_of(head, f"/facilities/{cast.host.id}")
    assert ">Simpan</button>" in page_of(head, path_of(stage))
    before = kept(stage)
    answer = head.post_form(path_of(stage), typed(stage, cast.host_head))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    assert kept(stage) == (["rehabilitasi", FISHERY], "surat@lapas.test", before[2] + 1)
    assert cast.host.name in page_of(stage.client(cast.guest_head), f"/facilities?theme={FISHERY}")
    assert "Ketahanan pangan: Perikanan" in page_of(
        stage.client(cast.stranger), f"/facilities/{cast.host.id}"
    )
    assert stage.count("audit", "action = 'facility.described' AND actor_id = :id", id=cast.host_head.id) == 1


def test_the_same_again_is_no_change(stage: Stage) -> None:
    head = stage.client(stage.cast.host_head)
    for _ in range(2):
        assert head.post_form(path_of(stage), typed(stage, stage.cast.host_head)).status_code == 303
    assert stage.count("audit", "action = 'facility.described'") == 1


@pytest.mark.parametrize(
    ("who", "status"),
    [("overseer", 303), ("admin", 303), ("host_work", 403), ("guest_head", 403), ("stranger", 403)],
)
def test_only_its_head_and_who_looks_after_it_may(stage: Stage, who: str, status: int) -> None:
    before = kept(stage)
    member = getattr(stage.cast, who)
    body = {"themes": FISHERY, "mailbox": "a@lapas.test", "_version": str(before[2])}
    assert stage.client(member).post_form(path_of(stage), body).status_code == status
    page_of(stage.client(member), path_of(stage), 200 if status == 303 else 403)
    assert (kept(stage) == before) == (status == 403)


@pytest.mark.parametrize(
    "wrong", [{"mailbox": "bukan alamat"}, {"mailbox": "=?utf-8?q?a?=@lapas.test"}, {"themes": ["tidak.ada"]}]
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(stage: Stage, wrong: dict[str, object]) -> None:
    before = kept(stage)
    head = stage.client(stage.cast.host_head)
    answer = head.post_form(path_of(stage), typed(stage, stage.cast.host_head) | wrong)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="errors"' in page
    if "mailbox" in wrong:
        assert f'value="{wrong["mailbox"]}"' in page
    assert kept(stage) == before


def test_who_was_slower_sees_both_and_can_send_again(stage: Stage) -> None:
    slow = typed(stage, stage.cast.overseer, mailbox="kanwil@pas.test")
    head = stage.client(stage.cast.host_head)
    assert head.post_form(path_of(stage), typed(stage, stage.cast.host_head)).status_code == 303
    overseer = stage.client(stage.cast.overseer)
    answer = overseer.post_form(path_of(stage), slow)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 412
    assert "kanwil@pas.test" in page
    assert "surat@lapas.test" in page
    again = overseer.post_form(path_of(stage), slow | {"_version": version_in(page)})
    assert again.status_code == 303
    assert kept(stage)[1] == "kanwil@pas.test"
