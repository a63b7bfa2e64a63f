"""Seals over the audit log, the queue of what waits for one, and where an act came from.

Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    op.add_column("audit", sa.Column("origin", sa.Text(), nullable=True))
    op.create_index("ix_audit_subject", "audit", ["subject", "id"])
    op.create_index("ix_audit_actor_id", "audit", ["actor_id", "id"])
    op.create_table(
        "audit_seals",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.LargeBinary(), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.Column(
            "sealed_at", sa.DateTime(timezone=True), server_default=sa.text("hub_now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_seals")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_audit_seals_entry_id")),
    )
    op.create_table(
        "audit_unsealed",
        sa.Column("entry_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_audit_unsealed")),
    )
    op.execute("INSERT INTO audit_unsealed SELECT id FROM audit")
    op.execute(
        """
        CREATE FUNCTION await_seal() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO audit_unsealed SELECT id FROM added;
            RETURN NULL;
        END $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER audit_awaits_seal AFTER INSERT ON audit
        REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION await_seal()
        """
    )
    op.execute("GRANT SELECT ON audit_seals, audit_unsealed TO hub_app, hub_worker, hub_backup")
    op.execute("GRANT INSERT ON audit_unsealed TO hub_app")
    op.execute("GRANT INSERT ON audit_seals TO hub_worker")
    op.execute("GRANT DELETE ON audit_unsealed TO hub_worker")
    op.execute("RESET ROLE")


def downgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    op.execute("DROP TRIGGER audit_awaits_seal ON audit")
    op.execute("DROP FUNCTION await_seal()")
    op.drop_table("audit_unsealed")
    op.drop_table("audit_seals")
    op.drop_index("ix_audit_actor_id", table_name="audit")
    op.drop_index("ix_audit_subject", table_name="audit")
    op.drop_column("audit", "origin")
    op.execute("RESET ROLE")
