"""Signing in and out, and what guessing leads to."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text, update

from hub.accounts import proofs
from hub.accounts.commands import throttle
from hub.accounts.commands.sign_ins import LASTS
from hub.accounts.models import Person
from hub.accounts.validity import still_valid
from hub.clock import now, travel
from hub.errors import Throttled
from tests.support.cast import PASSWORD, PASSWORD_HASH
from tests.support.client import HubClient
from tests.support.unhurried import unhurried

if TYPE_CHECKING:
    from config.settings import Settings
    from hub.db.transaction import Database
    from hub.web.application import HubFlask
    from tests.support.cast import Cast


def move_clock(as_owner: Database, settings: Settings, by: dt.timedelta) -> None:
    with as_owner.transaction() as session:
        travel(session, settings, to=now(session) + by)


def test_somebody_signs_in_and_out(client: HubClient, cast: Cast) -> None:
    signed = client.sign_in(cast.guest_head)
    assert signed.status_code == 201
    assert signed.json is not None
    assert signed.json["person"] == {
        "id": cast.guest_head.id,
        "name": "Sekar Wijayanti",
        "email": "sekar.wijayanti@example.id",
        "locale": "id",
        "zone": "Asia/Jakarta",
        "wants_mail": True,
    }
    assert dt.datetime.fromisoformat(signed.json["expires_at"]).tzinfo is not None
    assert client.get("me").status_code == 200
    cookie = client.cookie
    assert client.delete("sign-ins/current").status_code == 204
    assert client.cookie is None
    client.inner.set_cookie("__Host-hub", cookie or "")
    assert client.get("me").status_code == 401, "a copied cookie works no longer"


def test_the_token_is_stored_as_its_hash_only(client: HubClient, cast: Cast, as_app: Database) -> None:
    client.signed_in(cast.guest_head)
    with as_app.transaction() as session:
        stored = session.execute(text("SELECT sign_ins::text, token_hash FROM sign_ins")).one()
    assert client.cookie
    assert client.cookie not in stored[0]
    assert stored.token_hash == proofs.secret_hash(client.cookie)


def test_the_address_is_taken_in_any_case(client: HubClient, cast: Cast) -> None:
    assert client.sign_in(cast.guest_head.email.upper()).status_code == 201


def test_signing_in_again_changes_the_token_and_ends_the_old_one(client: HubClient, cast: Cast) -> None:
    client.signed_in(cast.guest_head)
    first = client.cookie
    client.signed_in(cast.guest_head)
    assert client.cookie != first
    client.inner.set_cookie("__Host-hub", first or "")
    assert client.get("me").status_code == 401


def test_a_token_that_somebody_planted_is_not_adopted(client: HubClient, cast: Cast) -> None:
    client.inner.set_cookie("__Host-hub", "planted")
    client.signed_in(cast.guest_head)
    assert client.cookie != "planted"


def test_a_wrong_password_and_an_unknown_address_look_alike(client: HubClient, cast: Cast) -> None:
    wrong = client.sign_in(cast.guest_head.email, "another-password-1")
    unknown = client.sign_in("nobody@example.id", "another-password-1")
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert wrong.data == unknown.data
    assert "Set-Cookie" not in wrong.headers


def test_an_unknown_address_is_checked_as_long_as_a_known_one(
    client: HubClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    verify = type(proofs._hasher).verify  # noqa: SLF001 -- the slow step itself is watched

    def watch(self: object, kept: str, password: str) -> object:
        checked.append(kept)
        return verify(self, kept, password)  # type: ignore[arg-type]

    monkeypatch.setattr(type(proofs._hasher), "verify", watch)  # noqa: SLF001 -- counts what is hashed
    client.sign_in(cast.guest_head.email, "another-password-1")
    client.sign_in("nobody@example.id", "another-password-1")
    assert checked == [PASSWORD_HASH, proofs.NOBODY]


def test_somebody_without_a_password_or_no_longer_active_cannot_sign_in(
    client: HubClient, cast: Cast, as_app: Database
) -> None:
    with as_app.transaction() as session:
        session.execute(update(Person).where(Person.id == cast.host_head.id).values(password_hash=None))
        session.execute(update(Person).where(Person.id == cast.stranger.id).values(is_active=False))
    assert client.sign_in(cast.host_head).status_code == 401
    assert client.sign_in(cast.stranger).status_code == 401


def test_somebody_no_longer_active_is_out_at_the_next_request(
    client: HubClient, cast: Cast, as_app: Database
) -> None:
    client.signed_in(cast.guest_head)
    with as_app.transaction() as session:
        session.execute(update(Person).where(Person.id == cast.guest_head.id).values(is_active=False))
    assert client.get("me").status_code == 401


def test_a_sign_in_ends_after_twelve_hours_however_busy(
    client: HubClient, cast: Cast, as_owner: Database, settings: Settings
) -> None:
    client.signed_in(cast.guest_head)
    for _ in range(4):
        move_clock(as_owner, settings, (LASTS - dt.timedelta(minutes=1)) / 4)
        assert client.get("me").status_code == 200
    move_clock(as_owner, settings, dt.timedelta(minutes=2))
    assert client.get("me").status_code == 401


@pytest.mark.parametrize(
    ("name", "idle"),
    [
        ("guest_head", dt.timedelta(hours=4)),
        *((name, dt.timedelta(minutes=30)) for name in ("admin", "overseer")),
    ],
)
def test_a_sign_in_that_nobody_uses_ends(
    client: HubClient, cast: Cast, as_owner: Database, settings: Settings, name: str, idle: dt.timedelta
) -> None:
    client.signed_in(getattr(cast, name))
    assert client.cookie is not None
    proof = proofs.secret_hash(client.cookie)
    for _ in range(2):
        move_clock(as_owner, settings, idle - dt.timedelta(minutes=1))
        assert client.get("me").status_code == 200, "reading is using, too"
    move_clock(as_owner, settings, idle - dt.timedelta(minutes=1))
    with as_owner.transaction() as session:
        assert still_valid(session, [proof]) == {proof}
    move_clock(as_owner, settings, dt.timedelta(minutes=2))
    with as_owner.transaction() as session:
        assert still_valid(session, [proof]) == set(), "what is streamed ends as well"
    assert client.get("me").status_code == 401


def test_reading_is_noted_once_a_minute_at_most(
    client: HubClient, cast: Cast, as_owner: Database, settings: Settings
) -> None:
    client.signed_in(cast.guest_head)
    seen = text("SELECT last_seen_at, xmin FROM sign_ins")

    def after_reading() -> object:
        assert client.get("me").status_code == 200
        with as_owner.transaction() as session:
            return session.execute(seen).one()

    first = after_reading()
    assert after_reading() == first
    move_clock(as_owner, settings, dt.timedelta(seconds=61))
    second = after_reading()
    assert second != first
    assert after_reading() == second


def test_every_browser_of_a_person_can_be_signed_out(app: HubFlask, cast: Cast) -> None:
    one, other = HubClient(app).signed_in(cast.guest_head), HubClient(app).signed_in(cast.guest_head)
    stranger = HubClient(app).signed_in(cast.stranger)
    ended = one.delete("sign-ins")
    assert (ended.status_code, ended.json) == (200, {"revoked": 2})
    assert [client.get("me").status_code for client in (one, other, stranger)] == [401, 401, 200]


def test_five_wrong_tries_close_an_account_for_a_while_and_longer_each_time(
    client: HubClient, cast: Cast, as_owner: Database, settings: Settings
) -> None:
    email = cast.guest_head.email
    assert [client.sign_in(email, "wrong").status_code for _ in range(5)] == [401] * 5
    closed = client.sign_in(email)
    assert closed.status_code == 429
    assert closed.json is not None
    assert closed.json["code"] == "throttled"
    assert 890 <= int(closed.headers["Retry-After"]) <= 900
    assert client.sign_in(cast.host_head).status_code == 201, "others are not concerned"

    move_clock(as_owner, settings, dt.timedelta(minutes=15, seconds=5))
    assert client.sign_in(email, "wrong").status_code == 401
    assert 1700 <= int(client.sign_in(email).headers["Retry-After"]) <= 1800

    move_clock(as_owner, settings, dt.timedelta(minutes=30, seconds=5))
    assert client.sign_in(email).status_code == 201
    assert [client.sign_in(email, "wrong").status_code for _ in range(4)] == [401] * 4, "a success forgives"
    assert client.sign_in(email).status_code == 201


def test_tries_of_another_quarter_of_an_hour_do_not_count(
    client: HubClient, cast: Cast, as_owner: Database, settings: Settings
) -> None:
    for _ in range(3):
        assert [client.sign_in(cast.guest_head, "wrong").status_code for _ in range(4)] == [401] * 4
        move_clock(as_owner, settings, dt.timedelta(minutes=16))


def test_an_account_that_does_not_exist_is_closed_alike(client: HubClient, cast: Cast) -> None:
    del cast
    answers = [client.sign_in("nobody@example.id", "wrong").status_code for _ in range(6)]
    assert answers == [401] * 5 + [429]


def test_many_tries_at_once_do_not_escape_the_count(
    app: HubFlask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []

    def refuse(password: str, _kept: str | None) -> bool:
        checked.append(password)
        return False

    monkeypatch.setattr("hub.accounts.commands.sign_ins.is_password", refuse)
    with unhurried(app), ThreadPoolExecutor(10) as pool:
        answers = list(
            pool.map(lambda n: HubClient(app).sign_in(cast.guest_head, f"wrong-{n}").status_code, range(40))
        )
    assert sorted(answers) == [401] * 5 + [429] * 35
    assert len(checked) == 5


def test_of_a_thousand_guesses_from_everywhere_five_are_looked_at(cast: Cast, as_app: Database) -> None:
    looked_at = 0
    for number in range(1000):
        try:
            with as_app.transaction() as session:
                throttle.count_try(
                    session, email=cast.admin.email, address=f"10.0.{number // 250}.{number % 250}"
                )
        except Throttled:
            continue
        looked_at += 1
    assert looked_at == 5


def test_an_office_signs_in_at_once_from_one_address(app: HubFlask, cast: Cast) -> None:
    everybody = [member for member in cast.everybody() for _ in range(3)]
    with unhurried(app), ThreadPoolExecutor(15) as pool:
        answers = list(pool.map(lambda member: HubClient(app).sign_in(member).status_code, everybody))
    assert answers == [201] * len(everybody)


def test_one_address_may_not_try_many_accounts(
    client: HubClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "ADDRESS", throttle.Limit(tries=7, first_wait=15, longest_wait=15))
    answers = [client.sign_in(f"person{n}@example.id", "wrong").status_code for n in range(8)]
    assert answers == [401] * 7 + [429]
    assert client.sign_in(cast.guest_head).status_code == 429


def test_successes_do_not_close_an_address(
    client: HubClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "ADDRESS", throttle.Limit(tries=3, first_wait=15, longest_wait=15))
    assert [client.sign_in(cast.guest_head).status_code for _ in range(8)] == [201] * 8


def test_the_limits_are_those_we_promise() -> None:
    assert (throttle.ACCOUNT.tries, throttle.ADDRESS.tries) == (5, 50)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": "sekar.wijayanti@example.id"},
        {"email": "sekar.wijayanti@example.id\x00", "password": PASSWORD},
        {"email": ["sekar.wijayanti@example.id"], "password": PASSWORD},
        {"email": "sekar.wijayanti@example.id", "password": 5},
        {"email": "sekar.wijayanti@example.id", "password": PASSWORD, "is_admin": True},
    ],
)
def test_odd_input_is_refused(client: HubClient, body: object) -> None:
    assert client.post("sign-ins", body).status_code == 422


@pytest.mark.parametrize("password", ["a\x00b", "😀", "x" * 100_000, "密码", " " + PASSWORD])
def test_an_odd_password_is_just_wrong(client: HubClient, cast: Cast, password: str) -> None:
    assert client.sign_in(cast.guest_head, password).status_code == 401


@pytest.mark.parametrize(
    "cookie", ["", "x", "é", "a" * 5000, "hub_" + "a" * 43, "'; DROP TABLE people; --", "%00"]
)
def test_an_odd_cookie_is_nobodys(client: HubClient, cookie: str) -> None:
    answer = client.get("me", headers={"Cookie": f"__Host-hub={cookie}"})
    assert answer.status_code == 401
    assert client.get("/", headers={"Cookie": f"__Host-hub={cookie}"}).status_code == 200


def test_an_odd_browser_name_does_no_harm(client: HubClient, cast: Cast, as_app: Database) -> None:
    body = {"email": cast.guest_head.email, "password": PASSWORD}
    assert client.post("sign-ins", body, headers={"User-Agent": "\x01\x02"}).status_code == 201
    assert client.post("sign-ins", body, headers={"User-Agent": "Browser " * 500}).status_code == 201
    with as_app.transaction() as session:
        kept = session.scalars(text("SELECT user_agent FROM sign_ins ORDER BY created_at")).all()
    assert kept[0] is None
    assert kept[1] is not None
    assert len(kept[1]) <= 200
