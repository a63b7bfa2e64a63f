"""In which transaction people were told of an event: the position of the inbox's streams; and what failed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    op.create_table(
        "tellings",
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("told_in", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_tellings_event_id_events")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_tellings")),
    )
    op.create_index("ix_tellings_told_in", "tellings", ["told_in"], unique=False)
    op.create_index(
        "ix_deliveries_failed",
        "deliveries",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state = 'failed'"),
    )
    op.execute("GRANT SELECT ON tellings TO hub_app, hub_backup")
    op.execute("GRANT SELECT, INSERT, UPDATE ON tellings TO hub_worker")
    op.execute("RESET ROLE")


def downgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    op.drop_index(
        "ix_deliveries_failed", table_name="deliveries", postgresql_where=sa.text("state = 'failed'")
    )
    op.drop_index("ix_tellings_told_in", table_name="tellings")
    op.drop_table("tellings")
    op.execute("RESET ROLE")
