"""A second factor: codes by time, recovery codes, and sign-ins that still wait for one.

Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    op.add_column("people", sa.Column("totp_secret", sa.LargeBinary(), nullable=True))
    op.add_column("people", sa.Column("totp_last_step", sa.BigInteger(), nullable=True))
    op.add_column("sign_ins", sa.Column("is_pending", sa.Boolean(), server_default="false", nullable=False))
    op.create_table(
        "recovery_codes",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_recovery_codes_person_id_people")
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_recovery_codes")),
    )
    op.create_index("ix_recovery_codes_person_id", "recovery_codes", ["person_id"])
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON recovery_codes TO hub_app")
    op.execute("GRANT SELECT ON recovery_codes TO hub_worker, hub_backup")
    op.execute("RESET ROLE")


def downgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    op.drop_table("recovery_codes")
    op.drop_column("sign_ins", "is_pending")
    op.drop_column("people", "totp_last_step")
    op.drop_column("people", "totp_secret")
    op.execute("RESET ROLE")
