"""The pages of signing in and out: nothing typed is lost, nobody is led astray, links end."""

from __future__ import annotations

import datetime as dt
import html
import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from hub.clock import now, travel
from hub.notifications.sending import Desk, Ready, Skipped
from hub.texts.links import LinkKeys
from tests.support.cast import PASSWORD
from tests.support.client import HubClient

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from config.settings import Settings
    from hub.db.transaction import Database
    from hub.web.application import HubFlask
    from tests.support.cast import Cast

NEW = "gunung kabut perahu layar"
INPUT = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')


def hidden(answer: TestResponse, action: str) -> dict[str, object]:
    """Return the hidden fields of the form that a page sends to ``action``."""
    page = answer.get_data(as_text=True)
    form = page[page.index(f'action="{action}"') :]
    return {
        html.unescape(name): html.unescape(value)
        for name, value in INPUT.findall(form[: form.index("</form>")])
    }


def sign_in_by_page(
    client: HubClient, email: str, password: object = PASSWORD, **more: object
) -> TestResponse:
    return client.post_form("/sign-in", {"email": email, "password": password, **more})


def test_somebody_signs_in_by_page_and_out(client: HubClient, cast: Cast) -> None:
    assert client.get("/sign-in").status_code == 200
    answer = sign_in_by_page(client, cast.guest_head.email)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/home")
    page = client.get("/me")
    assert page.status_code == 200
    assert client.get("/sign-in").headers["Location"] == "/home"
    out = client.post_form("/sign-out", hidden(page, "/sign-out"))
    assert (out.status_code, out.headers["Location"]) == (303, "/")
    assert client.cookie is None
    assert client.get("/me").headers["Location"] == "/sign-in?next=%2Fme"


def test_wrong_password_keeps_the_address_and_says_nothing_more(client: HubClient, cast: Cast) -> None:
    wrong = sign_in_by_page(client, cast.guest_head.email, "wrong", next="/me")
    assert wrong.status_code == 401
    assert cast.guest_head.email in wrong.get_data(as_text=True)
    assert hidden(wrong, "/sign-in")["next"] == "/me"
    unknown = sign_in_by_page(client, "nobody@example.id", "wrong")
    assert "Alamat surel atau kata sandi salah" in unknown.get_data(as_text=True)
    assert unknown.status_code == 401
    for _ in range(5):
        again = sign_in_by_page(client, cast.guest_head.email, "wrong")
    assert again.status_code == 429


def test_after_the_sign_in_only_a_page_of_ours_is_led_to(client: HubClient, cast: Cast) -> None:
    for asked, led in (("/me", "/me"), ("//evil.example", "/home"), ("https://evil.example", "/home")):
        answer = sign_in_by_page(HubClient(client.app), cast.guest_head.email, next=asked)
        assert answer.headers["Location"] == led


def test_form_sent_after_the_sign_in_ended_waits_and_is_sent_on(client: HubClient, cast: Cast) -> None:
    sign_in_by_page(client, cast.guest_head.email)
    form = hidden(client.get("/me"), "/me")
    client.inner.set_cookie("__Host-hub", "ended")
    asked = client.post_form("/me", {**form, "locale": "en", "zone": "Asia/Jayapura", "wants_mail": "true"})
    assert asked.status_code == 401
    carried = hidden(asked, "/sign-in")
    assert carried["carried:zone"] == "Asia/Jayapura"
    assert "carried:_csrf" not in carried

    wrong = sign_in_by_page(client, cast.guest_head.email, "wrong", **carried)
    assert wrong.status_code == 401
    assert hidden(wrong, "/sign-in") == carried

    back = sign_in_by_page(client, cast.guest_head.email, **carried)
    assert back.status_code == 200
    again = hidden(back, "/me")
    assert again["_key"] == form["_key"]
    done = client.post_form("/me", again)
    assert done.status_code == 303, done.get_data(as_text=True)
    me = client.get("me").json
    assert me is not None
    assert (me["person"]["locale"], me["person"]["zone"]) == ("en", "Asia/Jayapura")


def test_passwords_are_not_carried(client: HubClient) -> None:
    asked = client.post_form("/me/password", {"present_password": PASSWORD, "password": NEW})
    assert asked.status_code == 401
    page = asked.get_data(as_text=True)
    assert NEW not in page
    assert PASSWORD not in page


def test_form_waits_for_no_other_site_and_no_api(client: HubClient, cast: Cast) -> None:
    for action in ("https://evil.example/me", "//evil.example", "/api/v1/tokens", "/nothing"):
        answer = sign_in_by_page(
            HubClient(client.app), cast.guest_head.email, **{"_carried": action, "carried:a": "b"}
        )
        assert (answer.status_code, answer.headers["Location"]) == (303, "/home")


def test_form_of_an_older_sign_in_is_kept_and_sent_with_one_press(client: HubClient, cast: Cast) -> None:
    sign_in_by_page(client, cast.guest_head.email)
    sent = {"locale": "en", "zone": "Asia/Jakarta", "wants_mail": "false", "_csrf": "0" * 64}
    refused = client.post_form("/me", sent)
    assert refused.status_code == 403
    again = hidden(refused, "/me")
    assert client.post_form("/me", again).status_code == 303


def test_another_site_gets_no_form_kept(client: HubClient, cast: Cast) -> None:
    sign_in_by_page(client, cast.guest_head.email)
    refused = client.post_form("/me", {"locale": "en"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert refused.status_code == 403
    assert 'name="locale"' not in refused.get_data(as_text=True)


def test_language_is_changed_by_one_press_and_the_page_stays(client: HubClient, cast: Cast) -> None:
    switch = hidden(client.get("/sign-in?next=%2Fme"), "/language")
    assert switch == {"language": "en", "next": "/sign-in?next=%2Fme"}
    answer = client.post_form("/language", switch)
    assert answer.headers["Location"] == "/sign-in?next=%2Fme"
    assert '<html lang="en">' in client.get("/sign-in").get_data(as_text=True)
    assert client.post_form("/language", {"language": "xx", "next": "//evil"}).headers["Location"] == "/"

    sign_in_by_page(client, cast.guest_head.email)
    assert '<html lang="id">' in client.get("/me").get_data(as_text=True), "the person's own choice is first"
    client.post_form("/language", {"language": "en", "next": "/me"})
    assert '<html lang="en">' in client.get("/me").get_data(as_text=True)


def ask(client: HubClient, email: str) -> str:
    answer = client.post_form("/password/forgotten", {"email": email})
    assert answer.status_code == 200
    page = answer.get_data(as_text=True).replace(html.escape(email), "")
    return re.sub(r'nonce="[^"]*"', "", page)


def planned_mail(as_app: Database, settings: Settings) -> Ready | Skipped:
    """Prepare the newest mail as the sender would."""
    desk = Desk("http://localhost", LinkKeys(settings.secret_keys))
    with as_app.transaction() as session:
        row = session.execute(text("SELECT * FROM deliveries ORDER BY id DESC LIMIT 1")).one()
        (mail,) = desk.prepare_all(session, [row])
    return mail


def link(as_app: Database, settings: Settings) -> str:
    mail = planned_mail(as_app, settings)
    assert isinstance(mail, Ready)
    found = re.search(r"http://localhost(/password/new/\S+)", mail.write().text)
    assert found is not None
    return found[1]


def test_forgotten_password_is_set_anew_once(
    client: HubClient, cast: Cast, as_app: Database, settings: Settings
) -> None:
    elsewhere = HubClient(client.app).signed_in(cast.guest_head)
    ask(client, cast.guest_head.email.upper())
    path = link(as_app, settings)
    assert client.get(path).status_code == 200
    assert client.get(path).status_code == 200, "scanners may open it as often as they like"
    weak = client.post_form(path, {"password": "short"})
    assert weak.status_code == 422
    form = {"_key": "one-press-only", "password": NEW}
    assert client.post_form(path, form).status_code == 303
    assert client.get(path).status_code == 410
    assert client.post_form(path, {"password": NEW}).status_code == 410
    assert elsewhere.get("me").status_code == 401, "other browsers are out"
    assert HubClient(client.app).sign_in(cast.guest_head).status_code == 401
    assert HubClient(client.app).sign_in(cast.guest_head.email, NEW).status_code == 201


def test_unknown_address_gets_the_same_answer_and_no_mail(
    client: HubClient, cast: Cast, as_app: Database
) -> None:
    assert ask(client, "nobody@example.id") == ask(client, cast.guest_head.email)
    with as_app.transaction() as session:
        assert session.scalars(text("SELECT address FROM deliveries")).all() == [cast.guest_head.email]
    assert client.post_form("/password/forgotten", {"email": "no address"}).status_code == 422


def test_second_wish_ends_the_first_link_but_not_within_five_minutes(
    client: HubClient, cast: Cast, as_app: Database, as_owner: Database, settings: Settings
) -> None:
    ask(client, cast.guest_head.email)
    first = link(as_app, settings)
    ask(client, cast.guest_head.email)
    assert link(as_app, settings) == first
    move_clock(as_owner, settings, dt.timedelta(minutes=6))
    ask(client, cast.guest_head.email)
    second = link(as_app, settings)
    assert client.get(first).status_code == 410
    assert client.get(second).status_code == 200
    move_clock(as_owner, settings, dt.timedelta(minutes=61))
    assert client.get(second).status_code == 410
    assert client.post_form(second, {"password": NEW}).status_code == 410
    assert isinstance(planned_mail(as_app, settings), Skipped)


@pytest.mark.parametrize(
    "odd", ["x", "1.1.x", "0.0." + "A" * 32, "1.1." + "A" * 32, "9" * 30 + ".1." + "A" * 32]
)
def test_link_that_was_never_ours_is_not_found(client: HubClient, cast: Cast, odd: str) -> None:
    del cast
    assert client.get(f"/password/new/{odd}").status_code == 404
    assert client.post_form(f"/password/new/{odd}", {"password": NEW}).status_code == 404


def test_wishes_are_counted_by_address(client: HubClient, cast: Cast) -> None:
    del cast
    answers = [
        client.post_form("/password/forgotten", {"email": "nobody@example.id"}).status_code for _ in range(22)
    ]
    assert answers[:20] == [200] * 20
    assert 422 in answers[20:]


def test_own_password_is_changed_and_other_browsers_are_out(client: HubClient, cast: Cast) -> None:
    client.signed_in(cast.guest_head)
    elsewhere = HubClient(client.app).signed_in(cast.guest_head)
    wrong = client.post_form("/me/password", {"present_password": "wrong", "password": NEW})
    assert wrong.status_code == 422
    assert "Ini bukan kata sandi Anda saat ini" in wrong.get_data(as_text=True)
    weak = client.post_form("/me/password", {"present_password": PASSWORD, "password": "short"})
    assert weak.status_code == 422
    done = client.post_form("/me/password", {"present_password": PASSWORD, "password": NEW})
    assert done.status_code == 303
    assert client.get("me").status_code == 200
    assert elsewhere.get("me").status_code == 401


def test_another_browser_is_signed_out(client: HubClient, cast: Cast) -> None:
    first = HubClient(client.app).signed_in(cast.guest_head)
    second = HubClient(client.app).signed_in(cast.guest_head)
    client.signed_in(cast.guest_head)
    page = client.get("/me").get_data(as_text=True)
    ends = re.findall(r'action="(/me/sign-ins/[0-9a-f]{16}/end)"', page)
    assert len(ends) == 2, "one's own has no such button"
    assert client.post_form(ends[0], {}).status_code == 303
    assert sorted((first.get("me").status_code, second.get("me").status_code)) == [200, 401]
    assert client.post_form("/me/sign-ins/end-others", {}).status_code == 303
    assert (first.get("me").status_code, second.get("me").status_code) == (401, 401)
    assert client.get("me").status_code == 200
    stranger = HubClient(client.app).signed_in(cast.host_head)
    assert stranger.post_form(ends[0], {}).status_code == 404


def move_clock(as_owner: Database, settings: Settings, by: dt.timedelta) -> None:
    with as_owner.transaction() as session:
        travel(session, settings, to=now(session) + by)


def test_pages_are_for_their_owner(app: HubFlask, cast: Cast) -> None:
    admin = HubClient(app).signed_in(cast.admin)
    page = admin.get("/me").get_data(as_text=True)
    assert "Anda mengelola hub" in page
    assert 'href="/operations"' in page
