"""Where a link went that has passed on with the post, and the lock under which a new one is sent.

Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    op.add_column("invitations", sa.Column("former_address", sa.Text(), nullable=True))
    # Whoever changes something of a collaboration locks its proposal first, and locking takes such a right.
    op.execute("GRANT UPDATE (version) ON proposals TO hub_worker")
    op.execute("RESET ROLE")


def downgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    op.execute("REVOKE UPDATE (version) ON proposals FROM hub_worker")
    op.drop_column("invitations", "former_address")
    op.execute("RESET ROLE")
