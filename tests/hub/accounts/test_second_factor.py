"""A second factor: set up by a first code, asked for at each sign-in, and every code good once."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from hub.accounts.vault import UnreadableError, Vault
from tests.support.cast import PASSWORD
from tests.support.client import HubClient
from tests.support.phone import Phone
from tests.support.terminal import at_terminal

if TYPE_CHECKING:
    from config.settings import Settings
    from hub.db.transaction import Database
    from hub.web.application import HubFlask
    from tests.support.cast import Cast, Member

OFFER = re.compile(r'name="offer" value="([^"]+)"')
KEY = re.compile(r'<code class="key">([A-Z2-7]+)</code>')
CODE = re.compile(r"<code>([a-z0-9-]{14})</code>")


def set_up(client: HubClient) -> tuple[Phone, list[str]]:
    """Set a second factor up as its page asks; return the phone and the recovery codes."""
    page = client.get("/me/second-factor").get_data(as_text=True)
    offer, key = OFFER.search(page), KEY.search(page)
    assert offer is not None
    assert key is not None
    phone = Phone(key[1])
    done = client.post_form("/me/second-factor", {"offer": offer[1], "code": phone.code()})
    assert done.status_code == 200, done.get_data(as_text=True)
    codes = CODE.findall(done.get_data(as_text=True))
    assert len(codes) == 10
    return phone, codes


def by_form(app: HubFlask, who: Member, **form: object) -> tuple[HubClient, Any]:
    """Show the password on the page; return the client and the answer."""
    client = HubClient(app)
    return client, client.post_form("/sign-in", {"email": who.email, "password": PASSWORD, **form})


def test_after_the_password_the_code_is_asked_for(app: HubFlask, cast: Cast) -> None:
    who = cast.guest_service
    phone, _ = set_up(HubClient(app).signed_in(who))
    client, asked = by_form(app, who, next="/tasks")
    assert asked.status_code == 200
    assert 'action="/sign-in/code"' in asked.get_data(as_text=True)
    pending = client.cookie
    assert client.get("/home").status_code == 303
    assert client.get("me").status_code == 401
    done = client.post_form("/sign-in/code", {"code": phone.code(), "next": "/tasks"})
    assert (done.status_code, done.headers["Location"]) == (303, "/tasks")
    assert client.cookie != pending
    assert client.get("/home").status_code == 200


def test_a_code_counts_once(app: HubFlask, cast: Cast) -> None:
    who = cast.guest_service
    phone, _ = set_up(HubClient(app).signed_in(who))
    client, _ = by_form(app, who)
    code = phone.code()
    assert client.post_form("/sign-in/code", {"code": code}).status_code == 303
    thief, _ = by_form(app, who)
    seen = thief.post_form("/sign-in/code", {"code": code})
    assert seen.status_code == 401
    assert "sudah dipakai" in seen.get_data(as_text=True)


def test_a_recovery_code_stands_for_the_phone_once(app: HubFlask, cast: Cast) -> None:
    who = cast.guest_service
    _, codes = set_up(HubClient(app).signed_in(who))
    for shown, status in ((codes[0].upper().replace("-", " "), 303), (codes[0], 401), (codes[1], 303)):
        client, _ = by_form(app, who)
        assert client.post_form("/sign-in/code", {"code": shown}).status_code == status


def test_the_api_takes_both_in_one_request(app: HubFlask, cast: Cast) -> None:
    who = cast.guest_service
    phone, _ = set_up(HubClient(app).signed_in(who))
    client = HubClient(app)
    body = {"email": who.email, "password": PASSWORD}
    without = client.post("sign-ins", body)
    assert (without.status_code, without.get_json()["code"]) == (401, "second-factor-required")
    wrong = client.post("sign-ins", {**body, "code": "000000"})
    assert (wrong.status_code, wrong.get_json()["code"]) == (401, "second-factor-refused")
    assert client.post("sign-ins", {**body, "code": phone.code()}).status_code == 201


def test_guessing_codes_is_throttled_and_the_password_does_not_help(app: HubFlask, cast: Cast) -> None:
    who = cast.guest_service
    phone, _ = set_up(HubClient(app).signed_in(who))
    client, _ = by_form(app, who)
    answers = [client.post_form("/sign-in/code", {"code": f"{n:06}"}).status_code for n in range(8)]
    assert answers.count(401) <= 4
    assert answers[-1] == 429
    _, again = by_form(app, who)
    assert again.status_code == 429
    assert client.post_form("/sign-in/code", {"code": phone.code()}).status_code == 429


def test_a_pending_sign_in_ends_and_opens_nothing(app: HubFlask, cast: Cast, as_owner: Database) -> None:
    who = cast.guest_service
    phone, _ = set_up(HubClient(app).signed_in(who))
    client, _ = by_form(app, who)
    assert client.get("/sign-in/code").status_code == 200
    assert client.get("/inbox/stream").status_code == 401
    with as_owner.transaction() as session:
        session.execute(text("UPDATE sign_ins SET expires_at = hub_now() WHERE is_pending"))
    assert client.get("/sign-in/code").status_code == 303
    late = client.post_form("/sign-in/code", {"code": phone.code()})
    assert late.status_code == 401
    assert "terlalu lama" in late.get_data(as_text=True)


def test_setting_up_ends_other_sign_ins_and_stores_no_plain_secret(
    app: HubFlask, cast: Cast, as_owner: Database, settings: Settings
) -> None:
    who = cast.guest_service
    other = HubClient(app).signed_in(who)
    client = HubClient(app).signed_in(who)
    phone, codes = set_up(client)
    assert client.get("me").status_code == 200
    assert other.get("me").status_code == 401
    with as_owner.transaction() as session:
        stored = bytes(
            session.scalars(text("SELECT totp_secret FROM people WHERE id = :id"), {"id": who.id}).one()
        )
        hashes = session.scalars(text("SELECT encode(code_hash, 'escape') FROM recovery_codes")).all()
    assert phone.totp.secret.encode() not in stored
    assert Vault(settings.secret_keys).open(stored, f"totp {who.id}") == phone.totp.secret
    assert not [code for code in codes if any(code.replace("-", "") in one for one in hashes)]


def test_a_wrong_first_code_sets_nothing_up_and_keeps_the_picture(app: HubFlask, cast: Cast) -> None:
    client = HubClient(app).signed_in(cast.guest_service)
    page = client.get("/me/second-factor").get_data(as_text=True)
    offer, key = OFFER.search(page), KEY.search(page)
    assert offer
    assert key
    refused = client.post_form("/me/second-factor", {"offer": offer[1], "code": "123456"})
    assert refused.status_code == 422
    assert key[1] in refused.get_data(as_text=True)
    spoiled = client.post_form("/me/second-factor", {"offer": "gAAAA" + offer[1][5:][::-1], "code": "123456"})
    assert spoiled.status_code == 422
    assert "terlalu lama" in spoiled.get_data(as_text=True)
    assert HubClient(app).sign_in(cast.guest_service).status_code == 201


def test_codes_are_renewed_and_the_app_removed(app: HubFlask, cast: Cast) -> None:
    client = HubClient(app).signed_in(cast.guest_service)
    assert client.post_form("/me/second-factor/codes", {}).status_code == 409, "there is nothing to stand for"
    _, codes = set_up(client)
    renewed = client.post_form("/me/second-factor/codes", {})
    fresh = CODE.findall(renewed.get_data(as_text=True))
    assert len(fresh) == 10
    assert not set(fresh) & set(codes)
    waiting, _ = by_form(app, cast.guest_service)
    assert waiting.post_form("/sign-in/code", {"code": codes[0]}).status_code == 401
    assert waiting.post_form("/sign-in/code", {"code": fresh[0]}).status_code == 303
    assert client.post_form("/me/second-factor/remove", {}).status_code == 303
    assert HubClient(app).sign_in(cast.guest_service).status_code == 201


def offered(client: HubClient) -> tuple[str, Phone]:
    """Return the offer of the page for a new phone, and that phone."""
    page = client.get("/me/second-factor/app").get_data(as_text=True)
    offer, key = OFFER.search(page), KEY.search(page)
    assert offer is not None
    assert key is not None
    return offer[1], Phone(key[1])


def test_a_new_phone_takes_the_place_of_the_old_one_in_one_step(
    app: HubFlask, cast: Cast, as_owner: Database
) -> None:
    app.settings = dataclasses.replace(app.settings, second_factor="required")
    client = HubClient(app).signed_in(cast.admin)
    old, codes = set_up(client)
    other, _ = by_form(app, cast.admin)
    assert other.post_form("/sign-in/code", {"code": old.code()}).status_code == 303
    offer, new = offered(client)
    refused = client.post_form("/me/second-factor", {"offer": offer, "code": "000000"})
    assert refused.status_code == 422
    waiting, _ = by_form(app, cast.admin)
    assert waiting.post_form("/sign-in/code", {"code": codes[0]}).status_code == 303, (
        "the old one still counts"
    )
    done = client.post_form("/me/second-factor", {"offer": offer, "code": new.code()})
    assert done.status_code == 200
    fresh = CODE.findall(done.get_data(as_text=True))
    assert len(fresh) == 10
    assert (client.get("/home").status_code, other.get("/home").status_code) == (200, 303)
    late, _ = by_form(app, cast.admin)
    assert late.post_form("/sign-in/code", {"code": codes[1]}).status_code == 401
    assert late.post_form("/sign-in/code", {"code": old.code()}).status_code == 401
    assert late.post_form("/sign-in/code", {"code": new.code()}).status_code == 303
    with as_owner.transaction() as session:
        acts = session.scalars(
            text("SELECT action FROM audit WHERE action LIKE 'second-factor.%' ORDER BY id")
        ).all()
    assert acts == ["second-factor.set-up", "second-factor.replaced"]


@pytest.mark.parametrize("name", ["admin", "overseer"])
def test_where_it_is_demanded_nothing_opens_before(app: HubFlask, cast: Cast, name: str) -> None:
    app.settings = dataclasses.replace(app.settings, second_factor="required")
    client = HubClient(app).signed_in(getattr(cast, name))
    home = client.get("/home")
    assert (home.status_code, home.headers["Location"]) == (303, "/me/second-factor")
    assert client.get("collaborations").get_json()["code"] == "second-factor-missing"
    assert client.get("/inbox/stream").status_code == 303
    set_up(client)
    assert client.get("/home").status_code == 200
    assert client.post_form("/me/second-factor/remove", {}).status_code == 409
    # It is asked of who sees more than a post allows; others may go without.
    assert HubClient(app).signed_in(cast.guest_head).get("/home").status_code == 200


def test_a_vault_opens_what_it_sealed_for_the_same_thing_only() -> None:
    old, new = Vault(["o" * 40]), Vault(["n" * 40, "o" * 40])
    sealed = old.seal("secret", "totp 1")
    assert new.open(sealed, "totp 1") == "secret"
    for vault, about in ((new, "totp 2"), (Vault(["x" * 40]), "totp 1")):
        with pytest.raises(UnreadableError):
            vault.open(sealed, about)


def test_recovery_codes_outlive_the_key_that_sealed_the_phone(app: HubFlask, cast: Cast) -> None:
    who = cast.guest_service
    phone, codes = set_up(HubClient(app).signed_in(who))
    app.settings = dataclasses.replace(app.settings, secret_keys=("n" * 40,))
    client, _ = by_form(app, who)
    assert client.post_form("/sign-in/code", {"code": phone.code()}).status_code == 401
    assert client.post_form("/sign-in/code", {"code": codes[0]}).status_code == 303


def test_who_has_lost_everything_is_helped_at_the_terminal(
    app: HubFlask, cast: Cast, settings: Settings
) -> None:
    client = HubClient(app).signed_in(cast.guest_service)
    ask = ("admin", "reset-second-factor", "--email")
    assert "no second factor" in at_terminal(settings, *ask, cast.guest_service.email).output
    set_up(client)
    assert at_terminal(settings, *ask, "nobody@example.id").exit_code == 1
    assert at_terminal(settings, *ask, cast.guest_service.email.upper()).exit_code == 0
    assert client.get("me").status_code == 401
    assert HubClient(app).sign_in(cast.guest_service).status_code == 201
