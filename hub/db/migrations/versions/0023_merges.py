"""Facilities that lead on to another one, and pairs that look alike but are two.

Revises: 0024
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    op.create_table(
        "facility_merges",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("merged_id", sa.BigInteger(), nullable=False),
        sa.Column("survivor_id", sa.BigInteger(), nullable=False),
        sa.Column("status_before", sa.Text(), nullable=False),
        sa.Column("name_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("hub_now()"), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("merged_id <> survivor_id", name=op.f("ck_facility_merges_two_facilities")),
        sa.CheckConstraint(
            "status_before IN ('active', 'historical')", name=op.f("ck_facility_merges_status_before")
        ),
        sa.ForeignKeyConstraint(
            ["merged_id"], ["facilities.id"], name=op.f("fk_facility_merges_merged_id_facilities")
        ),
        sa.ForeignKeyConstraint(
            ["survivor_id"], ["facilities.id"], name=op.f("fk_facility_merges_survivor_id_facilities")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_facility_merges_by_id_people")),
        sa.ForeignKeyConstraint(
            ["undone_by_id"], ["people.id"], name=op.f("fk_facility_merges_undone_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility_merges")),
    )
    op.create_index(
        "uq_facility_merges_merged_id",
        "facility_merges",
        ["merged_id"],
        unique=True,
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.create_index("ix_facility_merges_survivor_id", "facility_merges", ["survivor_id"])
    op.create_table(
        "distinct_facilities",
        sa.Column("one_id", sa.BigInteger(), nullable=False),
        sa.Column("other_id", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "decided_at", sa.DateTime(timezone=True), server_default=sa.text("hub_now()"), nullable=False
        ),
        sa.CheckConstraint("one_id < other_id", name=op.f("ck_distinct_facilities_in_order")),
        sa.ForeignKeyConstraint(
            ["one_id"],
            ["facilities.id"],
            name=op.f("fk_distinct_facilities_one_id_facilities"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["other_id"],
            ["facilities.id"],
            name=op.f("fk_distinct_facilities_other_id_facilities"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_distinct_facilities_by_id_people")),
        sa.PrimaryKeyConstraint("one_id", "other_id", name=op.f("pk_distinct_facilities")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON facility_merges TO hub_app")
    op.execute("GRANT SELECT, INSERT, DELETE ON distinct_facilities TO hub_app")
    op.execute("GRANT SELECT ON facility_merges, distinct_facilities TO hub_worker, hub_backup")
    op.execute("GRANT SELECT ON SEQUENCE facility_merges_id_seq TO hub_backup")
    op.execute("GRANT USAGE, SELECT ON SEQUENCE facility_merges_id_seq TO hub_app")
    op.execute("RESET ROLE")


def downgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    op.drop_table("distinct_facilities")
    op.drop_table("facility_merges")
    op.execute("RESET ROLE")
