"""Passkeys: made by a device, asked for at the sign-in alone or after the password, and what is refused."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from hub.accounts import challenges
from hub.accounts.ceremonies import RelyingParty
from tests.hub.accounts.test_second_factor import CODE, by_form, set_up
from tests.support.authenticator import PRESENT, Device, bytes_of, text_of
from tests.support.client import HubClient
from tests.support.terminal import at_terminal

if TYPE_CHECKING:
    from config.settings import Settings
    from hub.db.transaction import Database
    from hub.web.application import HubFlask
    from tests.support.cast import Cast, Member

ALONE, SECOND = "/sign-in/passkey", "/sign-in/code/passkey"
CHALLENGE = "__Host-hub-challenge"


def ask(client: HubClient, path: str) -> dict[str, Any]:
    """Return the options that the page's script gets."""
    answer = client.post_form(f"{path}/options", {})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return dict(answer.get_json())


def added(client: HubClient, **facts: Any) -> tuple[Device, list[str]]:
    """Add a passkey as its page does; return the device and the recovery codes, if they were shown."""
    device = Device(client.app.settings.base_url, **facts)
    credential = device.make(ask(client, "/me/passkeys"))
    done = client.post_form("/me/passkeys", {"name": "Ponsel saya", "credential": credential})
    assert done.status_code in (200, 303), done.get_data(as_text=True)
    return device, CODE.findall(done.get_data(as_text=True))


def enter(client: HubClient, device: Device, path: str = ALONE, **form: object) -> Any:
    """Show the passkey to the page."""
    return client.post_form(path, {"credential": device.sign(ask(client, path)), **form})


@pytest.fixture
def who(cast: Cast) -> Member:
    """Return somebody of the staff."""
    return cast.guest_service


@pytest.fixture
def device(app: HubFlask, who: Member) -> Device:
    """Return the device that holds their passkey."""
    return added(HubClient(app).signed_in(who))[0]


def passkey_row(as_owner: Database) -> Any:
    with as_owner.transaction() as session:
        return session.execute(text("SELECT * FROM passkeys ORDER BY id DESC LIMIT 1")).one()


def test_a_passkey_signs_in_alone(app: HubFlask, device: Device, who: Member, as_owner: Database) -> None:
    client = HubClient(app)
    done = enter(client, device, next="/tasks")
    assert (done.status_code, done.headers["Location"]) == (303, "/tasks")
    assert client.get("me").get_json()["person"]["id"] == who.id
    row = passkey_row(as_owner)
    assert (row.sign_count, row.transports, row.name) == (1, ["internal", "hybrid"], "Ponsel saya")
    assert row.last_used_at is not None


def test_a_passkey_finishes_the_sign_in_that_waits(app: HubFlask, device: Device, who: Member) -> None:
    client, asked = by_form(app, who)
    page = asked.get_data(as_text=True)
    assert 'action="/sign-in/code/passkey"' in page
    assert "Kode pemulihan" in page, "without an app the field takes a recovery code"
    pending = client.cookie
    options = ask(client, SECOND)
    assert [bytes_of(one["id"]) for one in options["allowCredentials"]] == [device.credential_id]
    done = client.post_form(SECOND, {"credential": device.sign(options), "next": "/tasks"})
    assert (done.status_code, done.headers["Location"]) == (303, "/tasks")
    assert client.cookie != pending


def test_the_first_second_factor_gives_recovery_codes_and_ends_other_sign_ins(
    app: HubFlask, who: Member
) -> None:
    other, client = HubClient(app).signed_in(who), HubClient(app).signed_in(who)
    _, codes = added(client)
    assert len(codes) == 10
    assert other.get("me").status_code == 401
    _, more = added(client)
    assert more == []
    waiting, _ = by_form(app, who)
    assert waiting.post_form("/sign-in/code", {"code": codes[0]}).status_code == 303
    # By the API, too, it is a second factor.
    body = {"email": who.email, "password": "telaga-biru-pagi-ini"}
    assert HubClient(app).post("sign-ins", body).get_json()["code"] == "second-factor-required"
    assert HubClient(app).post("sign-ins", {**body, "code": codes[1]}).status_code == 201


def test_options_say_the_same_to_everybody(app: HubFlask, device: Device) -> None:
    del device
    first, second = ask(HubClient(app), ALONE), ask(HubClient(app), ALONE)
    assert first.pop("challenge") != second.pop("challenge")
    assert first == second
    assert first["allowCredentials"] == []
    assert first["userVerification"] == "required"


def test_a_challenge_is_answered_once(app: HubFlask, device: Device) -> None:
    client = HubClient(app)
    credential = device.sign(ask(client, ALONE))
    held = client.inner.get_cookie(CHALLENGE)
    assert held is not None
    assert client.post_form(ALONE, {"credential": credential}).status_code == 303
    thief = HubClient(app)
    thief.inner.set_cookie(CHALLENGE, held.value, secure=True)
    assert thief.post_form(ALONE, {"credential": credential}).status_code == 401
    # Not even another answer with a higher count is taken for it, and a wrong one uses it up, too.
    options = ask(thief, ALONE)
    assert thief.post_form(ALONE, {"credential": "{}"}).status_code == 401
    assert thief.post_form(ALONE, {"credential": device.sign(options)}).status_code == 401


def test_a_challenge_belongs_to_the_browser_that_asked(app: HubFlask, device: Device) -> None:
    asking, other = HubClient(app), HubClient(app)
    credential = device.sign(ask(asking, ALONE))
    assert other.post_form(ALONE, {"credential": credential}).status_code == 401
    ask(other, ALONE)
    assert other.post_form(ALONE, {"credential": credential}).status_code == 401


def test_a_challenge_is_good_for_what_it_was_asked_for(app: HubFlask, device: Device, who: Member) -> None:
    client, _ = by_form(app, who)
    assert client.post_form(SECOND, {"credential": device.sign(ask(client, ALONE))}).status_code == 401
    assert client.post_form(ALONE, {"credential": device.sign(ask(client, SECOND))}).status_code == 401


def test_a_challenge_ends(app: HubFlask, device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    client = HubClient(app)
    credential = device.sign(ask(client, ALONE))
    monkeypatch.setattr(challenges, "SECONDS", -1)
    assert client.post_form(ALONE, {"credential": credential}).status_code == 401


@pytest.mark.parametrize(
    "lie",
    [
        {"origin": "https://hub.example.com"},
        {"rp_id": "example.com"},
        {"flags": PRESENT},
        {"user_handle": bytes(32)},
        {"user_handle": b""},
        {"credential_id": bytes(32)},
        {"key": Device("").key},
    ],
    ids=["origin", "party", "not verified", "somebody else", "nobody", "unknown key", "another's signature"],
)
def test_what_a_device_may_not_say(app: HubFlask, device: Device, lie: dict[str, Any]) -> None:
    unknown = HubClient(app)
    refused = enter(HubClient(app), device.lying(**lie))
    nobody = enter(unknown, Device(app.settings.base_url, user_handle=bytes(32)))
    assert (refused.status_code, nobody.status_code) == (401, 401)
    strip = re.compile(r'nonce="[^"]*"')
    pages = {strip.sub("", one.get_data(as_text=True)) for one in (refused, nobody)}
    assert len(pages) == 1, "every refusal reads the same"
    assert "Set-Cookie" not in refused.headers
    assert enter(HubClient(app), device).status_code == 303


def test_a_count_that_goes_back_is_refused_and_recorded(
    app: HubFlask, device: Device, who: Member, as_owner: Database
) -> None:
    copy = device.lying(count=0)
    for _ in range(2):
        assert enter(HubClient(app), device).status_code == 303
    assert enter(HubClient(app), copy).status_code == 401
    with as_owner.transaction() as session:
        entry = session.execute(text("SELECT * FROM audit WHERE action = 'passkey.refused'")).one()
    assert entry.subject == f"people/{who.id}"
    assert (entry.detail["before"], entry.detail["after"]) == (2, 1)
    assert entry.origin == "127.0.0.1"
    assert passkey_row(as_owner).sign_count == 2
    assert enter(HubClient(app), device).status_code == 303


def test_a_synchronised_passkey_counts_nothing(app: HubFlask, who: Member) -> None:
    device, _ = added(HubClient(app).signed_in(who), step=0)
    assert [enter(HubClient(app), device).status_code for _ in range(2)] == [303, 303]


def test_another_persons_passkey_finishes_nobody_elses_sign_in(
    app: HubFlask, device: Device, cast: Cast
) -> None:
    set_up(HubClient(app).signed_in(cast.guest_head))
    client, _ = by_form(app, cast.guest_head)
    refused = enter(client, device, SECOND)
    assert refused.status_code == 401
    assert client.get("me").status_code == 401
    assert 'action="/sign-in/code"' in refused.get_data(as_text=True), "the code is still asked for"


def test_without_a_password_shown_nothing_is_finished(app: HubFlask, device: Device) -> None:
    client = HubClient(app)
    assert client.post_form(f"{SECOND}/options", {}).status_code == 401
    assert enter(client, device, ALONE).status_code == 303
    stranger = HubClient(app)
    credential = device.sign(ask(stranger, ALONE))
    assert stranger.post_form(SECOND, {"credential": credential}).status_code == 401


@pytest.mark.parametrize(
    "credential",
    ["", "x", "[]", "null", "{}", '{"response": 5}', '{"response": {}}', "[" * 19_000, "é" * 30_000],
)
def test_what_is_no_answer_is_refused(app: HubFlask, who: Member, credential: str) -> None:
    client = HubClient(app)
    ask(client, ALONE)
    assert client.post_form(ALONE, {"credential": credential}).status_code == 401
    client.signed_in(who)
    ask(client, "/me/passkeys")
    assert client.post_form("/me/passkeys", {"name": "x", "credential": credential}).status_code == 422


def test_a_spoiled_answer_is_refused(app: HubFlask, device: Device) -> None:
    """Each part of a right answer is replaced by what is none; nothing but a refusal may come of it."""
    odd: list[Any] = [None, 5, "", "é", "%%%", "A", text_of(b"\xff" * 40), text_of(b'{"a": 1}'), {"a": []}]
    client = HubClient(app)
    device.step = 0
    for name in ("clientDataJSON", "authenticatorData", "signature", "userHandle"):
        for value in odd:
            if name == "userHandle" and value == text_of(device.user_handle):
                continue
            body = json.loads(device.sign(ask(client, ALONE)))
            body["response"][name] = value
            with app.database.transaction() as session:
                session.execute(text("DELETE FROM sign_in_throttles"))
            refused = client.post_form(ALONE, {"credential": json.dumps(body)})
            assert refused.status_code == 401, (name, value)


def test_a_device_of_another_site_makes_no_passkey(app: HubFlask, who: Member, as_owner: Database) -> None:
    client = HubClient(app).signed_in(who)
    lies: list[dict[str, Any]] = [
        {"origin": "https://example.com"},
        {"rp_id": "example.com"},
        {"flags": PRESENT},
    ]
    for lie in lies:
        device = Device(app.settings.base_url).lying(**lie)
        credential = device.make(ask(client, "/me/passkeys"))
        refused = client.post_form("/me/passkeys", {"name": "Ponsel", "credential": credential})
        assert refused.status_code == 422, lie
        assert 'value="Ponsel"' in refused.get_data(as_text=True)
    with as_owner.transaction() as session:
        assert session.scalars(text("SELECT count(*) FROM passkeys")).one() == 0


def test_a_passkey_belongs_to_one_person(app: HubFlask, device: Device, cast: Cast) -> None:
    client = HubClient(app).signed_in(cast.guest_head)
    credential = device.make(ask(client, "/me/passkeys"))
    assert client.post_form("/me/passkeys", {"name": "x", "credential": credential}).status_code == 422


def test_ten_are_enough(app: HubFlask, who: Member) -> None:
    client = HubClient(app).signed_in(who)
    for _ in range(10):
        added(client)
    credential = Device(app.settings.base_url).make(ask(client, "/me/passkeys"))
    assert client.post_form("/me/passkeys", {"name": "x", "credential": credential}).status_code == 422


def test_it_is_renamed_and_removed_by_its_owner_only(
    app: HubFlask, device: Device, who: Member, cast: Cast, as_owner: Database
) -> None:
    owner, stranger = HubClient(app), HubClient(app).signed_in(cast.stranger)
    enter(owner, device)
    owner.csrf = owner.get("me").get_json()["csrf_token"]
    place = f"/me/passkeys/{passkey_row(as_owner).id}"
    assert stranger.get(place).status_code == 404
    assert stranger.post_form(place, {"name": "x"}).status_code == 404
    assert stranger.post_form(f"{place}/remove", {}).status_code == 404
    assert owner.post_form(place, {"name": ""}).status_code == 422
    assert owner.post_form(place, {"name": "Kunci di laci"}).status_code == 303
    assert "Kunci di laci" in owner.get("/me/second-factor").get_data(as_text=True)
    assert owner.post_form(f"{place}/remove", {}).status_code == 303
    assert enter(HubClient(app), device).status_code == 401
    assert HubClient(app).sign_in(who).status_code == 201, "the password alone opens the hub again"
    with as_owner.transaction() as session:
        assert session.scalars(text("SELECT count(*) FROM recovery_codes")).one() == 0


@pytest.mark.parametrize("name", ["admin", "overseer"])
def test_it_is_the_second_factor_that_is_demanded(
    app: HubFlask, cast: Cast, name: str, as_owner: Database
) -> None:
    app.settings = dataclasses.replace(app.settings, second_factor="required")
    client = HubClient(app).signed_in(getattr(cast, name))
    assert client.get("/home").status_code == 303
    added(client)
    assert client.get("/home").status_code == 200
    place = f"/me/passkeys/{passkey_row(as_owner).id}"
    assert f'action="{place}/remove"' not in client.get(place).get_data(as_text=True)
    assert client.post_form(f"{place}/remove", {}).status_code == 409
    # With an app beside it, either may go.
    set_up(client)
    assert client.post_form("/me/second-factor/remove", {}).status_code == 303
    set_up(client)
    assert client.post_form(f"{place}/remove", {}).status_code == 303
    assert client.get("/home").status_code == 200


def test_whoever_has_lost_all_is_helped_at_the_terminal(
    app: HubFlask, device: Device, who: Member, settings: Settings
) -> None:
    done = at_terminal(settings, "admin", "reset-second-factor", "--email", who.email)
    assert done.exit_code == 0
    assert enter(HubClient(app), device).status_code == 401
    assert HubClient(app).sign_in(who).status_code == 201


def test_an_account_closed_by_others_guesses_opens_to_its_owner(
    app: HubFlask, device: Device, who: Member
) -> None:
    for _ in range(6):
        HubClient(app).sign_in(who, "wrong")
    assert HubClient(app).sign_in(who).status_code == 429
    assert enter(HubClient(app), device).status_code == 303


def test_answers_are_counted_by_their_address(app: HubFlask, device: Device) -> None:
    client = HubClient(app)
    stranger = Device(app.settings.base_url, user_handle=bytes(32))
    answers = [enter(client, stranger).status_code for _ in range(51)]
    assert answers == [401] * 50 + [429]
    assert enter(client, device).status_code == 429


def test_somebody_no_longer_active_is_refused(
    app: HubFlask, device: Device, who: Member, as_owner: Database
) -> None:
    with as_owner.transaction() as session:
        session.execute(text("UPDATE people SET is_active = false WHERE id = :id"), {"id": who.id})
    assert enter(HubClient(app), device).status_code == 401


@pytest.mark.parametrize(
    ("address", "host", "origin"),
    [
        ("https://Hub.Example.org", "hub.example.org", "https://hub.example.org"),
        ("https://hub.example.org:443/", "hub.example.org", "https://hub.example.org"),
        ("https://hub.example.org:8443", "hub.example.org", "https://hub.example.org:8443"),
        ("http://localhost:8000", "localhost", "http://localhost:8000"),
    ],
)
def test_devices_know_the_hub_by_its_address(address: str, host: str, origin: str) -> None:
    assert RelyingParty.at(address) == RelyingParty(host, origin)


def test_where_the_address_is_a_number_there_are_none(app: HubFlask, who: Member) -> None:
    app.settings = dataclasses.replace(app.settings, base_url="http://127.0.0.1:8000")
    client = HubClient(app)
    assert "/sign-in/passkey" not in client.get("/sign-in").get_data(as_text=True)
    assert client.post_form(f"{ALONE}/options", {}).status_code == 404
    assert client.post_form(ALONE, {"credential": "{}"}).status_code == 404
    page = client.signed_in(who).get("/me/second-factor").get_data(as_text=True)
    assert "/me/passkeys/new" not in page
