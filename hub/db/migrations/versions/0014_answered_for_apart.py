"""Index what a post answers for only where somebody else does it: who does both finds it as its owner.

Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0011"
branch_labels = None
depends_on = None

STATE, CLOSED = "ix_tasks_accountable_post_id_state", "ix_tasks_accountable_post_id_closed"
IS_APART = "accountable_post_id <> owner_post_id"


def upgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    _make(is_apart=True)
    op.execute("RESET ROLE")


def downgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    _make(is_apart=False)
    op.execute("RESET ROLE")


def _make(*, is_apart: bool) -> None:
    """Make both indexes anew, of every task or of those that somebody else answers for."""
    op.drop_index(CLOSED, table_name="tasks")
    op.drop_index(STATE, table_name="tasks")
    apart = [IS_APART] if is_apart else []
    op.create_index(
        STATE,
        "tasks",
        ["accountable_post_id", "state", "due_on", "id"],
        postgresql_where=sa.text(IS_APART) if is_apart else None,
    )
    op.create_index(
        CLOSED,
        "tasks",
        ["accountable_post_id", "closed_at", "id"],
        postgresql_where=sa.text(" AND ".join(["state = 'closed'", *apart])),
    )
