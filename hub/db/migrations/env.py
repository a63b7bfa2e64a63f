"""How Alembic runs here: online only, one transaction per revision, as the role that owns the tables."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine, pool, text

from hub.registry import metadata

LOCK_MS = 2000
ONE_AT_A_TIME = 0x51_4E_52_47
"""Advisory lock: two processes that migrate at once do so one after the other."""


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    """Leave Alembic's own table out of comparisons."""
    return not (kind == "table" and name == "alembic_version")


engine = create_engine(context.config.attributes["url"], poolclass=pool.NullPool)
with engine.connect() as connection:
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": ONE_AT_A_TIME})
    connection.execute(text(f"SET lock_timeout = {LOCK_MS}"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_name=include_name,
        transaction_per_migration=True,
        compare_server_default=False,
    )
    with context.begin_transaction():
        context.run_migrations()
