"""The audit log as a page: for administrators and auditors, by thing and by person."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from hub.accounts.commands.people import grant
from hub.actor import system_actor
from hub.audit.record import record
from hub.console.wording import ACTS
from tests.support.client import HubClient
from tests.support.services import ROOT

if TYPE_CHECKING:
    from hub.db.transaction import Database
    from hub.web.application import HubFlask
    from tests.support.cast import Cast


def test_every_act_that_is_recorded_has_its_words() -> None:
    recorded = {
        keyword.value.value
        for folder in ("hub", "workers")
        for path in (ROOT / folder).rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "record"
        for keyword in call.keywords
        if keyword.arg == "action" and isinstance(keyword.value, ast.Constant)
    }
    assert len(recorded) > 20
    assert recorded <= set(ACTS)


def test_only_administrators_and_auditors_read_it(app: HubFlask, cast: Cast, as_app: Database) -> None:
    assert HubClient(app).signed_in(cast.guest_head).get("/operations/audit").status_code == 403
    assert HubClient(app).signed_in(cast.overseer).get("/operations/audit").status_code == 403
    with as_app.transaction() as session:
        grant(session, actor=system_actor("test"), person_id=cast.stranger.id, role="auditor")
    auditor = HubClient(app).signed_in(cast.stranger)
    assert auditor.get("/operations/audit").status_code == 200
    assert auditor.get("/operations").status_code == 403
    assert "/operations/audit" in auditor.get("/home").get_data(as_text=True)


def test_it_is_searched_by_thing_and_by_person(app: HubFlask, cast: Cast, as_app: Database) -> None:
    head = cast.guest_head.actor()
    with as_app.transaction() as session:
        session.info["origin"] = "198.51.100.7"
        for number in range(3):
            record(session, actor=head, action="post.created", subject=f"posts/9{number}", n=number)
        after = {"person_id": cast.stranger.id}
        record(
            session, actor=system_actor("night"), action="post.handed_over", subject="posts/90", after=after
        )
    admin = HubClient(app).signed_in(cast.admin)

    def found(**asked: str) -> str:
        return admin.get("/operations/audit", query=dict(asked)).get_data(as_text=True)

    page = found(about="posts/91")
    assert "198.51.100.7" in page
    assert "posts/92" not in page
    assert "posts/90" in found(about=f"people/{cast.stranger.id}")
    assert "posts/92" not in found(about=f"people/{cast.stranger.id}")
    assert "posts/91" in found(who="sekar")
    assert "Tidak ada yang cocok" in found(who="100%")
    first = found(limit="2")
    following = first.partition('href="/operations/audit?after=')[2].partition('"')[0]
    assert following
    assert admin.get(f"/operations/audit?after={following}").status_code == 200
    assert admin.get("/operations/audit?after=nonsense").status_code == 422
