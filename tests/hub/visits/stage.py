"""Sets the stage of a visit: the cast, the hub's clock, and the acts that lead up to each scene."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import text
from werkzeug.test import TestResponse

from hub.clock import travel
from hub.db.transaction import Database
from hub.texts.links import LinkKeys
from hub.visits.links import InvitationFacts, invitation_token
from hub.visits.models import Invitation
from tests.support.application import application_on
from tests.support.cast import Cast, build_cast
from tests.support.client import HubClient
from tests.support.everybody import EVERYBODY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from config.settings import Settings
    from hub.web.application import HubFlask
    from tests.support.cast import Member

WIB = ZoneInfo("Asia/Jakarta")
PROPOSED_AT = dt.datetime(2024, 11, 11, 8, 0, tzinfo=WIB)
VISIT_AT = dt.datetime(2024, 11, 28, 9, 0, tzinfo=WIB)

AGENDA = [
    {"title": "Penyambutan oleh pejabat struktural", "minutes": 15},
    {"title": "Paparan program rehabilitasi", "minutes": 40, "theme": "rehabilitasi"},
    {"title": "Paparan program ketahanan pangan", "minutes": 40, "theme": "ketahanan_pangan"},
    {"title": "Peninjauan area ketahanan pangan", "minutes": 35, "theme": "ketahanan_pangan"},
    {"title": "Peninjauan tempat rehabilitasi", "minutes": 30, "theme": "rehabilitasi"},
    {"title": "Diskusi penutup tentang kerja sama lanjutan", "minutes": 20},
]


class Reply(TestResponse):
    """An answer of the API; whoever reads its JSON expects that there is some."""

    @property
    def json(self) -> Any:
        """Return the body's JSON."""
        return self.get_json()


class Player(HubClient):
    """A signed-in member of the cast."""

    def send(self, method: str, path: str, **options: Any) -> Reply:
        """Send any request."""
        return cast("Reply", super().send(method, path, **options))

    def get(self, path: str, **options: Any) -> Reply:
        """Send GET."""
        return self.send("GET", path, **options)

    def post(self, path: str, json: object = None, **options: Any) -> Reply:
        """Send POST under an idempotency key."""
        return cast("Reply", super().post(path, json, **options))

    def put(self, path: str, json: object, **options: Any) -> Reply:
        """Send PUT."""
        return cast("Reply", super().put(path, json, **options))

    def patch(self, path: str, json: object, **options: Any) -> Reply:
        """Send PATCH."""
        return cast("Reply", super().patch(path, json, **options))


@dataclass
class Stage:
    """A hub with its cast, played through its API; ``owner`` and ``rows`` look behind it."""

    settings: Settings
    app: HubFlask
    owner: Database
    rows: Database
    cast: Cast

    def client(self, who: Member) -> Player:
        """Return a signed-in client."""
        player = Player(self.app)
        player.signed_in(who)
        return player

    def travel(self, to: dt.datetime) -> None:
        """Set the hub's clock."""
        with self.owner.transaction() as session:
            travel(session, self.settings, to=to)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Yield a session with the web process's rights."""
        with self.rows.transaction() as session:
            yield session

    def count(self, table: str, where: str = "true", **values: object) -> int:
        """Return how many rows of a table fit."""
        with self.owner.transaction() as session:
            statement = text(f"SELECT count(*) FROM {table} WHERE {where}")  # noqa: S608 -- a test's own words
            return int(session.execute(statement, values).scalar_one())

    def proposal(self, **changes: object) -> dict[str, Any]:
        """Return the body of the seed's proposal, with changes; None leaves a field out."""
        body: dict[str, object] = {
            "guest_id": self.cast.guest.id,
            "host_id": self.cast.host.id,
            "kind": "studi_tiru",
            "title": "Studi tiru rehabilitasi dan ketahanan pangan",
            "themes": ["rehabilitasi", "ketahanan_pangan"],
            "urgency": "Program rehabilitasi di rutan kami baru dimulai.",
            "form": "Kunjungan satu hari",
            "subject": "Rehabilitasi warga binaan dan ketahanan pangan",
            "duration": "Satu hari",
            "starts_at": "2024-11-28T09:00",
            "ends_at": "2024-11-28T12:00",
            "place": "Aula Lapas Kelas IIA Purwokerto",
            "head_count": 8,
            "agenda": AGENDA,
        }
        return {name: value for name, value in {**body, **changes}.items() if value is not None}

    def propose(self, **changes: object) -> dict[str, Any]:
        """Write a draft as the guest's head."""
        response = self.client(self.cast.guest_head).post("proposals", self.proposal(**changes))
        assert response.status_code == 201, response.get_data(as_text=True)
        return dict(response.json)

    def submit(self, **changes: object) -> dict[str, Any]:
        """Write a draft and submit it."""
        draft = self.propose(**changes)
        response = self.client(self.cast.guest_head).post(f"proposals/{draft['id']}/submit")
        assert response.status_code == 200, response.get_data(as_text=True)
        return dict(response.json)

    def token(self, invitation_id: int) -> str:
        """Return the token of an invitation's current link."""
        with self.owner.transaction() as session:
            row = session.get_one(Invitation, invitation_id)
            facts = InvitationFacts(row.id, row.generation, row.address)
        return invitation_token(LinkKeys(self.settings.secret_keys), facts)

    def path(self, invitation_id: int) -> str:
        """Return the path of an invitation's page."""
        return f"/invitations/{self.token(invitation_id)}"

    def scheduled(self) -> dict[str, Any]:
        """Submit and have the host accept by its link; return the visit."""
        submitted = self.submit()
        answered = HubClient(self.app).post_form(self.path(submitted["invitation_id"]), accepting())
        assert answered.status_code == 303, answered.get_data(as_text=True)
        return self.visit(submitted["proposal"]["visit_id"])

    def held(self) -> dict[str, Any]:
        """Go on to the end of the visit and note that it was held; return the visit."""
        visit = self.scheduled()
        self.travel(VISIT_AT + dt.timedelta(hours=3))
        response = self.client(self.cast.host_head).post(f"visits/{visit['id']}/hold")
        assert response.status_code == 200, response.get_data(as_text=True)
        return dict(response.json["visit"])

    def visit(self, visit_id: int) -> dict[str, Any]:
        """Return a visit as the guest's head sees it."""
        return dict(self.client(self.cast.guest_head).get(f"visits/{visit_id}").json)

    def outcome(self) -> dict[str, Any]:
        """Return the body of an outcome with three commitments on both sides."""
        guest, host = self.cast.guest, self.cast.host
        return {
            "themes": [
                {
                    "theme": "rehabilitasi",
                    "seen": "Tahapan program yang terstruktur.",
                    "will_try": "Kelompok pemulihan mingguan.",
                    "commitments": [
                        _promise("Menyusun jadwal", guest.id, self.cast.guest_service.post_id, 10),
                        _promise("Mengirim modul", host.id, self.cast.host_training.post_id, 5),
                    ],
                },
                {
                    "theme": "ketahanan_pangan",
                    "seen": "Kolam dan kebun di lahan sempit.",
                    "will_try": "Dua kolam terpal.",
                    "commitments": [
                        _promise("Menyiapkan lahan", guest.id, self.cast.guest_assets.post_id, 15),
                    ],
                },
            ]
        }


def _promise(what: str, facility_id: int, post_id: int, days: int) -> dict[str, object]:
    return {"text": what, "facility_id": facility_id, "owner_post_id": post_id, "working_days": days}


def accepting(**changes: object) -> dict[str, object]:
    """Return the form that accepts the first arrangement."""
    return {"number": 1, "verdict": "accepted", "name": "Bayu Kertanegara", "post": "Kalapas", **changes}


def declining(**changes: object) -> dict[str, object]:
    """Return the form that declines the first arrangement."""
    return accepting(**{"verdict": "declined", "reason": "Ada kunjungan pimpinan pada hari itu.", **changes})


def countering(**changes: object) -> dict[str, object]:
    """Return the form that asks for another time."""
    times = {"day": "2024-12-03", "starts": "10.00", "ends": "13:00"}
    return accepting(**{"verdict": "countered", "reason": "Hari itu ada apel.", **times, **changes})


def set_stage(settings: Settings) -> Stage:
    """Build the cast on a fresh database, two weeks before the visit."""
    owner = Database.connect(settings, "owner", pool_size=2)
    with owner.transaction() as session:
        travel(session, settings, to=PROPOSED_AT)
        members = build_cast(session)
    return Stage(
        settings,
        application_on(settings),
        owner,
        Database.connect(settings, "app", acting=EVERYBODY),
        members,
    )
