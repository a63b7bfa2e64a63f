"""Passkeys, the challenges that were answered, and when a sign-in was last proven.

Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    op.create_table(
        "passkeys",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("hub_now()"), nullable=False
        ),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_passkeys_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkeys_credential_id")),
    )
    op.create_index("ix_passkeys_person_id", "passkeys", ["person_id"])
    op.create_table(
        "used_challenges",
        sa.Column("challenge_hash", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), server_default=sa.text("hub_now()"), nullable=False),
        sa.PrimaryKeyConstraint("challenge_hash", name=op.f("pk_used_challenges")),
    )
    op.add_column(
        "sign_ins",
        sa.Column(
            "proven_at", sa.DateTime(timezone=True), server_default=sa.text("hub_now()"), nullable=False
        ),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON passkeys TO hub_app")
    op.execute("GRANT USAGE, SELECT ON SEQUENCE passkeys_id_seq TO hub_app")
    op.execute("GRANT SELECT ON SEQUENCE passkeys_id_seq TO hub_backup")
    op.execute("GRANT SELECT, INSERT, DELETE ON used_challenges TO hub_app")
    op.execute("GRANT SELECT, DELETE ON used_challenges TO hub_worker")
    op.execute("GRANT SELECT ON passkeys TO hub_worker, hub_backup")
    op.execute("GRANT SELECT ON used_challenges TO hub_backup")
    op.execute("RESET ROLE")


def downgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    op.drop_column("sign_ins", "proven_at")
    op.drop_table("used_challenges")
    op.drop_table("passkeys")
    op.execute("RESET ROLE")
