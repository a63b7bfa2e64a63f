"""The right to answer for a unit, lent for some days, and by which of them an answer was given.

Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    op.create_table(
        "delegations",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("given_by_id", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("hub_now()"), nullable=False
        ),
        postgresql.ExcludeConstraint(
            (sa.column("facility_id"), "="),
            (sa.column("person_id"), "="),
            (sa.column("during"), "&&"),
            name="one_delegation_at_a_time",
            where=sa.text("revoked_at IS NULL"),
            using="gist",
        ),
        sa.CheckConstraint(
            "NOT lower_inf(during) AND NOT upper_inf(during) AND NOT isempty(during)",
            name=op.f("ck_delegations_bounded"),
        ),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facilities.id"], name=op.f("fk_delegations_facility_id_facilities")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_delegations_person_id_people")),
        sa.ForeignKeyConstraint(
            ["given_by_id"], ["people.id"], name=op.f("fk_delegations_given_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegations")),
    )
    op.create_index("ix_delegations_person_id", "delegations", ["person_id"])
    op.add_column("answers", sa.Column("delegation_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_answers_delegation_id_delegations"), "answers", "delegations", ["delegation_id"], ["id"]
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON delegations TO hub_app")
    op.execute("GRANT SELECT ON delegations TO hub_worker, hub_backup")
    op.execute("GRANT USAGE, SELECT ON SEQUENCE delegations_id_seq TO hub_app")
    op.execute("GRANT SELECT ON SEQUENCE delegations_id_seq TO hub_backup")
    op.execute("RESET ROLE")


def downgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    op.drop_constraint(op.f("fk_answers_delegation_id_delegations"), "answers", type_="foreignkey")
    op.drop_column("answers", "delegation_id")
    op.drop_table("delegations")
    op.execute("RESET ROLE")
