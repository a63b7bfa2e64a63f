"""The facilities' API, over HTTP, as somebody who is signed in."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from hub.accounts.models import Post
from hub.actor import Actor
from hub.facilities import api, pages, policy
from hub.facilities.models import Facility
from hub.web.api import make_api
from hub.web.application import HubFlask
from hub.web.policy import Policy, demand_policies

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flask.testing import FlaskClient
    from sqlalchemy.orm import Session

    from config.settings import Settings
    from hub.db.transaction import Database
    from hub.web.credential import Credential

READER = Actor(kind="person", label="reader", person_id=1)
LIST = "/api/v1/facilities"
NOTHING: Mapping[str, object] = {}


def identify(_session: Session, credential: Credential) -> Actor | None:
    """Return the reader for the token "reader"."""
    return READER if credential.secret == "reader" else None


@pytest.fixture
def client(registry: Database, registry_settings: Settings) -> Iterator[FlaskClient]:
    """Yield a client of an application with the facilities' routes only, on the real units."""
    del registry  # its units are what is read
    policies = policy.POLICIES | {"static": Policy("anyone")}
    app = HubFlask(registry_settings, policies, identify)
    make_api(app).register_blueprint(api.blp)
    app.register_blueprint(pages.blp)
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = "Bearer reader"
    yield client
    app.database.dispose()


def get(
    client: FlaskClient, path: str, query: Mapping[str, object] | None = None, *, status: int = 200
) -> Any:
    """Return the JSON that an address answers with."""
    answer = client.get(path, query_string={key: str(value) for key, value in (query or {}).items()})
    assert answer.status_code == status, answer.text
    return answer.get_json(force=True)


def test_a_facility_is_found_and_shown_with_everything_of_it(client: FlaskClient, registry: Database) -> None:
    (listed,) = get(client, LIST, {"q": "Rutan Purbalíngga", "kind": "rutan"})["items"]
    with registry.transaction() as session:
        unit = session.scalars(select(Facility).where(Facility.name == "Rutan Kelas IIB Purbalingga")).one()
        head = Post(facility_id=unit.id, title="Kepala Rutan", role="head", mailbox="kepala@rutan.test")
        pool = Post(facility_id=unit.id, title="Staf", role="pool", is_pool=True)
        session.add_all([pool, head])
        session.flush()
        posts = [
            {"id": head.id, "title": "Kepala Rutan", "role": "head", "is_pool": False, "reports_to_id": None},
            {"id": pool.id, "title": "Staf", "role": "pool", "is_pool": True, "reports_to_id": None},
        ]
    assert listed == {
        "id": unit.id,
        "name": "Rutan Kelas IIB Purbalingga",
        "kind": "rutan",
        "city": "Kabupaten Purbalingga",
        "province": "Jawa Tengah",
        "region": {"id": unit.region_id, "name": "Kanwil Ditjenpas Jawa Tengah"},
        "zone": {"name": "Asia/Jakarta", "label": "WIB"},
        "class": "IIB",
        "themes": [],
        "distance_km": None,
    }
    shown = get(client, f"{LIST}/{unit.id}")
    assert {key: value for key, value in listed.items() if key != "distance_km"}.items() <= shown.items()
    assert shown["names"][0] == {
        "name": "Rutan Kelas IIB Purbalingga", "kind": "official", "since": None, "until": None,
    }  # fmt: skip
    assert {"name": "Rutan Purbalingga", "kind": "abbreviation", "since": None, "until": None} in shown[
        "names"
    ]
    assert "GeoNames" in shown["town"]["attribution"]
    assert (shown["class"], shown["has_mailbox"], shown["status"]) == ("IIB", False, "active")
    assert shown["posts"] == posts
    assert get(client, f"{LIST}/{unit.id}/posts") == {"items": posts}
    assert "kepala@rutan.test" not in client.get(f"{LIST}/{unit.id}").text
    with registry.transaction() as session:
        for post in posts:
            session.delete(session.get_one(Post, post["id"]))


def test_the_list_is_read_page_by_page(client: FlaskClient) -> None:
    seen: list[int] = []
    after: dict[str, str] = {}
    while True:
        answer = get(client, LIST, {"q": "lapas", "limit": 100} | after)
        seen += [item["id"] for item in answer["items"]]
        if answer["next"] is None:
            break
        after = {"after": answer["next"]}
    assert len(seen) == len(set(seen)) == 337


@pytest.mark.parametrize(
    "query",
    [
        {"after": "nonsense"},
        {"after": base64.urlsafe_b64encode(b'["a",1,2]').decode()},
        {"after": base64.urlsafe_b64encode(b"[0,0]").decode()},
        {"limit": 0},
        {"limit": 101},
        {"limit": "\uff11"},
        {"kind": "penjara"},
        {"region_id": "one"},
        {"region_id": 2**63},
        {"q": "a" * 101},
        {"q": "rutan\x00"},
        {"q": "rutan\nlapas"},
        {"unknown": 1},
    ],
)
def test_a_query_that_cannot_be_read_is_refused(client: FlaskClient, query: dict[str, object]) -> None:
    problem = get(client, LIST, query, status=422)
    assert [fault["field"] for fault in problem["errors"]] == list(query)


@pytest.mark.parametrize("path", ["/0", "/999999999999", "/0/posts"])
def test_what_is_not_there_is_not_found(client: FlaskClient, path: str) -> None:
    assert get(client, LIST + path, status=404)["code"] == "not-found"


def test_a_visitor_is_asked_to_sign_in(client: FlaskClient) -> None:
    client.environ_base.pop("HTTP_AUTHORIZATION")
    for path in (LIST, f"{LIST}/1", f"{LIST}/1/posts"):
        get(client, path, status=401)


def test_every_route_has_its_policy(client: FlaskClient) -> None:
    demand_policies(client.application, client.application.policies)  # type: ignore[attr-defined]  # HubFlask
