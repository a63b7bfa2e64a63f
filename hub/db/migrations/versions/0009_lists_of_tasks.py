"""Lists of tasks that take no longer as there are more of them.

A page of a list is read from an index in the list's own order: by the day due within a state, or by when it was
closed. For a post that owns or answers for a task, and for the unit; the last two for who oversees all units.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0006"
branch_labels = None
depends_on = None

WHOSE = ("facility_id", "owner_post_id", "accountable_post_id")
IS_OPEN, IS_CLOSED = sa.text("state = 'open'"), sa.text("state = 'closed'")


def upgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    op.drop_index("ix_tasks_facility_id_due_on", table_name="tasks")
    op.drop_index("ix_tasks_owner_post_id", table_name="tasks")
    for column in WHOSE:
        op.create_index(f"ix_tasks_{column}_state", "tasks", [column, "state", "due_on", "id"], unique=False)
        op.create_index(
            f"ix_tasks_{column}_closed",
            "tasks",
            [column, "closed_at", "id"],
            unique=False,
            postgresql_where=IS_CLOSED,
        )
    op.create_index("ix_tasks_open", "tasks", ["due_on", "id"], unique=False, postgresql_where=IS_OPEN)
    op.create_index("ix_tasks_closed", "tasks", ["closed_at", "id"], unique=False, postgresql_where=IS_CLOSED)
    op.execute("RESET ROLE")


def downgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    op.drop_index("ix_tasks_closed", table_name="tasks", postgresql_where=IS_CLOSED)
    op.drop_index("ix_tasks_open", table_name="tasks", postgresql_where=IS_OPEN)
    for column in WHOSE:
        op.drop_index(f"ix_tasks_{column}_closed", table_name="tasks", postgresql_where=IS_CLOSED)
        op.drop_index(f"ix_tasks_{column}_state", table_name="tasks")
    op.create_index("ix_tasks_owner_post_id", "tasks", ["owner_post_id"], unique=False)
    op.create_index("ix_tasks_facility_id_due_on", "tasks", ["facility_id", "due_on", "id"], unique=False)
    op.execute("RESET ROLE")
