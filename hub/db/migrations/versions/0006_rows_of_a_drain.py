"""Reminders and lines of the timeline without a check per row; what they name cannot be removed.

Both are written by a drain from rows that it has just read or made, many at a time: their foreign keys were
almost half of what PostgreSQL did for a small event (decision 23).
"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0013"
branch_labels = None
depends_on = None

FOREIGN_KEYS = (
    ("reminders", "task_id", "tasks"),
    ("partner_timeline", "facility_id", "facilities"),
    ("partner_timeline", "partner_id", "facilities"),
    ("partner_timeline", "event_id", "events"),
    ("partner_timeline", "collaboration_id", "collaborations"),
)
NAMED_BY = {
    "tasks": "SELECT FROM reminders WHERE task_id = OLD.id",
    "facilities": "SELECT FROM partner_timeline WHERE OLD.id IN (facility_id, partner_id)",
    "events": "SELECT FROM partner_timeline WHERE event_id = OLD.id",
    "collaborations": "SELECT FROM partner_timeline WHERE collaboration_id = OLD.id",
}


def upgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    for table, column, referred in FOREIGN_KEYS:
        op.drop_constraint(f"fk_{table}_{column}_{referred}", table, type_="foreignkey")
    for table, named in NAMED_BY.items():
        op.execute(
            f"""
            CREATE FUNCTION {table}_are_drained() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
            SET search_path = public AS $$
            BEGIN
                IF EXISTS ({named}) THEN
                    RAISE foreign_key_violation
                    USING MESSAGE = 'reminders or timelines name this row of {table}';
                END IF;
                RETURN coalesce(NEW, OLD);
            END $$
            """
        )
        op.execute(
            f"""
            CREATE TRIGGER {table}_are_drained BEFORE DELETE OR UPDATE OF id ON {table}
            FOR EACH ROW EXECUTE FUNCTION {table}_are_drained()
            """
        )
    op.execute("RESET ROLE")


def downgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    for table in NAMED_BY:
        op.execute(f"DROP TRIGGER {table}_are_drained ON {table}")
        op.execute(f"DROP FUNCTION {table}_are_drained()")
    for table, column, referred in FOREIGN_KEYS:
        op.create_foreign_key(f"fk_{table}_{column}_{referred}", table, referred, [column], ["id"])
    op.execute("RESET ROLE")
