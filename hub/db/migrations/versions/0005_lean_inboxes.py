"""Notifications and their mails without a check per row; what they name cannot be removed.

A foreign key asks once for each row whether the person and the event are there: half of the time of a fan-out.
Both are read in the statement that writes the rows, so the other half of the promise is the one that matters,
and a trigger on what is named keeps it (decision 15).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

FOREIGN_KEYS = (
    ("notifications", "event_id", "events"),
    ("notifications", "recipient_id", "people"),
    ("deliveries", "event_id", "events"),
    ("deliveries", "person_id", "people"),
)
NAMED_BY = {
    "events": "SELECT FROM notifications WHERE event_id = OLD.id",
    "people": "SELECT FROM notifications WHERE recipient_id = OLD.id",
}
MAILED = {
    "events": "SELECT FROM deliveries WHERE event_id = OLD.id",
    "people": "SELECT FROM deliveries WHERE person_id = OLD.id",
}


def keep(table: str) -> None:
    """Refuse to remove a row of ``table`` that somebody was told of, or as whom somebody was told."""
    op.execute(
        f"""
        CREATE FUNCTION {table}_are_named() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = public AS $$
        BEGIN
            IF EXISTS ({NAMED_BY[table]}) OR EXISTS ({MAILED[table]}) THEN
                RAISE foreign_key_violation USING MESSAGE = 'notifications or deliveries name this row of {table}';
            END IF;
            RETURN coalesce(NEW, OLD);
        END $$
        """
    )
    op.execute(
        f"""
        CREATE TRIGGER {table}_are_named BEFORE DELETE OR UPDATE OF id ON {table}
        FOR EACH ROW EXECUTE FUNCTION {table}_are_named()
        """
    )
    op.execute(
        f"""
        CREATE TRIGGER {table}_are_not_emptied BEFORE TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_empty()
        """
    )


def upgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    for table, column, referred in FOREIGN_KEYS:
        op.drop_constraint(f"fk_{table}_{column}_{referred}", table, type_="foreignkey")
    op.execute(
        """
        CREATE FUNCTION refuse_to_empty() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE foreign_key_violation USING MESSAGE = TG_TABLE_NAME || ' is never emptied';
        END $$
        """
    )
    keep("events")
    keep("people")
    op.execute("REVOKE DELETE ON people FROM hub_app")
    # An event is told to a person once: that pair is the key of its mail, and the index of an event's mails.
    op.drop_index("ix_deliveries_event_id", table_name="deliveries")
    op.drop_index("uq_deliveries_occurrence", table_name="deliveries")
    op.create_index(
        "uq_deliveries_event_id_person_id",
        "deliveries",
        ["event_id", "person_id", "channel"],
        unique=True,
    )
    op.create_index(
        "uq_deliveries_occurrence",
        "deliveries",
        ["occurrence", sa.text("lower(address)"), "channel"],
        unique=True,
        postgresql_where=sa.text("kind <> 'notification'"),
    )
    op.execute("RESET ROLE")


def downgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    op.drop_index(
        "uq_deliveries_occurrence",
        table_name="deliveries",
        postgresql_where=sa.text("kind <> 'notification'"),
    )
    op.drop_index("uq_deliveries_event_id_person_id", table_name="deliveries")
    op.create_index(
        "uq_deliveries_occurrence",
        "deliveries",
        ["occurrence", sa.text("lower(address)"), "channel"],
        unique=True,
    )
    op.create_index("ix_deliveries_event_id", "deliveries", ["event_id"], unique=False)
    op.execute("GRANT DELETE ON people TO hub_app")
    for table in ("people", "events"):
        op.execute(f"DROP TRIGGER {table}_are_not_emptied ON {table}")
        op.execute(f"DROP TRIGGER {table}_are_named ON {table}")
        op.execute(f"DROP FUNCTION {table}_are_named()")
    op.execute("DROP FUNCTION refuse_to_empty()")
    for table, column, referred in FOREIGN_KEYS:
        op.create_foreign_key(f"fk_{table}_{column}_{referred}", table, referred, [column], ["id"])
    op.execute("RESET ROLE")
