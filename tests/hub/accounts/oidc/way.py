"""What a browser does on its way to the provider and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.client import HubClient

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from hub.web.application import HubFlask
    from tests.support.cast import Member
    from tests.support.issuer import Realm

BACK = "/sign-in/provider/back"
NOT_VOUCHED, STALE = "tidak menjamin Anda", "terlalu lama"


def link(app: HubFlask, realm: Realm, who: Member, subject: str = "pegawai-1") -> HubClient:
    """Link somebody's account as the pages ask; return their browser."""
    client = HubClient(app).signed_in(who)
    sent = client.get("/me/provider/begin")
    assert sent.status_code == 303
    back = client.get(BACK, query=realm.sign_in(sent.headers["Location"], subject))
    assert back.headers["Location"] == "/me/provider/confirm"
    page = client.get("/me/provider/confirm").get_data(as_text=True)
    assert "head.guest@example.id" in page
    sealed = page.partition('name="account" value="')[2].partition('"')[0]
    done = client.post_form("/me/provider", {"account": sealed})
    assert (done.status_code, done.headers["Location"]) == (303, "/me/provider")
    return client


def come_back(client: HubClient, realm: Realm, **sent: Any) -> TestResponse:
    """Sign in at the provider and come back; ``sent`` replaces what the browser brings."""
    begun = client.get("/sign-in/provider", query={"next": "/tasks"})
    assert begun.status_code == 303
    return client.get(BACK, query={**realm.sign_in(begun.headers["Location"]), **sent})


def said(client: HubClient, answer: TestResponse) -> str:
    """Return the page that an answer leads to; who is signed in is led on from the sign-in page."""
    assert answer.status_code == 303
    page = client.get(answer.headers["Location"])
    if page.status_code == 303:
        page = client.get(page.headers["Location"])
    return page.get_data(as_text=True)


def refused(client: HubClient, answer: TestResponse, words: str) -> None:
    """Assert that nobody is signed in, and that the page says why and offers the password."""
    page = said(client, answer)
    assert words in page, page
    assert 'name="password"' in page
    assert client.get("me").status_code == 401
