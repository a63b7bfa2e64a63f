"""What a token may be used for; those that exist keep what they could do.

Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0016"
branch_labels = None
depends_on = None

ALL = (
    "{read,proposals:write,invitations:write,visits:write,follow-ups:write,inbox:write,account:write,"
    "operations:read,operations:write}"
)


def upgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    op.add_column(
        "api_tokens",
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False, server_default=ALL),
    )
    # A default fills the rows that exist without rewriting them; a new token begins with the least.
    op.alter_column("api_tokens", "scopes", server_default="{read}")
    op.create_check_constraint(
        op.f("ck_api_tokens_scopes"), "api_tokens", "cardinality(scopes) BETWEEN 1 AND 40"
    )
    op.execute("RESET ROLE")


def downgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    op.drop_column("api_tokens", "scopes")
    op.execute("RESET ROLE")
