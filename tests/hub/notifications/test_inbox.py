"""The inbox: newest first, in the reader's words, and read all at once or one by one."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from hub.messaging.subscriptions import NOTIFY, SUBSCRIPTIONS
from hub.notifications import commands, queries
from hub.notifications.telling import tell
from hub.notifications.wording import MANNERS
from tests.hub.notifications.stage import Told

if TYPE_CHECKING:
    from hub.db.transaction import Database
    from hub.web.application import HubFlask
    from tests.support.cast import Cast, Member

from tests.support.client import HubClient


def player(app: HubFlask, member: Member) -> HubClient:
    return HubClient(app).signed_in(member)


def read(client: HubClient, path: str, **query: object) -> Any:
    response = client.get(path, query=query)
    assert response.status_code == 200, response.get_data(as_text=True)
    return response.get_json()


def test_inbox_tells_newest_first_with_the_next_thing_to_do(
    app: HubFlask, as_app: Database, as_worker: Database, cast: Cast
) -> None:
    told = Told(as_app, as_worker, cast, 3)
    client = player(app, cast.host_head)
    first = read(client, "inbox", limit=2)
    second = read(client, "inbox", limit=2, after=first["next"])
    items = first["items"] + second["items"]
    assert [item["event_id"] for item in items] == [str(event) for event in reversed(told.events)]
    assert second["next"] is None
    oldest = items[-1]
    assert oldest["sentence"].startswith(f"{cast.guest.name} mengajukan kunjungan ke {cast.host.name}")
    assert oldest["action"]["href"] == f"/collaborations/{told.story.collaboration.id}"
    assert read(player(app, cast.guest_head), "inbox")["items"] == [], "who did it is not told"
    assert read(player(app, cast.stranger), "inbox")["items"] == []


def test_reading_one_and_reading_all(
    app: HubFlask, as_app: Database, as_worker: Database, cast: Cast
) -> None:
    told = Told(as_app, as_worker, cast, 3)
    client = player(app, cast.host_head)
    assert read(client, "inbox/unread") == {"count": 3, "label": "3"}
    answer = client.post(f"inbox/{told.events[1]}/read")
    assert answer.get_json() == {"count": 2, "label": "2"}
    unread = read(client, "inbox", unread="true")["items"]
    assert [item["event_id"] for item in unread] == [str(told.events[2]), str(told.events[0])]
    assert client.post("inbox/read-all").get_json() == {"count": 0, "label": "0"}
    assert read(client, "inbox", unread="true")["items"] == []
    assert {item["is_read"] for item in read(client, "inbox")["items"]} == {True}
    assert read(player(app, cast.overseer), "inbox/unread")["count"] == 3, "everybody reads for themselves"


def test_notification_of_somebody_else_is_not_found(
    app: HubFlask, as_app: Database, as_worker: Database, cast: Cast
) -> None:
    told = Told(as_app, as_worker, cast, 1)
    for member in (cast.guest_head, cast.stranger, cast.admin):
        assert player(app, member).post(f"inbox/{told.events[0]}/read").status_code == 404


def test_count_stops_at_ninety_nine(as_app: Database, as_worker: Database, cast: Cast) -> None:
    Told(as_app, as_worker, cast, 101)
    with as_app.transaction() as session:
        assert queries.count_unread(session, person_id=cast.host_head.id) == queries.Unread(99, "99+")
        commands.read_all(session, person_id=cast.host_head.id)
        assert queries.count_unread(session, person_id=cast.host_head.id) == queries.Unread(0, "0")
        assert (
            session.execute(text("SELECT count(*) FROM notifications WHERE read_at IS NOT NULL")).scalar()
            == 0
        )


@pytest.mark.parametrize("state", ["due", "parked"])
def test_what_is_told_late_is_not_taken_for_read(
    as_app: Database, as_worker: Database, cast: Cast, state: str
) -> None:
    told = Told(as_app, as_worker, cast, 3)
    late = told.events[1]
    with as_app.transaction() as session:
        session.execute(text("DELETE FROM notifications WHERE event_id = :id"), {"id": late})
        session.execute(
            text(
                "UPDATE reactions SET state = :state, done_at = NULL, reason = 'x'"
                " WHERE event_id = :id AND consumer = 'notify'"
            ),
            {"id": late, "state": state},
        )
        commands.read_all(session, person_id=cast.host_head.id)
        assert queries.count_unread(session, person_id=cast.host_head.id).count == 0
    with as_worker.transaction() as session:
        tell(session, [late])
    with as_app.transaction() as session:
        notices = queries.inbox(
            session, person_id=cast.host_head.id, locale="id", zone="Asia/Jakarta", limit=9
        )
    assert [(notice.event_id, notice.is_read) for notice in notices] == [
        (told.events[2], True),
        (late, False),
        (told.events[0], True),
    ]


@pytest.mark.parametrize(
    ("left", "untold", "followed"), [([3], None, 2), ([], None, 3), ([0], None, None), ([], 1, 0)]
)
def test_mark_follows_who_reads_one_by_one(
    as_app: Database,
    as_worker: Database,
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
    left: list[int],
    untold: int | None,
    followed: int | None,
) -> None:
    monkeypatch.setattr(commands, "SETTLED", dt.timedelta(0))
    told = Told(as_app, as_worker, cast, 4)
    reader = cast.host_head.id
    with as_app.transaction() as session:
        if untold is not None:
            session.execute(
                text(
                    "UPDATE reactions SET state = 'due', done_at = NULL"
                    " WHERE event_id = :id AND consumer = 'notify'"
                ),
                {"id": told.events[untold]},
            )
        for number in (2, 0, 3, 1):
            if number not in left:
                commands.read_one(session, person_id=reader, event_id=told.events[number])
        assert queries.count_unread(session, person_id=reader).count == len(left)
        mark = session.scalars(
            text("SELECT read_through FROM inbox_marks WHERE person_id = :id"), {"id": reader}
        ).one_or_none()
    assert mark == (None if followed is None else told.events[followed])


def test_mark_does_not_pass_what_may_not_be_committed_yet(
    as_app: Database, as_worker: Database, cast: Cast
) -> None:
    told = Told(as_app, as_worker, cast, 1)
    with as_app.transaction() as session:
        commands.read_one(session, person_id=cast.host_head.id, event_id=told.events[0])
        assert session.execute(text("SELECT count(*) FROM inbox_marks")).scalar() == 0
        assert queries.count_unread(session, person_id=cast.host_head.id).count == 0


def test_reading_all_takes_in_what_was_told_and_is_to_be_told_again(
    as_app: Database, as_worker: Database, cast: Cast
) -> None:
    told = Told(as_app, as_worker, cast, 3)
    with as_worker.transaction() as session:
        session.execute(
            text(
                "UPDATE reactions SET state = 'parked', done_at = NULL, reason = 'x'"
                " WHERE event_id = :id AND consumer = 'notify'"
            ),
            {"id": told.events[1]},
        )
    with as_app.transaction() as session:
        commands.read_all(session, person_id=cast.host_head.id)
        assert queries.count_unread(session, person_id=cast.host_head.id).count == 0


def test_every_event_that_people_are_told_of_has_its_words() -> None:
    assert set(MANNERS) == {name for name, consumers in SUBSCRIPTIONS.items() if NOTIFY in consumers}
