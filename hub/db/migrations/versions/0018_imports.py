"""Files on their way into the hub, and what becomes of each of their lines.

A worker writes what was confirmed, with the rights of who confirmed it: so its role may add and correct
people, posts, appointments and facilities from here on.

Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

WORKER_GAINS = {
    "people": "INSERT, UPDATE",
    "posts": "INSERT, UPDATE, DELETE",
    "appointments": "INSERT, UPDATE, DELETE",
    "delegations": "UPDATE",
    "facilities": "INSERT, UPDATE, DELETE",
    "facility_names": "INSERT, UPDATE, DELETE",
    "audit": "INSERT",
    "audit_unsealed": "INSERT",
}
OWN = ("imports", "import_parts", "import_rows")


def upgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    op.create_table(
        "imports",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), server_default="reading", nullable=False),
        sa.Column("header", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("sample", postgresql.JSONB(), nullable=True),
        sa.Column("columns", postgresql.JSONB(), nullable=True),
        sa.Column("position", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("total", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("reason_values", postgresql.JSONB(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("hub_now()"), nullable=False
        ),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('people', 'facilities')", name=op.f("ck_imports_kind")),
        sa.CheckConstraint(
            "state IN ('reading', 'read', 'comparing', 'previewed', 'applying', 'applied', 'undoing',"
            " 'undone', 'cancelled', 'failed')",
            name=op.f("ck_imports_state"),
        ),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_imports_by_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_index("ix_imports_by_id", "imports", ["by_id"])
    op.create_index(
        "ix_imports_due_at", "imports", ["due_at"], postgresql_where=sa.text("due_at IS NOT NULL")
    )
    op.create_table(
        "import_parts",
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
            name=op.f("fk_import_parts_import_id_imports"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_import_parts")),
    )
    op.create_table(
        "import_rows",
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("cells", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("label", sa.Text(), server_default="", nullable=False),
        sa.Column("said", postgresql.JSONB(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("reason_values", postgresql.JSONB(), nullable=True),
        sa.Column("changes", postgresql.JSONB(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("target_id", sa.BigInteger(), nullable=True),
        sa.Column("done", postgresql.JSONB(), nullable=True),
        sa.CheckConstraint(
            "verdict IN ('new', 'changed', 'unchanged', 'ambiguous', 'rejected')",
            name=op.f("ck_import_rows_verdict"),
        ),
        sa.CheckConstraint(
            "outcome IN ('applied', 'refused', 'undone', 'kept')", name=op.f("ck_import_rows_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
            name=op.f("fk_import_rows_import_id_imports"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("import_id", "line", name=op.f("pk_import_rows")),
    )
    op.create_index("ix_import_rows_import_id_verdict_line", "import_rows", ["import_id", "verdict", "line"])
    op.create_index("ix_import_rows_import_id_key", "import_rows", ["import_id", "key"])
    own = ", ".join(OWN)
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {own} TO hub_app, hub_worker")
    op.execute(f"GRANT SELECT ON {own} TO hub_backup")
    op.execute("GRANT USAGE, SELECT ON SEQUENCE imports_id_seq TO hub_app")
    op.execute("GRANT SELECT ON SEQUENCE imports_id_seq TO hub_backup")
    for table, rights in WORKER_GAINS.items():
        op.execute(f"GRANT {rights} ON {table} TO hub_worker")
    op.execute("RESET ROLE")


def downgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    for table, rights in WORKER_GAINS.items():
        op.execute(f"REVOKE {rights} ON {table} FROM hub_worker")
    # The older release still empties this column of people.
    op.execute("GRANT UPDATE (password_asked_at) ON people TO hub_worker")
    op.drop_table("import_rows")
    op.drop_table("import_parts")
    op.drop_table("imports")
    op.execute("RESET ROLE")
