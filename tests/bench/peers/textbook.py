"""The textbook's tables, and Celery in the textbook's two ways: a task per recipient, tasks of 500 each.

The tables are what a tutorial makes: a surrogate key, a unique constraint and an index for the inbox. No
foreign keys: they would only slow the peers down. The worker runs with the same options as the hub's.
"""

from __future__ import annotations

import datetime as dt
import os
import time
import uuid
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import psycopg
from celery import Celery
from sqlalchemy import BigInteger, DateTime, Identity, Text, Uuid, create_engine, func, insert
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from tests.bench.crowd import RECORDS, TASKS, Crowd, wait_for
from tests.support.fleet import WORKER, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from tests.bench.stage import Hub

CHUNK = 500
TABLES = """
    CREATE TABLE book_events (id uuid PRIMARY KEY);
    CREATE TABLE book_notifications (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        event_id uuid NOT NULL, recipient_id bigint NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(), read_at timestamptz,
        UNIQUE (event_id, recipient_id)
    );
    CREATE INDEX ON book_notifications (recipient_id, created_at DESC);
    CREATE TABLE book_mails (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        event_id uuid NOT NULL, recipient_id bigint NOT NULL, address text NOT NULL,
        state text NOT NULL DEFAULT 'due', created_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (event_id, recipient_id)
    );
    CREATE INDEX ON book_mails (created_at) WHERE state = 'due';
    CREATE TABLE book_tasks (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        event_id uuid NOT NULL, number bigint NOT NULL, UNIQUE (event_id, number)
    );
    CREATE TABLE book_records (
        facility_id bigint PRIMARY KEY, last_event uuid NOT NULL, contacts bigint NOT NULL DEFAULT 1
    );
    GRANT ALL ON ALL TABLES IN SCHEMA public TO hub_worker;
"""
ROWS = """
    SELECT (SELECT count(*) FROM book_notifications WHERE event_id = e.id)
         + (SELECT count(*) FROM book_mails WHERE event_id = e.id)
         + (SELECT count(*) FROM book_tasks WHERE event_id = e.id)
         + (SELECT count(*) FROM book_records WHERE last_event = e.id)
    FROM book_events e WHERE id = %s
"""


class Base(DeclarativeBase):
    """The textbook's models."""


class Notification(Base):
    """One notice to one person."""

    __tablename__ = "book_notifications"
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    event_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    recipient_id: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class Mail(Base):
    """One mail that is due."""

    __tablename__ = "book_mails"
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    event_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    recipient_id: Mapped[int] = mapped_column(BigInteger)
    address: Mapped[str] = mapped_column(Text)


class Task(Base):
    """One task that the event opens."""

    __tablename__ = "book_tasks"
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    event_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    number: Mapped[int] = mapped_column(BigInteger)


class Record(Base):
    """What one unit knows of another."""

    __tablename__ = "book_records"
    facility_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    last_event: Mapped[uuid.UUID] = mapped_column(Uuid)
    contacts: Mapped[int] = mapped_column(BigInteger, server_default="1")


@lru_cache(maxsize=1)
def _engine() -> Engine:
    return create_engine(os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://", 1))


def tell_one(event_id: str, recipient_id: int, address: str | None) -> None:
    """Tell one person, and plan the mail."""
    event = uuid.UUID(event_id)
    with Session(_engine()) as session:
        session.add(Notification(event_id=event, recipient_id=recipient_id))
        if address is not None:
            session.add(Mail(event_id=event, recipient_id=recipient_id, address=address))
        session.commit()


def tell_many(event_id: str, recipients: list[tuple[int, str | None]]) -> None:
    """Tell a chunk of people by the ORM's bulk insert, and plan their mails."""
    event = uuid.UUID(event_id)
    notices = [{"event_id": event, "recipient_id": person} for person, _ in recipients]
    mails = [
        {"event_id": event, "recipient_id": person, "address": address}
        for person, address in recipients
        if address is not None
    ]
    with Session(_engine()) as session:
        session.execute(insert(Notification), notices)
        if mails:
            session.execute(insert(Mail), mails)
        session.commit()


def open_task(event_id: str, number: int) -> None:
    """Open one task."""
    with Session(_engine()) as session:
        session.add(Task(event_id=uuid.UUID(event_id), number=number))
        session.commit()


def count_up(event_id: str, facility_id: int) -> None:
    """Count one record up."""
    row = upsert(Record).values(facility_id=facility_id, last_event=uuid.UUID(event_id))
    values = {"last_event": row.excluded.last_event, "contacts": Record.contacts + 1}
    with Session(_engine()) as session:
        session.execute(row.on_conflict_do_update(index_elements=["facility_id"], set_=values))
        session.commit()


def celery_app(broker: str | None) -> Celery:
    """Return the peer's application on this broker."""
    made = Celery("textbook", set_as_current=False)
    made.conf.update(
        broker_url=broker,
        result_backend=None,
        task_ignore_result=True,
        accept_content=["json"],
        task_serializer="json",
        task_default_queue="textbook",
        worker_prefetch_multiplier=64,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
    )
    for task in (tell_one, tell_many, open_task, count_up):
        made.task(name=f"textbook.{task.__name__}")(task)
    return made


app = celery_app(os.environ.get("PEER_BROKER"))


@dataclass
class Textbook:
    """The peer on a crowd's hub: its tables, its publisher and its worker."""

    crowd: Crowd
    app: Celery

    @classmethod
    def beside(cls, crowd: Crowd) -> Textbook:
        """Make the tables, start a worker and return the peer."""
        hub = crowd.hub
        make_tables(hub)
        broker = hub.settings.redis_url.replace("unix://", "redis+socket://", 1)
        broker = broker.replace("?db=", "?virtual_host=", 1)
        command = ("tests.bench.peers.textbook" if part == "workers.app" else part for part in WORKER)
        member = hub.fleet.start("textbook", (*command, "textbook"), PEER_BROKER=broker)
        # It logs no task, which would slow it down, and so does not say that it is ready: a turn that is
        # not counted warms it up.
        wait_until(lambda: member.said("[queues]"), "the textbook's worker starts")
        return cls(crowd, celery_app(broker))

    def one_by_one(self) -> float:
        """Return rows a second with a task for each recipient."""
        task = self.app.tasks["textbook.tell_one"]

        def send(event_id: str, recipients: list[tuple[int, str | None]]) -> None:
            for person, address in recipients:
                task.delay(event_id, person, address)

        return self._measure(send)

    def in_chunks(self) -> float:
        """Return rows a second with a task for each 500 recipients."""
        task = self.app.tasks["textbook.tell_many"]

        def send(event_id: str, recipients: list[tuple[int, str | None]]) -> None:
            for start in range(0, len(recipients), CHUNK):
                task.delay(event_id, recipients[start : start + CHUNK])

        return self._measure(send)

    def _measure(self, send: Callable[[str, list[tuple[int, str | None]]], None]) -> float:
        crowd = self.crowd
        recipients = [
            (person, address if crowd.wants_mail else None) for person, address in crowd.recipients()
        ]
        event_id = uuid.uuid4()
        with crowd.looker.transaction():
            crowd.looker.execute("INSERT INTO book_events VALUES (%s)", (event_id,))
            began = time.perf_counter()
        send(str(event_id), recipients)
        for number in range(TASKS):
            self.app.tasks["textbook.open_task"].delay(str(event_id), number)
        for facility_id in range(RECORDS):
            self.app.tasks["textbook.count_up"].delay(str(event_id), facility_id)
        ended = wait_for(crowd.looker, ROWS, event_id, crowd.rows + TASKS + RECORDS)
        return crowd.rows / (ended - began)


def make_tables(hub: Hub) -> None:
    """Make the textbook's tables in the hub's database."""
    with psycopg.connect(hub.settings.database_urls["owner"], autocommit=True) as connection:
        connection.execute(TABLES)
