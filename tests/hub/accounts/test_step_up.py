"""Before what is dangerous everybody proves again who they are, unless they just did; nothing is lost."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from hub.clock import now, travel
from tests.hub.accounts.test_passkeys import added, ask
from tests.hub.accounts.test_second_factor import set_up
from tests.support.authenticator import PRESENT
from tests.support.cast import PASSWORD
from tests.support.client import HubClient

if TYPE_CHECKING:
    from config.settings import Settings
    from hub.db.transaction import Database
    from hub.web.application import HubFlask
    from tests.support.cast import Cast

PROOF = "/me/proof"
CARRIED = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
CSRF = re.compile(r'name="_csrf" value="([^"]+)"')


@pytest.fixture
def later(as_owner: Database, settings: Settings) -> Any:
    """Return the function that lets eleven minutes pass."""

    def pass_by(minutes: int = 11) -> None:
        with as_owner.transaction() as session:
            travel(session, settings, to=now(session) + dt.timedelta(minutes=minutes))

    return pass_by


def waiting(answer: Any) -> dict[str, str]:
    """Return the hidden fields of a page that asks for a proof."""
    assert answer.status_code == 403, answer.get_data(as_text=True)
    page = answer.get_data(as_text=True)
    form = page[page.index('action="/me/proof"') :]
    return {name: value for name, value in CARRIED.findall(form) if name != "_csrf"}


def test_a_form_waits_for_the_proof_with_what_was_typed(app: HubFlask, cast: Cast, later: Any) -> None:
    client = HubClient(app).signed_in(cast.guest_service)
    later()
    assert client.get("/me").status_code == 200, "reading goes on"
    held = waiting(client.post_form("/me/second-factor/codes", {"note": "tetap ada"}))
    assert held["_carried"] == "/me/second-factor/codes"
    assert held["carried:note"] == "tetap ada"
    before = client.cookie
    refused = client.post_form(PROOF, {**held, "password": "wrong"})
    assert refused.status_code == 422
    assert "tetap ada" in refused.get_data(as_text=True)
    done = client.post_form(PROOF, {**held, "password": PASSWORD})
    assert done.status_code == 200
    page = done.get_data(as_text=True)
    assert 'action="/me/second-factor/codes"' in page
    assert "tetap ada" in page
    assert client.cookie != before
    token = CSRF.search(page)
    assert token is not None
    client.csrf = token[1]
    assert client.post_form("/me/second-factor/codes", {}).status_code == 409, "it has been let in"


def test_a_page_waits_as_well(app: HubFlask, cast: Cast, later: Any) -> None:
    client = HubClient(app).signed_in(cast.guest_service)
    assert client.get("/me/password").status_code == 200
    later()
    asked = client.get("/me/password")
    assert (asked.status_code, asked.headers["Location"]) == (303, f"{PROOF}?next=%2Fme%2Fpassword")
    assert 'name="next" value="/me/password"' in client.get(asked.headers["Location"]).get_data(as_text=True)
    done = client.post_form(PROOF, {"password": PASSWORD, "next": "/me/password"})
    assert (done.status_code, done.headers["Location"]) == (303, "/me/password")
    assert client.get("/me/password").status_code == 200
    elsewhere = HubClient(app).signed_in(cast.guest_service)
    lured = elsewhere.post_form(PROOF, {"password": PASSWORD, "next": "https://example.com/"})
    assert lured.headers["Location"] == "/home"


def test_the_old_token_ends_with_the_proof(app: HubFlask, cast: Cast, later: Any) -> None:
    client = HubClient(app).signed_in(cast.guest_service)
    copied = HubClient(app)
    copied.inner.set_cookie("__Host-hub", client.cookie or "", secure=True)
    later()
    assert copied.get("me").status_code == 200
    assert client.post_form(PROOF, {"password": PASSWORD}).status_code == 303
    assert copied.get("me").status_code == 401
    assert client.get("me").status_code == 200


def test_a_proof_does_not_lengthen_a_sign_in(
    app: HubFlask, cast: Cast, as_owner: Database, later: Any
) -> None:
    client = HubClient(app).signed_in(cast.guest_service)
    ends = text("SELECT max(expires_at) FROM sign_ins WHERE revoked_at IS NULL")
    with as_owner.transaction() as session:
        before = session.scalar(ends)
    later()
    assert client.post_form(PROOF, {"password": PASSWORD}).status_code == 303
    with as_owner.transaction() as session:
        assert session.scalar(ends) == before


def test_with_a_second_factor_a_code_is_asked_for(app: HubFlask, cast: Cast, later: Any) -> None:
    client = HubClient(app).signed_in(cast.guest_service)
    phone, codes = set_up(client)
    later()
    assert client.post_form(PROOF, {"password": PASSWORD}).status_code == 422, "no longer enough"
    code = phone.code()
    assert client.post_form(PROOF, {"code": code}).status_code == 303
    client.csrf = client.get("me").get_json()["csrf_token"]
    assert client.post_form(PROOF, {"code": code}).status_code == 422, "a code counts once"
    assert client.post_form(PROOF, {"code": codes[0]}).status_code == 303


def test_a_passkey_proves_it_too(app: HubFlask, cast: Cast, later: Any) -> None:
    client = HubClient(app).signed_in(cast.guest_service)
    device, _ = added(client)
    stranger, _ = added(HubClient(app).signed_in(cast.guest_head))
    later()
    held = waiting(client.post_form("/me/second-factor/codes", {}))
    for liar in (stranger, device.lying(flags=PRESENT), device.lying(origin="https://example.com")):
        credential = liar.sign(ask(client, f"{PROOF}/passkey"))
        assert client.post_form(f"{PROOF}/passkey", {"credential": credential}).status_code == 403
    credential = device.sign(ask(client, f"{PROOF}/passkey"))
    done = client.post_form(f"{PROOF}/passkey", {**held, "credential": credential})
    assert 'action="/me/second-factor/codes"' in done.get_data(as_text=True)
    client.csrf = (CSRF.search(done.get_data(as_text=True)) or [""])[1]
    assert client.post_form(f"{PROOF}/passkey", {"credential": credential}).status_code == 403
    assert client.post_form("/me/second-factor/codes", {}).status_code == 200


def test_guessing_there_is_throttled(app: HubFlask, cast: Cast, later: Any) -> None:
    client = HubClient(app).signed_in(cast.guest_service)
    later()
    answers = [client.post_form(PROOF, {"password": f"wrong-{n}"}).status_code for n in range(7)]
    assert answers == [422] * 5 + [429] * 2
    assert client.post_form(PROOF, {"password": PASSWORD}).status_code == 429


def test_programs_are_told_by_a_problem(app: HubFlask, cast: Cast, later: Any) -> None:
    client = HubClient(app).signed_in(cast.guest_service)
    later()
    refused = client.post("tokens", {"label": "laporan"})
    assert (refused.status_code, refused.mimetype) == (403, "application/problem+json")
    assert refused.get_json()["code"] == "step-up-required"
    client.signed_in(cast.guest_service)
    assert client.post("tokens", {"label": "laporan"}).status_code == 201


def test_a_file_of_ones_own_data_waits(app: HubFlask, cast: Cast, later: Any) -> None:
    client = HubClient(app).signed_in(cast.guest_service)
    later()
    assert client.get("/me/data").status_code == 200
    asked = client.get("/me/data.json")
    assert asked.headers["Location"].startswith(PROOF)
