"""A transaction: opened by an edge, committed once, carrying who acts into the database.

Commands get the session and never commit. The actor's identity goes into the transaction by
``set_config(…, is_local => true)``, so it is gone with it: a pooled connection cannot leak it.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from config.crashpoints import reach
from hub.db import plans
from hub.db.engine import make_engine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection, Engine
    from sqlalchemy.orm import SessionTransaction

    from config.settings import Role, Settings


class RowContext(Protocol):
    """What the database may know of the actor: who it is and for which units it acts."""

    @property
    def person_id(self) -> int | None:
        """Return the person who acts, or None."""

    @property
    def unit_ids(self) -> Sequence[int]:
        """Return the facilities the actor acts for."""


class CommitUnknownError(OperationalError):
    """The connection was lost while it committed: the work may be done or not.

    Only whoever repeats the request with the same Idempotency-Key finds out, without doing it twice.
    """


@dataclass(frozen=True, slots=True)
class Database:
    """The database as one role: an engine and a way to open transactions on it."""

    engine: Engine
    sessions: sessionmaker[Session]

    @classmethod
    def connect(cls, settings: Settings, role: Role, *, pool_size: int = 5, overflow: int = 10) -> Database:
        """Return the database of these settings as this role; no connection is opened yet."""
        engine = make_engine(settings, role, pool_size=pool_size, overflow=overflow)
        sessions = sessionmaker(engine, expire_on_commit=False, autoflush=False)
        event.listen(sessions, "after_begin", _set_row_context)
        return cls(engine, sessions)

    @contextmanager
    def transaction(self, actor: RowContext | None = None, *, durable: bool = True) -> Iterator[Session]:
        """Yield a session; commit when the block ends, roll back when it raises.

        ``durable=False`` commits asynchronously: right only for what may be lost and is then done
        again, such as counting an attempt. Raises CommitUnknownError where the connection is lost
        while the work is committed, SQLAlchemy's errors for anything else of the database.
        """
        is_committing = False
        try:
            with self.sessions(info={"actor": actor, "durable": durable}) as session, session.begin():
                yield session
                session.flush()
                reach("before_commit")
                is_committing = True
        except DBAPIError as error:
            if is_committing and error.connection_invalidated and error.orig is not None:
                raise CommitUnknownError(
                    error.statement, error.params, error.orig, connection_invalidated=True
                ) from error
            raise
        reach("after_commit")

    @contextmanager
    def statements(self) -> Iterator[Session]:
        """Yield a session in which each statement is a transaction: no BEGIN and no COMMIT has to travel.

        Right only for statements that stand by themselves: nothing is rolled back when the block raises.
        """
        with self.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            with self.sessions(bind=connection) as session:
                yield session

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def _set_row_context(session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    plans.forget(connection)
    if not session.info.get("durable", True):
        connection.execute(text("SET LOCAL synchronous_commit = off"))
    actor: RowContext | None = session.info.get("actor")
    if actor is not None:
        _tell(connection, actor)


def act_for(session: Session, actor: RowContext) -> None:
    """Carry an actor into a transaction that has begun, unless the query that found them has done it."""
    told: RowContext | None = session.info.get("actor")
    session.info["actor"] = actor
    if told is None or (told.person_id, told.unit_ids) != (actor.person_id, actor.unit_ids):
        _tell(session.connection(), actor)


def acts_already(session: Session, actor: RowContext) -> None:
    """Note that the query that found this actor has carried them into the transaction, by ``set_config``."""
    session.info["actor"] = actor


def _tell(connection: Connection, actor: RowContext) -> None:
    connection.execute(
        text("SELECT set_config('app.person', :person, true), set_config('app.units', :units, true)"),
        {
            "person": "" if actor.person_id is None else str(actor.person_id),
            "units": "{" + ",".join(str(unit) for unit in actor.unit_ids) + "}",
        },
    )
