"""People, posts, appointments and rights: what is refused, what is recorded."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from hub.accounts.commands.people import appoint, create_person, create_post, grant
from hub.accounts.identity import load_actor
from hub.actor import system_actor
from hub.cli.admin import admin as admin_commands
from hub.errors import Conflict, Forbidden, HubError, Invalid, NotFound
from tests.support.client import HubClient

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from config.settings import Settings
    from hub.db.transaction import Database
    from hub.web.application import HubFlask
    from tests.support.cast import Cast

BY = system_actor("test")


def test_only_an_administrator_manages_people(cast: Cast, as_app: Database) -> None:
    head = cast.guest_head.actor()
    with as_app.transaction() as session:
        acts: list[Callable[[], object]] = [
            lambda: create_person(session, actor=head, name="A", email="a@example.id"),
            lambda: create_post(session, actor=head, facility_id=cast.guest.id, title="X", role="section"),
            lambda: appoint(
                session, actor=head, person_id=head.person_id or 0, post_id=cast.host_head.post_id
            ),
            lambda: grant(session, actor=head, person_id=head.person_id or 0, role="admin"),
        ]
        for act in acts:
            with pytest.raises(Forbidden):
                act()
        create_person(session, actor=cast.admin.actor(), name="A", email="a@example.id")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"name": ""}, Invalid),
        ({"name": "A\nB"}, Invalid),
        ({"name": "A\x00"}, Invalid),
        ({"name": "x" * 121}, Invalid),
        ({"password": "short"}, Invalid),
        ({"email": "no address"}, Invalid),
        ({"email": "ani@example.id\nBcc: x@example.id"}, Invalid),
        ({"email": "a" * 64 + "@" + "b.c" * 90 + ".id"}, Invalid),
        ({"locale": "fr"}, Invalid),
        ({"zone": "UTC"}, Invalid),
        ({"email": "SEKAR.WIJAYANTI@example.id"}, Conflict),
    ],
)
def test_an_odd_person_is_refused(
    cast: Cast, as_app: Database, changes: dict[str, Any], error: type[HubError]
) -> None:
    del cast
    with as_app.transaction() as session, pytest.raises(error):
        create_person(session, **{"actor": BY, "name": "Ani", "email": "ani@example.id", **changes})


def test_a_post_has_one_title_and_a_facility_one_head(cast: Cast, as_app: Database) -> None:
    def make(session: Session, **changes: Any) -> None:
        create_post(
            session,
            **{
                "actor": BY,
                "facility_id": cast.guest.id,
                "title": "Kasubsi Baru",
                "role": "section",
                **changes,
            },
        )

    with as_app.transaction() as session:
        make(session)
        for changes, error in (
            ({}, Conflict),
            ({"title": "Plt. Karutan", "role": "head"}, Conflict),
            ({"title": "Lain", "role": "director"}, Invalid),
            ({"title": "Lain", "facility_id": 10**12}, NotFound),
            ({"title": "Lain", "reports_to_id": cast.host_head.post_id}, Invalid),
            ({"title": "Lain", "reports_to_id": 10**12}, Invalid),
        ):
            with pytest.raises(error):
                make(session, **changes)


def test_a_post_has_one_holder_at_a_time_but_somebody_may_act(cast: Cast, as_app: Database) -> None:
    post_id, person_id = cast.guest_head.post_id, cast.guest_assets.id
    with as_app.transaction() as session:
        with pytest.raises(Conflict):
            appoint(session, actor=BY, person_id=person_id, post_id=post_id)
        appoint(session, actor=BY, person_id=person_id, post_id=post_id, is_acting=True, letter_no="W13-1")
        acting = load_actor(session, person_id)
        assert acting is not None
        assert acting.headed_ids == (cast.guest.id,)
        assert acting.label == "Laras Puspita (Karutan)"
        appoint(session, actor=BY, person_id=cast.guest_assets.id, post_id=cast.guest_staff.post_id)
        with pytest.raises(NotFound):
            appoint(session, actor=BY, person_id=10**12, post_id=post_id)
        moment = dt.datetime(2024, 11, 28, tzinfo=dt.UTC)
        with pytest.raises(Invalid):
            appoint(session, actor=BY, person_id=person_id, post_id=post_id, starts_at=moment, ends_at=moment)


def test_an_appointment_counts_in_its_time_only(cast: Cast, as_app: Database) -> None:
    with as_app.transaction() as session:
        post = create_post(session, actor=BY, facility_id=cast.host.id, title="Kasi Kamtib", role="section")
        current = session.scalars(text("SELECT hub_now()")).one()
        day = dt.timedelta(days=1)
        for starts, ends in ((None, current - day), (current + day, None)):
            appoint(
                session, actor=BY, person_id=cast.stranger.id, post_id=post.id, starts_at=starts, ends_at=ends
            )
        actor = load_actor(session, cast.stranger.id)
        assert actor is not None
        assert actor.unit_ids == (cast.elsewhere.id,)
        appoint(
            session,
            actor=BY,
            person_id=cast.stranger.id,
            post_id=post.id,
            starts_at=current - day,
            ends_at=current + day,
        )
        actor = load_actor(session, cast.stranger.id)
        assert actor is not None
        assert set(actor.unit_ids) == {cast.elsewhere.id, cast.host.id}
        assert actor.headed_ids == (cast.elsewhere.id,)


def test_a_right_covers_the_country_or_a_region(cast: Cast, as_app: Database) -> None:
    with as_app.transaction() as session:
        for changes, error in (
            ({"role": "king"}, Invalid),
            ({"role": "overseer", "scope_facility_id": cast.guest.id}, Invalid),
            ({"role": "admin", "scope_facility_id": cast.region.id}, Invalid),
            ({"role": "overseer", "person_id": 10**12}, NotFound),
        ):
            with pytest.raises(error):
                grant(session, **{"actor": BY, "person_id": cast.stranger.id, **changes})  # type: ignore[arg-type]
        grant(session, actor=BY, person_id=cast.stranger.id, role="overseer")
        national = load_actor(session, cast.stranger.id)
        assert national is not None
        assert (national.oversees_all, national.region_ids, national.is_admin) == (True, (), False)


def run(settings: Settings, monkeypatch: pytest.MonkeyPatch, *arguments: str, given: str) -> tuple[int, str]:
    for name, value in {
        "HUB_MODE": "test",
        "HUB_HOME": str(settings.home),
        "DATABASE_URL": settings.database_urls["app"],
        "REDIS_URL": settings.redis_url,
        "HUB_SECRET_KEYS": settings.secret_keys[0],
        "SMTP_URL": settings.smtp_url,
    }.items():
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(admin_commands, arguments, input=given)
    return result.exit_code, result.output


def test_the_command_line_makes_an_administrator(
    settings: Settings, app: HubFlask, as_app: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = ("create", "--name", "Gilang Ramadhan", "--email", "gilang@example.org", "--password-stdin")
    assert run(settings, monkeypatch, *options, given="kopi susu empat gelas\n") == (
        0,
        "Gilang Ramadhan <gilang@example.org> administers the hub.\n",
    )
    client = HubClient(app)
    assert client.sign_in("gilang@example.org", "kopi susu empat gelas").status_code == 201
    assert client.get("me").json["may"]["is_admin"] is True  # type: ignore[index]
    code, said = run(settings, monkeypatch, *options, given="kopi susu empat gelas\n")
    assert code == 1
    assert "has this address already" in said
    with as_app.transaction() as session:
        rows = session.execute(text("SELECT action, actor_kind, actor_label, detail::text FROM audit")).all()
    assert [row.action for row in rows] == ["person.created", "right.granted", "admin.created"]
    assert {row.actor_kind for row in rows} == {"system"}
    assert all(row.actor_label.startswith("operator") for row in rows)
    assert not any("kopi" in row.detail for row in rows)


def test_the_command_line_refuses_a_weak_password(
    settings: Settings, as_app: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = ("create", "--name", "Gilang", "--email", "gilang@example.org")
    code, said = run(settings, monkeypatch, *options, "--password-stdin", given="admin12345678\n")
    assert code == 1
    assert "others" in said
    code, _said = run(settings, monkeypatch, *options, given="kopi susu empat gelas\nanother one entirely\n")
    assert code == 1
    with as_app.transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM people WHERE name = 'Gilang'")) == 0


def test_the_operator_ends_sign_ins_of_one_or_of_everybody(
    settings: Settings, app: HubFlask, cast: Cast, as_app: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = HubClient(app).signed_in(cast.guest_head), HubClient(app).signed_in(cast.host_head)
    email = cast.guest_head.email.upper()
    code, said = run(settings, monkeypatch, "end-sign-ins", "--email", email, given="")
    assert (code, said) == (0, "Ended: 1 sign-ins of 1 people.\n")
    assert (one.get("me").status_code, other.get("me").status_code) == (401, 200)
    code, said = run(settings, monkeypatch, "end-sign-ins", "--everybody", given="")
    assert code == 0
    assert other.get("me").status_code == 401
    for options in ((), ("--everybody", "--email", email), ("--email", "nobody@example.org")):
        assert run(settings, monkeypatch, "end-sign-ins", *options, given="")[0] != 0
    with as_app.transaction() as session:
        subject = f"people/{cast.guest_head.id}"
        count = text("SELECT count(*) FROM audit WHERE action = 'sign-ins.revoked' AND subject = :subject")
        assert session.scalar(count, {"subject": subject}) == 2


def test_tokens_and_revocations_are_recorded(client: HubClient, cast: Cast, as_app: Database) -> None:
    client.signed_in(cast.guest_head)
    token = client.post("tokens", {"label": "x"}).json["prefix"]  # type: ignore[index]
    client.delete(f"tokens/{token}")
    client.delete("sign-ins")
    with as_app.transaction() as session:
        rows = session.execute(
            text(
                "SELECT action, subject, actor_id, actor_label FROM audit"
                " WHERE actor_kind = 'person' ORDER BY id"
            )
        ).all()
    head = cast.guest_head
    assert [tuple(row) for row in rows] == [
        (action, subject, head.id, "Sekar Wijayanti (Karutan)")
        for action, subject in (
            ("token.created", f"tokens/{token}"),
            ("token.revoked", f"tokens/{token}"),
            ("sign-ins.revoked", f"people/{head.id}"),
        )
    ]
