"""A link to a new password: counted at the person, and mailed without an event."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    op.add_column(
        "people", sa.Column("password_generation", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("people", sa.Column("password_asked_at", sa.DateTime(timezone=True), nullable=True))
    op.alter_column("deliveries", "event_id", nullable=True)
    op.drop_constraint(op.f("ck_deliveries_kind"), "deliveries", type_="check")
    op.create_check_constraint(
        op.f("ck_deliveries_kind"), "deliveries", "kind IN ('notification', 'invitation', 'password')"
    )
    op.create_check_constraint(
        op.f("ck_deliveries_tells_of_an_event"), "deliveries", "(kind = 'password') = (event_id IS NULL)"
    )
    op.execute("RESET ROLE")


def downgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    op.execute("DELETE FROM deliveries WHERE kind = 'password'")
    op.drop_constraint(op.f("ck_deliveries_tells_of_an_event"), "deliveries", type_="check")
    op.drop_constraint(op.f("ck_deliveries_kind"), "deliveries", type_="check")
    op.create_check_constraint(
        op.f("ck_deliveries_kind"), "deliveries", "kind IN ('notification', 'invitation')"
    )
    op.alter_column("deliveries", "event_id", nullable=False)
    op.drop_column("people", "password_asked_at")
    op.drop_column("people", "password_generation")
    op.execute("RESET ROLE")
