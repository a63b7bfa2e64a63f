"""Absences with their deputies.

Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    op.create_table(
        "absences",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("days", postgresql.DATERANGE(), nullable=False),
        sa.Column("deputy_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("hub_now()"), nullable=False
        ),
        postgresql.ExcludeConstraint(
            (sa.column("person_id"), "="),
            (sa.column("days"), "&&"),
            name="one_absence_at_a_time",
            using="gist",
        ),
        sa.CheckConstraint("deputy_id <> person_id", name=op.f("ck_absences_somebody_else")),
        sa.CheckConstraint(
            "NOT lower_inf(days) AND NOT upper_inf(days) AND NOT isempty(days)",
            name=op.f("ck_absences_bounded"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_absences_person_id_people")),
        sa.ForeignKeyConstraint(["deputy_id"], ["people.id"], name=op.f("fk_absences_deputy_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    op.create_index("ix_absences_deputy_id", "absences", ["deputy_id"])
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON absences TO hub_app")
    op.execute("GRANT SELECT ON absences TO hub_worker, hub_backup")
    op.execute("GRANT USAGE, SELECT ON SEQUENCE absences_id_seq TO hub_app")
    op.execute("GRANT SELECT ON SEQUENCE absences_id_seq TO hub_backup")
    op.execute("RESET ROLE")


def downgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    op.drop_table("absences")
    op.execute("RESET ROLE")
