"""Erasing takes the name from everywhere it may, leaves what the office did, and says why it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from hub.audit import chain
from workers.upkeep.chores import seal

if TYPE_CHECKING:
    from tests.hub.visits.stage import Stage
    from tests.support.cast import Member

WHY = {"reason": "Atas permintaan tertulis yang bersangkutan."}


def one(stage: Stage, statement: str, **values: object) -> Any:
    with stage.owner.transaction() as session:
        return session.execute(text(statement), values).one()


def leave(stage: Stage, who: Member) -> None:
    """End every service: what the handover does before somebody may be erased."""
    with stage.owner.transaction() as session:
        session.execute(
            text("UPDATE appointments SET during = tstzrange(NULL, hub_now()) WHERE person_id = :id"),
            {"id": who.id},
        )


def acted(stage: Stage) -> Member:
    """Let the host's head sign in, answer, and leave the post; return them."""
    who = stage.cast.host_head
    submitted = stage.submit()
    client = stage.client(who)
    answer = f"invitations/{submitted['invitation_id']}/answer"
    assert client.post(answer, {"verdict": "declined", "reason": "Aula dipakai."}).status_code == 200
    assert client.post("tokens", {"label": "skrip rekap"}).status_code == 201
    leave(stage, who)
    return who


def whole_database(stage: Stage, *, but: tuple[str, ...] = ()) -> str:
    with stage.owner.transaction() as session:
        tables = session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
        return "\n".join(
            str(row)
            for table in tables
            if table not in but
            for row in session.execute(text(f'SELECT to_jsonb(t) FROM "{table}" AS t')).scalars()  # noqa: S608 -- its own tables
        )


def test_name_and_address_are_gone_and_the_post_stays(stage: Stage) -> None:
    who = acted(stage)
    assert who.name in whole_database(stage)
    admin = stage.client(stage.cast.admin)
    path = f"/people/{who.id}/erase"
    preview = admin.get(path).get_data(as_text=True)
    assert who.name in preview
    assert "Akibat penghapusan" in preview
    assert stage.count("people", "erased_at IS NOT NULL") == 0
    assert admin.post_form(path, WHY).status_code == 303
    left = whole_database(stage, but=("audit",))
    assert who.name not in left
    assert who.email not in left
    assert one(stage, "SELECT answered_by FROM answers")[0] == f"Mantan pejabat ({who.title})"
    label = one(stage, "SELECT actor_label FROM events WHERE type = 'invitation.declined'")[0]
    assert label == f"Mantan pejabat ({who.title})"
    assert stage.count("appointments", f"person_id = {who.id}") == 1
    for table in ("sign_ins", "api_tokens", "notifications", "inbox_marks", "recovery_codes"):
        column = "recipient_id" if table == "notifications" else "person_id"
        assert stage.count(table, f"{column} = {who.id}") == 0, table


def test_entry_of_the_audit_log_says_who_did_it_and_why_and_the_chain_still_fits(stage: Stage) -> None:
    who = acted(stage)
    with stage.owner.transaction() as session:
        before = session.execute(text("SELECT id, to_jsonb(audit)::text FROM audit ORDER BY id")).all()
    stage.client(stage.cast.admin).post_form(f"/people/{who.id}/erase", WHY)
    actor_id, detail = one(
        stage,
        "SELECT actor_id, detail FROM audit WHERE action = 'person.erased' AND subject = :s",
        s=f"people/{who.id}",
    )
    assert actor_id == stage.cast.admin.id
    assert detail["reason"] == WHY["reason"]
    assert detail["rows"]["sign_ins"] == 1
    assert who.name not in str(detail)
    with stage.owner.transaction() as session:
        after = session.execute(text("SELECT id, to_jsonb(audit)::text FROM audit ORDER BY id")).all()
    assert after[: len(before)] == before  # nothing that was recorded has changed
    seal(stage.owner, stage.settings)
    with stage.owner.transaction() as session:
        assert chain.verify(session, chain.SealKeys(stage.settings.secret_keys)).flaws == ()


def test_erased_person_is_out_and_stays_out(stage: Stage) -> None:
    who = acted(stage)
    browser = stage.client(who)
    assert browser.get("me").status_code == 200
    stage.client(stage.cast.admin).post_form(f"/people/{who.id}/erase", WHY)
    assert browser.get("me").status_code == 401
    assert browser.sign_in(who).status_code == 401


def test_who_still_serves_is_not_erased_and_it_says_where(stage: Stage) -> None:
    who = stage.cast.host_head
    admin = stage.client(stage.cast.admin)
    refused = admin.post_form(f"/people/{who.id}/erase", WHY)
    page = refused.get_data(as_text=True)
    assert refused.status_code == 409
    assert f"masih bertugas sebagai {who.title} ({stage.cast.host.name})" in page
    assert f'href="/facilities/{who.facility_id}/posts"' in page
    assert "Hapus data orang ini" not in page
    assert stage.count("people", "erased_at IS NOT NULL") == 0
    assert stage.count("sign_ins", f"person_id = {who.id}") == 0


def test_who_will_serve_again_is_not_erased(stage: Stage) -> None:
    who = stage.cast.host_head
    with stage.owner.transaction() as session:
        session.execute(
            text(
                "UPDATE appointments SET during = tstzrange(hub_now() + interval '9 days', NULL)"
                " WHERE person_id = :id"
            ),
            {"id": who.id},
        )
    assert stage.client(stage.cast.admin).post_form(f"/people/{who.id}/erase", WHY).status_code == 409


def test_overseers_and_oneself_are_not_erased(stage: Stage) -> None:
    admin = stage.client(stage.cast.admin)
    for who in (stage.cast.overseer, stage.cast.admin):
        leave(stage, who)
        assert admin.post_form(f"/people/{who.id}/erase", WHY).status_code == 409
    assert stage.count("people", "erased_at IS NOT NULL") == 0


def test_second_time_says_so(stage: Stage) -> None:
    who = acted(stage)
    admin = stage.client(stage.cast.admin)
    assert admin.post_form(f"/people/{who.id}/erase", WHY).status_code == 303
    again = admin.post_form(f"/people/{who.id}/erase", WHY)
    assert again.status_code == 409
    assert "sudah dihapus sebelumnya" in again.get_data(as_text=True)
    assert stage.count("audit", "action = 'person.erased'") == 1


def test_without_a_reason_nothing_is_done(stage: Stage) -> None:
    who = acted(stage)
    assert stage.client(stage.cast.admin).post_form(f"/people/{who.id}/erase", {}).status_code == 422
    assert stage.count("people", "erased_at IS NOT NULL") == 0


@pytest.mark.parametrize("who", ["guest_head", "overseer", "stranger"])
def test_only_administrators_erase(stage: Stage, who: str) -> None:
    client = stage.client(getattr(stage.cast, who))
    path = f"/people/{stage.cast.host_work.id}/erase"
    assert client.get(path).status_code == 403
    assert client.post_form(path, WHY).status_code == 403
    assert client.get("/privacy/people?q=a").status_code == 403


def test_events_cannot_be_changed_by_any_other_way(stage: Stage) -> None:
    acted(stage)
    for statement in (
        "UPDATE events SET actor_label = 'somebody else'",
        "UPDATE events SET data = '{}'",
        "DELETE FROM events",
    ):
        with pytest.raises(DBAPIError, match="permission denied"), stage.transaction() as session:
            session.execute(text(statement))
    who = stage.cast.guest_head
    with stage.transaction() as session:
        assert session.execute(text("SELECT forget_actor(:id)"), {"id": who.id}).scalar_one() == 0
    assert stage.count("events", "actor_label LIKE 'Mantan%'") == 0


def test_list_finds_people_and_not_by_wildcards(stage: Stage) -> None:
    admin = stage.client(stage.cast.admin)
    who = stage.cast.host_head
    assert f"/people/{who.id}/erase" in admin.get(f"/privacy/people?q={who.email}").get_data(as_text=True)
    assert "Tidak ada yang bernama demikian" in admin.get("/privacy/people?q=%25%25").get_data(as_text=True)
