"""The pages of an import, without a browser: who sees them, what they say, and what a form may not do."""

from __future__ import annotations

import dataclasses
import io
from typing import TYPE_CHECKING

from hub.imports.people import People
from hub.imports.working import work
from tests.hub.imports.conftest import as_csv

if TYPE_CHECKING:
    import pytest
    from werkzeug.test import TestResponse

    from hub.web.application import HubFlask
    from tests.hub.imports.conftest import Desk
    from tests.support.cast import Member
    from tests.support.client import HubClient


def bring(client: HubClient, content: bytes, *, key: str = "a-key-of-the-form") -> TestResponse:
    """Send the form with the file, as a browser does."""
    page = client.send("GET", "/imports/new").get_data(as_text=True)
    token = page.partition('name="_csrf" value="')[2].partition('"')[0]
    return client.inner.post(
        "/imports/new",
        base_url="https://localhost",
        data={
            "_csrf": token,
            "_key": key,
            "kind": "people",
            "file": (io.BytesIO(content), "folder\\daftar pegawai.csv"),
        },
    )


def content_for(desk: Desk) -> bytes:
    return as_csv(
        [
            ("Sari Utami", "sari@example.id", desk.cast.host.name, "Pos Baru", "seksi", ""),
            ("=HYPERLINK(1)", "x@example.id", desk.cast.host.name, "Pos Baru", "seksi", ""),
            ("+62", "bukan surel", desk.cast.host.name, "Pos Baru", "seksi", ""),
        ]
    )


def test_the_whole_way_by_pages(desk: Desk, client: HubClient) -> None:
    client.signed_in(desk.cast.host_head)
    brought = bring(client, content_for(desk))
    assert brought.status_code == 303, brought.get_data(as_text=True)
    path = brought.headers["Location"]
    waiting = client.send("GET", path)
    assert waiting.headers["Refresh"] == "3"
    assert "Refresh" not in client.send("GET", f"{path}?still=true").headers
    work(desk.worker)
    page = client.send("GET", path).get_data(as_text=True)
    assert "daftar pegawai.csv" in page
    assert '<option value="1" selected>Surel</option>' in page
    chosen = client.post_form(
        f"{path}/columns", {"email": 1, "name": 1, "facility": "", "post": "", "role": "", "start": ""}
    )
    assert chosen.status_code == 422
    columns = {"email": 1, "name": 0, "facility": 2, "post": 3, "role": 4, "start": 5}
    assert client.post_form(f"{path}/columns", columns).status_code == 303
    work(desk.worker)
    page = client.send("GET", path).get_data(as_text=True)
    assert "Sari Utami" in page
    assert f"{path}/confirm" in page
    rejected = client.send("GET", f"{path}/not-taken.csv").get_data(as_text=True)
    assert "'=HYPERLINK(1)" in rejected
    assert len(rejected.splitlines()) == 3
    assert client.send("GET", f"{path}/confirm").status_code == 200
    assert client.post_form(f"{path}/confirm", {"sure": "false"}).status_code == 422
    assert desk.count("people", "email = 'sari@example.id'") == 0
    assert client.post_form(f"{path}/confirm", {"sure": "true"}).status_code == 303
    assert client.post_form(f"{path}/confirm", {"sure": "true"}).status_code == 409
    work(desk.worker)
    assert desk.count("people", "email = 'sari@example.id'") == 1
    page = client.send("GET", path).get_data(as_text=True)
    assert f"{path}/undo" in page
    assert client.post_form(f"{path}/undo", {"sure": "true"}).status_code == 303
    work(desk.worker)
    assert desk.count("people", "email = 'sari@example.id' AND NOT is_active") == 1
    assert client.send("GET", "/imports").get_data(as_text=True).count(path) == 1


def test_import_is_hidden_from_others(desk: Desk, app: HubFlask, client: HubClient) -> None:
    number = desk.preview(content_for(desk), actor=desk.cast.host_head.actor())
    paths = ("", "/confirm", "/undo", "/not-taken.csv", "/columns")
    others: tuple[Member, ...] = (desk.cast.guest_head, desk.cast.overseer, desk.cast.host_work)
    for other in others:
        stranger = type(client)(app).signed_in(other)
        for path in paths:
            assert stranger.send("GET", f"/imports/{number}{path}").status_code == 404
        assert stranger.post_form(f"/imports/{number}/cancel", {}).status_code == 404
    admin = type(client)(app).signed_in(desk.cast.admin)
    assert admin.send("GET", f"/imports/{number}").status_code == 200
    assert type(client)(app).signed_in(desk.cast.host_work).send("GET", "/imports/new").status_code == 403


def test_what_is_no_list_is_said_on_the_page(desk: Desk, client: HubClient) -> None:
    client.signed_in(desk.cast.admin)
    assert bring(client, b"").status_code == 422
    path = bring(client, b"PK\x03\x04 and no more", key="another-key").headers["Location"]
    work(desk.worker)
    page = client.send("GET", path)
    assert page.status_code == 200
    assert "XLSX" in page.get_data(as_text=True)
    assert desk.count("import_parts") == 0


def test_cancelled_import_is_forgotten(desk: Desk, client: HubClient) -> None:
    client.signed_in(desk.cast.host_head)
    number = desk.preview(content_for(desk), actor=desk.cast.host_head.actor())
    assert client.post_form(f"/imports/{number}/cancel", {}).status_code == 303
    assert desk.count("import_parts") + desk.count("import_rows") == 0
    assert client.send("GET", f"/imports/{number}").status_code == 200
    assert client.send("GET", f"/imports/{number}/confirm").status_code == 409


def test_file_that_is_too_large_is_refused(
    desk: Desk, app: HubFlask, client: HubClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.signed_in(desk.cast.admin)
    monkeypatch.setattr(People, "largest", 3000)
    refused = bring(client, b"x" * 3001)
    assert refused.status_code == 422
    assert "MB" in refused.get_data(as_text=True)
    small = dataclasses.replace(app.policies["import_pages.bring_file"], largest_body=3000)
    app.policies = {**app.policies, "import_pages.bring_file": small}
    assert bring(client, b"x" * 3001).status_code == 413
    assert desk.count("imports") == 0
