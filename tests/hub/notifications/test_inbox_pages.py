"""The inbox as a page: grouped by day, marked as read by plain forms, the same queries for many rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.hub.notifications.stage import Told
from tests.support.client import HubClient
from tests.support.counting import queries_of

if TYPE_CHECKING:
    from hub.db.transaction import Database
    from hub.web.application import HubFlask
    from tests.support.cast import Cast


@pytest.fixture
def reader(app: HubFlask, cast: Cast) -> HubClient:
    return HubClient(app).signed_in(cast.host_head)


def shown(client: HubClient, path: str = "/inbox") -> str:
    response = client.get(path)
    assert response.status_code == 200, response.get_data(as_text=True)
    return response.get_data(as_text=True)


def notices(html: str) -> list[str]:
    return re.findall(r'data-event="([^"]+)"', html)


def test_empty_inbox_says_what_will_come(reader: HubClient) -> None:
    html = shown(reader)
    assert "Semua sudah dibaca" in html
    assert "Tandai semua" not in html
    assert "Belum terjadi apa-apa" in shown(reader, "/inbox?show=all")


def test_sentence_time_and_next_step(
    reader: HubClient, as_app: Database, as_worker: Database, cast: Cast
) -> None:
    told = Told(as_app, as_worker, cast, 2)
    html = shown(reader)
    assert notices(html) == [str(event) for event in reversed(told.events)]
    assert f"{cast.guest.name} mengajukan kunjungan ke {cast.host.name}" in html
    assert f'href="/collaborations/{told.story.collaboration.id}"' in html
    assert "Hari ini, " in html
    assert re.search(r'notice-time">\d\d\.\d\d WIB<', html)
    assert re.search(r'id="unread"><span aria-hidden="true">2<', html), "the navigation counts"


def test_one_is_read_and_then_all(
    reader: HubClient, as_app: Database, as_worker: Database, cast: Cast
) -> None:
    told = Told(as_app, as_worker, cast, 3)
    response = reader.post_form(f"/inbox/{told.events[1]}/read", {})
    assert (response.status_code, response.headers["Location"]) == (303, "/inbox")
    assert notices(shown(reader)) == [str(told.events[2]), str(told.events[0])]
    assert len(notices(shown(reader, "/inbox?show=all"))) == 3
    response = reader.post_form("/inbox/read-all?show=all", {})
    assert response.headers["Location"] == "/inbox?show=all"
    html = shown(reader, "/inbox?show=all")
    assert len(notices(html)) == 3
    assert "Semua ditandai sudah dibaca" in html
    assert notices(shown(reader)) == []


def test_somebody_else_cannot_mark_it(
    app: HubFlask, as_app: Database, as_worker: Database, cast: Cast
) -> None:
    told = Told(as_app, as_worker, cast, 1)
    stranger = HubClient(app).signed_in(cast.stranger)
    assert stranger.post_form(f"/inbox/{told.events[0]}/read", {}).status_code == 404


def test_pages_follow_each_other_with_the_same_number_of_queries(
    reader: HubClient, app: HubFlask, as_app: Database, as_worker: Database, cast: Cast
) -> None:
    told = Told(as_app, as_worker, cast, 2)
    few = queries_of(app, reader, "/inbox")
    more = [told.happen() for _ in range(40)]
    told.tell(*more)
    assert queries_of(app, reader, "/inbox") == few
    html = shown(reader)
    assert len(notices(html)) == 30
    (rest,) = re.findall(r'href="(/inbox\?after=[^"]+)" rel="next"', html)
    second = shown(reader, rest)
    assert notices(html) + notices(second) == [str(event) for event in reversed(told.events + more)]
    assert 'data-later="yes"' in second
    # Marking one on a later page comes back to that page.
    path = re.findall(r'action="(/inbox/[^"/]+/read\?after=[^"]+)"', second)[0]
    assert reader.post_form(path, {}).headers["Location"] == rest
