"""The four roles, the extensions and the hub's clock.

The login that migrates must be allowed to create roles, or they must exist already and the login be
a member of each. Roles belong to the whole cluster, so going down leaves them where other databases
use them too.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROLES = ("hub_owner", "hub_app", "hub_worker", "hub_backup")


def upgrade() -> None:
    for role in ROLES:
        # Two databases of one cluster may be migrated at once: the loser finds the role made.
        op.execute(
            f"""
            DO $$ BEGIN
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
                    CREATE ROLE {role} NOLOGIN NOINHERIT;
                END IF;
                IF NOT pg_has_role(current_user, '{role}', 'SET') THEN
                    GRANT {role} TO CURRENT_USER;
                END IF;
            EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
            END $$
            """
        )
    for extension in ("pg_trgm", "unaccent", "btree_gist"):
        op.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    op.execute("GRANT USAGE, CREATE ON SCHEMA public TO hub_owner")
    op.execute("GRANT USAGE ON SCHEMA public TO hub_app, hub_worker, hub_backup")
    op.execute("SET LOCAL ROLE hub_owner")
    op.create_table(
        "clock_offset",
        sa.Column("is_only", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("offset_by", sa.Interval(), server_default=sa.text("'0'"), nullable=False),
        sa.CheckConstraint("is_only", name=op.f("ck_clock_offset_one_row")),
        sa.PrimaryKeyConstraint("is_only", name=op.f("pk_clock_offset")),
    )
    op.execute("INSERT INTO clock_offset DEFAULT VALUES")
    op.execute(
        """
        CREATE FUNCTION hub_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
        BEGIN ATOMIC SELECT now() + (SELECT offset_by FROM clock_offset); END
        """
    )
    op.execute("COMMENT ON FUNCTION hub_now() IS 'The only judge of what is due, expired or late'")
    op.execute("GRANT SELECT ON clock_offset TO hub_app, hub_worker, hub_backup")
    op.execute("RESET ROLE")


def downgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    op.execute("DROP FUNCTION hub_now()")
    op.drop_table("clock_offset")
    op.execute("RESET ROLE")
    op.execute("REVOKE ALL ON SCHEMA public FROM hub_owner, hub_app, hub_worker, hub_backup")
