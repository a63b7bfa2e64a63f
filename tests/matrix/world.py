"""Two regions, three collaborations, and a word in each that nobody else may ever read."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, text

from hub.accounts.models import Appointment
from hub.db.transaction import Database
from tests.hub.visits.stage import VISIT_AT, Stage, set_stage
from tests.matrix.layers import one_layer_off
from tests.support.cast import add_member, add_overseer, add_unit
from tests.support.client import HubClient
from workers.drain.drain import drain
from workers.drain.lanes import LANES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.settings import Settings
    from hub.web.application import HubFlask
    from tests.support.cast import Member

DRAFT, ASKED, DONE, AFAR = "kanari-draf", "kanari-diminta", "kanari-selesai", "kanari-jauh"
"""The word in every text of a collaboration: three of one region by their state, one of another region."""
PEOPLE = (
    "guest's head",
    "guest's pool",
    "host's section",
    "head of the same region",
    "head of another region",
    "host of another region",
    "overseer",
    "overseer of another region",
    "administrator",
)
"""The actors who can sign in."""
DIGEST = "SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {} t"


@dataclass(frozen=True, slots=True)
class Thing:
    """Something with a number in an address: what it is called there, and which actors may know of it."""

    names: dict[str, object]
    readers: frozenset[str]
    kind: str = ""
    """Where one name stands for different things: ``notice``."""


@dataclass
class World:
    """A hub in which everything has happened, and who may know of what."""

    stage: Stage
    actors: dict[str, Member | None]
    sees: dict[str, frozenset[str]]
    """By actor: the words they may read."""
    things: list[Thing] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    """Tokens by word."""

    @property
    def app(self) -> HubFlask:
        """Return the application."""
        return self.stage.app

    def client(self, name: str) -> HubClient:
        """Return a client that acts as this actor."""
        client = HubClient(self.app)
        if name == "expired token":
            client.bearer = self.token_that_ended
        elif name == "closed account":
            client.inner.set_cookie("__Host-hub", self.cookie_of_the_closed, secure=True)
        elif (member := self.actors[name]) is not None:
            client.signed_in(member)
        return client

    token_that_ended: str = ""
    cookie_of_the_closed: str = ""

    def digest(self) -> str:
        """Return what every table holds, but for who was seen when."""
        volatile = ("sign_ins", "sign_in_throttles", "api_tokens", "alembic_version", "heartbeats")
        with self.stage.owner.transaction() as session:
            tables = session.scalars(
                text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
            ).all()
            parts = [session.scalar(text(DIGEST.format(table))) for table in tables if table not in volatile]
        return "".join(str(part) for part in parts)


def build(settings: Settings) -> Iterator[World]:
    """Yield a world of its own."""
    stage = set_stage(settings)
    cast = stage.cast
    with stage.owner.transaction() as session:
        neighbour_unit = add_unit(session, "Lapas Kelas IIB Cilacap", "lapas", region=cast.region)
        neighbour = add_member(session, "Tirta Nugraha", neighbour_unit, "Kalapas", "head")
        far_unit = add_unit(session, "Rutan Kelas IIB Serui", "rutan", region=cast.other_region)
        far_host = add_member(session, "Marthen Rumbiak", far_unit, "Karutan", "head")
        far_overseer = add_overseer(session, "Selvi Wonda", cast.other_region)
        closed = add_member(session, "Agung Setiabudi", cast.guest, "Kasubsi Lama", "section")
    near = frozenset({ASKED, DONE})
    actors: dict[str, Member | None] = {
        "guest's head": cast.guest_head,
        "guest's pool": cast.guest_staff,
        "host's section": cast.host_work,
        "head of the same region": neighbour,
        "head of another region": cast.stranger,
        "host of another region": far_host,
        "overseer": cast.overseer,
        "overseer of another region": far_overseer,
        "administrator": cast.admin,
        "nobody": None,
        "expired token": cast.guest_head,
        "closed account": closed,
    }
    sees = {
        "guest's head": near | {DRAFT},
        "guest's pool": near | {DRAFT},
        "host's section": near,
        "head of the same region": frozenset[str](),
        "head of another region": frozenset({AFAR}),
        "host of another region": frozenset({AFAR}),
        "overseer": near,
        "overseer of another region": frozenset({AFAR}),
        "administrator": near | {AFAR},
    }
    world = World(stage, actors, sees)
    world.cookie_of_the_closed = stage.client(closed).cookie or ""
    token = stage.client(cast.guest_head).post("tokens", {"label": "Lama", "days": 1})
    world.token_that_ended = token.json["token"]
    _tell_stories(world, neighbour_of=far_unit.id, far_head=cast.stranger, far_host=far_host)
    with stage.owner.transaction() as session:
        session.execute(text("UPDATE people SET is_active = false WHERE id = :id"), {"id": closed.id})
        session.execute(text("UPDATE api_tokens SET expires_at = hub_now() - interval '1 second'"))
    world.things += _things(world)
    with one_layer_off(stage.owner):
        yield world
    for database in (stage.owner, stage.rows, stage.app.database):
        database.dispose()


def _tell_stories(world: World, *, neighbour_of: int, far_head: Member, far_host: Member) -> None:
    stage, cast = world.stage, world.stage.cast
    draft = stage.propose(**_texts(DRAFT))
    asked = stage.submit(**_texts(ASKED))
    done = stage.submit(**_texts(DONE))
    afar = _texts(AFAR) | {"guest_id": cast.elsewhere.id, "host_id": neighbour_of}
    head = stage.client(far_head)
    written = head.post("proposals", {**stage.proposal(), **afar})
    assert written.status_code == 201, written.json
    mailbox = {"invitation_address": "rutan.serui@example.id"}
    sent = head.post(f"proposals/{written.json['id']}/submit", mailbox)
    assert sent.status_code == 200, sent.json
    far = dict(sent.json)
    accept = {"number": 1, "verdict": "accepted"}
    for who, one in ((cast.host_head, done), (far_host, far)):
        answered = stage.client(who).post(f"invitations/{one['invitation_id']}/answer", accept)
        assert answered.status_code == 200, answered.json
    stage.travel(VISIT_AT + dt.timedelta(hours=4))
    for who, one, word in ((cast.guest_head, done, DONE), (far_head, far, AFAR)):
        _conclude(stage, who, one["proposal"]["visit_id"], word)
    worker = Database.connect(stage.settings, "worker", pool_size=2)
    drain(worker, LANES)
    worker.dispose()
    for word, one in ((ASKED, asked), (DONE, done), (AFAR, far)):
        world.links[word] = stage.token(one["invitation_id"])
        world.things.append(_of_proposal(world, word, one["proposal"], one["invitation_id"]))
    world.things.append(_of_proposal(world, DRAFT, draft, None))


def _texts(word: str) -> dict[str, Any]:
    agenda = [{"title": f"Paparan {word}", "minutes": 60, "theme": "rehabilitasi"}]
    return {
        "title": f"Studi tiru {word}",
        "urgency": f"Mendesak {word}",
        "form": f"Kunjungan {word}",
        "subject": f"Rehabilitasi {word}",
        "duration": f"Sehari {word}",
        "place": f"Aula {word}",
        "agenda": agenda,
    }


def _conclude(stage: Stage, who: Member, visit_id: int, word: str) -> None:
    player = stage.client(who)
    held = player.post(f"visits/{visit_id}/hold")
    assert held.status_code == 200, held.json
    promise = {
        "text": f"Janji {word}",
        "facility_id": who.facility_id,
        "owner_post_id": who.post_id,
        "working_days": 5,
    }
    theme = {
        "theme": "rehabilitasi",
        "seen": f"Terlihat {word}",
        "will_try": f"Dicoba {word}",
        "commitments": [promise],
    }
    visit = player.get(f"visits/{visit_id}").json
    # Themes that were proposed need an outcome or a reason for none.
    other = {
        "theme": "ketahanan_pangan",
        "seen": f"Kebun {word}",
        "will_try": f"Bibit {word}",
        "commitments": [],
    }
    body = {"themes": [theme, other]}
    written = player.put(f"visits/{visit_id}/outcome", body, version=visit["version"])
    assert written.status_code == 200, written.json
    published = player.post(f"visits/{visit_id}/outcome/publish")
    assert published.status_code == 200, published.json


def _of_proposal(world: World, word: str, proposal: dict[str, Any], invitation_id: int | None) -> Thing:
    names: dict[str, object] = {
        "proposal_id": proposal["id"],
        "collaboration_id": proposal["collaboration_id"],
        "visit_id": proposal["visit_id"],
    }
    if invitation_id is not None:
        names["invitation_id"] = invitation_id
    return Thing(names, frozenset(name for name, words in world.sees.items() if word in words))


def _things(world: World) -> list[Thing]:
    """Return what followed: tasks, events, records, notices; and what the registry shows to everybody."""
    found: list[Thing] = []
    readers = {thing.names["collaboration_id"]: thing.readers for thing in world.things}
    everybody = frozenset(world.sees)
    admin = frozenset({"administrator"})
    cast = world.stage.cast
    at_home = {
        cast.guest.id: {"guest's head", "guest's pool", "overseer"},
        cast.host.id: {"host's section", "overseer"},
        cast.elsewhere.id: {"head of another region", "overseer of another region"},
    }
    far = {"host of another region", "overseer of another region"}
    people = {member.id: name for name, member in world.actors.items() if member and name in world.sees}
    with world.stage.owner.transaction() as session:
        rows = session.execute(text("SELECT id, collaboration_id FROM tasks")).all()
        found += [Thing({"task_id": row.id}, readers[row.collaboration_id]) for row in rows]
        rows = session.execute(text("SELECT id, collaboration_id FROM events")).all()
        found += [Thing({"event_id": row.id}, readers[row.collaboration_id]) for row in rows]
        for row in session.execute(text("SELECT facility_id, partner_id FROM partner_records")):
            names = {"facility_id": row.facility_id, "partner_id": row.partner_id}
            found.append(Thing(names, admin | at_home.get(row.facility_id, far)))
        told = text("SELECT event_id, array_agg(recipient_id) AS told FROM notifications GROUP BY event_id")
        for row in session.execute(told):
            own = frozenset(people[person] for person in row.told if person in people)
            found.append(Thing({"event_id": row.event_id}, own, "notice"))
        service = session.scalar(select(func.min(Appointment.id)))
        absence = session.scalar(
            text(
                "INSERT INTO absences (person_id, days) VALUES (:id, '[2024-12-01,2024-12-05)') RETURNING id"
            ),
            {"id": cast.guest_head.id},
        )
        lent = session.scalar(
            text(
                "INSERT INTO delegations (facility_id, person_id, during)"
                " VALUES (:unit, :id, tstzrange(hub_now(), hub_now() + interval '9 days')) RETURNING id"
            ),
            {"unit": cast.host.id, "id": cast.host_training.id},
        )
        # Its owner is none of the actors: whoever has one needs it to sign in.
        passkey = session.scalar(
            text(
                "INSERT INTO passkeys (credential_id, person_id, public_key, sign_count, name)"
                " VALUES ('matrix', :id, '', 0, 'Ponsel') RETURNING id"
            ),
            {"id": cast.guest_service.id},
        )
        brought = session.scalar(
            text(
                "INSERT INTO imports (kind, by_id, file_name, digest, state, header, columns)"
                " VALUES ('people', :id, :name, '', 'previewed', '{Surel}', '{\"email\": 0}') RETURNING id"
            ),
            {"id": cast.stranger.id, "name": f"{AFAR}.csv"},
        )
        delivery = session.scalar(text("SELECT min(id) FROM deliveries"))
        handle = session.scalar(
            text("SELECT left(encode(token_hash, 'hex'), 16) FROM sign_ins WHERE person_id = :id LIMIT 1"),
            {"id": cast.guest_head.id},
        )
        prefix = session.scalar(text("SELECT prefix FROM api_tokens"))
    assert None not in (service, absence, lent, brought, passkey, delivery, handle, prefix)
    return [
        *found,
        Thing({"facility_id": cast.host.id}, everybody),
        Thing({"post_id": cast.host_work.post_id}, everybody),
        Thing({"appointment_id": service}, everybody),
        Thing({"absence_id": absence}, everybody),
        Thing({"delegation_id": lent}, everybody),
        Thing({"passkey_id": passkey}, frozenset()),
        Thing({"import_id": brought}, admin | {"head of another region"}),
        Thing({"delivery_id": delivery}, admin),
        Thing({"person_id": cast.stranger.id}, admin),
        Thing({"handle": handle}, frozenset({"guest's head"})),
        Thing({"prefix": prefix}, frozenset({"guest's head"})),
    ]
