"""A transaction: opened by an edge, committed once, carrying who acts into the database.

Commands get the session and never commit. The actor's identity goes into the transaction by
``set_config(…, is_local => true)``, so it is gone with it: a pooled connection cannot leak it. Policies on
rows ask for it (decision 33): as the web process, a transaction in which nobody acts sees no row of anybody.
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


OVERSEEN = """
    coalesce((SELECT array_agg(overseen.id) FROM facilities AS overseen
              WHERE overseen.region_id = ANY ({regions}) OR overseen.id = ANY ({regions})), '{{}}')"""
"""The facilities of some regional offices and these themselves."""
SAYS = """
    SELECT set_config('app.person', :person, true), set_config('app.units', :units, true),
           set_config('app.sees', :sees, true), set_config('app.overseen', {overseen}, true)"""
SAY = text(SAYS.format(overseen="'{}'"))
SAY_WITH_REGIONS = text(
    SAYS.format(overseen=f"CAST({OVERSEEN.format(regions='CAST(:regions AS bigint[])')} AS text)")
)
BY_LINK = text("SELECT set_config('app.link', :link, true)")
WIDEN = text(
    "SELECT coalesce(current_setting('app.sees', true), ''), set_config('app.sees', 'everything', true)"
)
NARROW = text("SELECT set_config('app.sees', :sees, true)")


class RowContext(Protocol):
    """What the database knows of the actor: who it is, for which units it acts, and what it oversees."""

    @property
    def person_id(self) -> int | None:
        """Return the person who acts, or None."""

    @property
    def unit_ids(self) -> Sequence[int]:
        """Return the facilities the actor acts for."""

    @property
    def region_ids(self) -> Sequence[int]:
        """Return the regional offices whose units the actor oversees."""

    @property
    def sees(self) -> str:
        """Return what the actor sees beyond that: "own", "asked", "admin" or "everything"."""


class CommitUnknownError(OperationalError):
    """The connection was lost while it committed: the work may be done or not.

    Only whoever repeats the request with the same Idempotency-Key finds out, without doing it twice.
    """


@dataclass(frozen=True, slots=True)
class Database:
    """The database as one role: an engine and a way to open transactions on it."""

    engine: Engine
    sessions: sessionmaker[Session]
    acting: RowContext | None = None
    """Who acts in a transaction for which nobody is named."""

    @classmethod
    def connect(
        cls,
        settings: Settings,
        role: Role,
        *,
        acting: RowContext | None = None,
        pool_size: int = 5,
        overflow: int = 10,
    ) -> Database:
        """Return the database of these settings as this role; no connection is opened yet."""
        engine = make_engine(settings, role, pool_size=pool_size, overflow=overflow)
        sessions = sessionmaker(engine, expire_on_commit=False, autoflush=False)
        event.listen(sessions, "after_begin", _set_row_context)
        return cls(engine, sessions, acting)

    @contextmanager
    def transaction(self, actor: RowContext | None = None, *, durable: bool = True) -> Iterator[Session]:
        """Yield a session; commit when the block ends, roll back when it raises.

        ``durable=False`` commits asynchronously: right only for what may be lost and is then done
        again, such as counting an attempt. Raises CommitUnknownError where the connection is lost
        while the work is committed, SQLAlchemy's errors for anything else of the database.
        """
        is_committing = False
        try:
            info = {"actor": actor or self.acting, "durable": durable}
            with self.sessions(info=info) as session, session.begin():
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
    if told is None or _said(told) != _said(actor):
        _tell(session.connection(), actor)


def acts_already(session: Session, actor: RowContext) -> None:
    """Note that the query that found this actor has carried them into the transaction, by ``set_config``."""
    session.info["actor"] = actor


def act_by_link(session: Session, invitation_id: int) -> None:
    """Carry into the transaction that somebody holds a link to an invitation: its rows can be read now.

    Whether the link is genuine is for the caller to find out from them.
    """
    session.execute(BY_LINK, {"link": str(invitation_id)})


@contextmanager
def seeing_everything(session: Session) -> Iterator[None]:
    """Let the block see every row, drafts of other units too: for what a person has a right to know.

    Only for queries that ask for one person's data by that person's number.
    """
    before, _ = session.execute(WIDEN).one()
    yield
    session.execute(NARROW, {"sees": before})


def _said(actor: RowContext) -> tuple[object, ...]:
    return actor.person_id, tuple(actor.unit_ids), tuple(actor.region_ids), actor.sees


def _tell(connection: Connection, actor: RowContext) -> None:
    connection.execute(
        SAY_WITH_REGIONS if actor.region_ids else SAY,
        {
            "person": "" if actor.person_id is None else str(actor.person_id),
            "units": _array(actor.unit_ids),
            "sees": actor.sees,
        }
        | ({"regions": _array(actor.region_ids)} if actor.region_ids else {}),
    )


def _array(ids: Sequence[int]) -> str:
    return "{" + ",".join(str(one) for one in ids) + "}"
