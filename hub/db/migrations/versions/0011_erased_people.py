"""People who were erased, the one door by which their name leaves events, and what a worker may end.

Events stay append-only by right: nobody may update them. The function can do one thing to them, and only for
somebody who is erased: put "a former official" over the copy of the name (decision 30).

Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    op.add_column("people", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        r"""
        CREATE FUNCTION forget_actor(erased bigint) RETURNS bigint LANGUAGE sql SECURITY DEFINER
        SET search_path = public AS $$
            WITH changed AS (
                UPDATE events
                SET actor_label = 'Mantan pejabat' || coalesce(substring(actor_label FROM ' \([^()]*\)$'), '')
                WHERE actor_id = erased
                  AND EXISTS (SELECT FROM people WHERE people.id = erased AND erased_at IS NOT NULL)
                RETURNING 1)
            SELECT count(*) FROM changed
        $$
        """
    )
    op.execute("REVOKE ALL ON FUNCTION forget_actor(bigint) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION forget_actor(bigint) TO hub_app")
    op.execute("GRANT DELETE ON api_tokens, absences TO hub_worker")
    op.execute("GRANT UPDATE (password_asked_at) ON people TO hub_worker")
    op.execute("RESET ROLE")


def downgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    op.execute("REVOKE UPDATE (password_asked_at) ON people FROM hub_worker")
    op.execute("REVOKE DELETE ON api_tokens, absences FROM hub_worker")
    op.execute("DROP FUNCTION forget_actor(bigint)")
    op.drop_column("people", "erased_at")
    op.execute("RESET ROLE")
