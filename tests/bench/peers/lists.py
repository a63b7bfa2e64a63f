"""The list of a unit's tasks as others would write it, on the same server: ``tests.bench.peers.lists:app``.

``/entities`` reads entities with their relations joined, dumps them by marshmallow and answers with Flask's
``jsonify``. ``/raw`` sends two SQL texts by psycopg and answers with orjson. Both look the token up, find
what its person may see and answer what the hub answers, field by field; neither has a table of policies, a
transaction that the database keeps read-only, security headers, compression or an outage's 503.
"""

# mypy: disable-error-code="attr-defined"
# The entities get their columns from the hub's tables, which mypy does not see.

from __future__ import annotations

import datetime as dt
import os
from typing import Any

import marshmallow as ma
import orjson
import psycopg
from flask import Response, jsonify, request
from gevent.queue import LifoQueue
from psycopg.rows import dict_row
from sqlalchemy import create_engine, func, or_, select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, joinedload, relationship, sessionmaker

from hub import registry
from hub.accounts.proofs import secret_hash
from hub.db.engine import connect_arguments
from hub.followups.rules import due_state
from hub.texts.formats import format_days_away
from hub.workdays.zones import local_date
from tests.bench.peers.application import Peer

tables = registry.metadata.tables
DATABASE = os.environ["DATABASE_URL"]
LIMIT = 25


class Base(DeclarativeBase):
    """Entities on the hub's own tables."""

    metadata = registry.metadata


class Facility(Base):
    """A unit."""

    __table__ = tables["facilities"]


class Post(Base):
    """A post."""

    __table__ = tables["posts"]


class Appointment(Base):
    """Who serves in a post."""

    __table__ = tables["appointments"]
    post: Mapped[Post] = relationship()


class Person(Base):
    """A person with their posts."""

    __table__ = tables["people"]
    appointments: Mapped[list[Appointment]] = relationship(primaryjoin="Person.id == Appointment.person_id")


class Token(Base):
    """A token and whose it is."""

    __table__ = tables["api_tokens"]
    person: Mapped[Person] = relationship()


class Party(Base):
    """A side of a collaboration."""

    __table__ = tables["parties"]
    facility: Mapped[Facility] = relationship()


class Proposal(Base):
    """A proposal."""

    __table__ = tables["proposals"]


class Collaboration(Base):
    """A collaboration with its sides."""

    __table__ = tables["collaborations"]
    parties: Mapped[list[Party]] = relationship()
    proposals: Mapped[list[Proposal]] = relationship()


class Task(Base):
    """A task with what it refers to."""

    __table__ = tables["tasks"]
    facility: Mapped[Facility] = relationship()
    collaboration: Mapped[Collaboration] = relationship()
    owner: Mapped[Post] = relationship(foreign_keys=[tables["tasks"].c.owner_post_id])
    accountable: Mapped[Post] = relationship(foreign_keys=[tables["tasks"].c.accountable_post_id])


class TaskDump(ma.Schema):
    """The fields of the hub's own answer, by plain marshmallow."""

    id = ma.fields.Integer()
    title = ma.fields.String()
    state = ma.fields.String()
    due_on = ma.fields.Date()
    due_state = ma.fields.Method("_due_state")
    due_text = ma.fields.Method("_due_text")
    collaboration_id = ma.fields.Integer()
    commitment_id = ma.fields.Integer()
    event_id = ma.fields.String()
    facility_id = ma.fields.Integer()
    unit = ma.fields.String(attribute="facility.name")
    owner_post_id = ma.fields.Integer()
    owner = ma.fields.String(attribute="owner.title")
    accountable_post_id = ma.fields.Integer()
    accountable = ma.fields.String(attribute="accountable.title")
    opened_at = ma.fields.AwareDateTime()
    closed_at = ma.fields.AwareDateTime()
    closing_note = ma.fields.String()
    version = ma.fields.Integer()
    may_close = ma.fields.Method("_may_close")
    may_return = ma.fields.Method("_may_return")

    def _due_state(self, task: Any) -> str:
        return due_state(task.state, task.due_on, self._today(task))

    def _due_text(self, task: Any) -> str:
        return format_days_away(task.due_on, self._today(task), self.context["locale"])

    def _may_close(self, task: Any) -> bool:
        mine = self.context["posts"]
        return task.state == "open" and (
            task.owner_post_id in mine
            or task.accountable_post_id in mine
            or task.facility_id in self.context["headed"]
        )

    def _may_return(self, task: Any) -> bool:
        return (
            task.state == "open"
            and task.owner_post_id in self.context["posts"]
            and task.facility_id not in self.context["headed"]
        )

    def _today(self, task: Any) -> dt.date:
        return local_date(self.context["now"], task.facility.iana_zone)

    def __init__(self, context: dict[str, Any], **options: Any) -> None:
        super().__init__(**options)
        self.context = context


IDENTITY = """
    SELECT people.locale, hub_now() AS now,
           array_agg(posts.facility_id) AS units, array_agg(posts.id) AS posts,
           coalesce(array_agg(posts.facility_id) FILTER (WHERE posts.role = 'head'), '{}') AS headed
    FROM api_tokens
    JOIN people ON people.id = api_tokens.person_id AND people.is_active
    JOIN appointments ON appointments.person_id = people.id AND appointments.during @> hub_now()
    JOIN posts ON posts.id = appointments.post_id
    WHERE api_tokens.token_hash = %s AND api_tokens.revoked_at IS NULL AND api_tokens.expires_at > hub_now()
    GROUP BY people.id
"""
TASKS = """
    SELECT t.id, t.title, t.state, t.due_on, t.collaboration_id, t.commitment_id, t.event_id, t.facility_id,
           f.name AS unit, f.iana_zone, t.owner_post_id, o.title AS owner, t.accountable_post_id,
           a.title AS accountable, t.opened_at, t.closed_at, t.closing_note, t.version
    FROM tasks t
    JOIN collaborations c ON c.id = t.collaboration_id
    JOIN facilities f ON f.id = t.facility_id
    JOIN posts o ON o.id = t.owner_post_id
    JOIN posts a ON a.id = t.accountable_post_id
    WHERE t.facility_id = ANY (%(units)s) AND t.state = 'open'
      AND (EXISTS (SELECT FROM parties p WHERE p.collaboration_id = c.id AND p.role = 'guest'
                   AND p.facility_id = ANY (%(units)s))
           OR (EXISTS (SELECT FROM proposals q WHERE q.collaboration_id = c.id AND q.state <> 'draft')
               AND EXISTS (SELECT FROM parties p WHERE p.collaboration_id = c.id
                           AND p.facility_id = ANY (%(units)s))))
    ORDER BY t.due_on, t.id LIMIT 26
"""

app = Peer(__name__)
url = make_url(DATABASE).set(drivername="postgresql+psycopg")
arguments = connect_arguments("app")
arguments["options"] += " -c app.sees=everything"  # the peers know of no policies on rows
sessions = sessionmaker(create_engine(url, connect_args=arguments, pool_size=5))
idle: LifoQueue[psycopg.Connection[dict[str, Any]]] = LifoQueue()


@app.get("/entities")
def list_entities() -> Response:
    """Answer by entities, marshmallow and jsonify."""
    with sessions() as session:
        return jsonify(_entities(session))


def _entities(session: Session) -> dict[str, Any]:
    token = (
        session.scalars(
            select(Token)
            .where(
                Token.token_hash == secret_hash(request.headers["Authorization"].removeprefix("Bearer ")),
                Token.revoked_at.is_(None),
                Token.expires_at > func.hub_now(),
            )
            .options(joinedload(Token.person).joinedload(Person.appointments).joinedload(Appointment.post))
        )
        .unique()
        .one()
    )
    posts = [one.post for one in token.person.appointments]
    units = [post.facility_id for post in posts]
    own = Collaboration.parties.any((Party.role == "guest") & Party.facility_id.in_(units))
    asked = Collaboration.proposals.any(Proposal.state != "draft")
    concerned = Collaboration.parties.any(Party.facility_id.in_(units))
    tasks = session.scalars(
        select(Task)
        .join(Task.collaboration)
        .where(Task.facility_id.in_(units), Task.state == "open", or_(own, asked & concerned))
        .options(joinedload(Task.facility), joinedload(Task.owner), joinedload(Task.accountable))
        .order_by(Task.due_on, Task.id)
        .limit(LIMIT + 1)
    ).all()
    context = {
        "locale": token.person.locale,
        "now": session.scalar(select(func.hub_now())),
        "posts": [post.id for post in posts],
        "headed": [post.facility_id for post in posts if post.role == "head"],
    }
    return {"items": TaskDump(context, many=True).dump(tasks[:LIMIT]), "more": len(tasks) > LIMIT}


@app.get("/raw")
def list_raw() -> Response:
    """Answer by two SQL texts and orjson."""
    connection = idle.get_nowait() if len(idle) else _connect()
    try:
        body = _raw(connection)
        connection.commit()
    finally:
        idle.put(connection)
    return Response(body, mimetype="application/json")


def _raw(connection: psycopg.Connection[dict[str, Any]]) -> bytes:
    secret = request.headers["Authorization"].removeprefix("Bearer ")
    who = connection.execute(IDENTITY, [secret_hash(secret)]).fetchone()
    if who is None:
        raise PermissionError
    items = connection.execute(TASKS, {"units": who["units"]}).fetchall()
    for item in items:
        today = local_date(who["now"], item.pop("iana_zone"))
        item["due_state"] = due_state(item["state"], item["due_on"], today)
        item["due_text"] = format_days_away(item["due_on"], today, who["locale"])
        item["may_close"] = item["state"] == "open" and (
            item["owner_post_id"] in who["posts"]
            or item["accountable_post_id"] in who["posts"]
            or item["facility_id"] in who["headed"]
        )
        item["may_return"] = (
            item["state"] == "open"
            and item["owner_post_id"] in who["posts"]
            and item["facility_id"] not in who["headed"]
        )
    return orjson.dumps({"items": items[:LIMIT], "more": len(items) > LIMIT})


def _connect() -> psycopg.Connection[dict[str, Any]]:
    return psycopg.connect(DATABASE, row_factory=dict_row, **arguments)
