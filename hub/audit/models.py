"""One row per act of administration or operation, and the seals that make a change of them show."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hub.db.base import Base, CreatedAt, Identifier


class AuditEntry(Base):
    """Who did what to which thing, and from where; never changed, never deleted: nobody has the right to."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_subject", "subject", "id"),
        Index("ix_audit_actor_id", "actor_id", "id"),
    )

    id: Mapped[Identifier]
    at: Mapped[CreatedAt]
    actor_kind: Mapped[str]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    actor_label: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    #: The address a request came from; none for what was done at the terminal or by the hub itself.
    origin: Mapped[str | None]


class AuditSeal(Base):
    """The entry at one position of the chain, and the seal over it and everything before it.

    Without foreign keys on purpose: an entry that somebody removed must leave its seal behind.
    """

    __tablename__ = "audit_seals"

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(unique=True)
    #: Which of the hub's keys sealed it: the first bytes of that key's hash.
    key_id: Mapped[bytes] = mapped_column(LargeBinary)
    seal: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_at: Mapped[CreatedAt]


class UnsealedEntry(Base):
    """An entry that waits for its seal; a trigger writes the row, so none can be written around it."""

    __tablename__ = "audit_unsealed"

    entry_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
