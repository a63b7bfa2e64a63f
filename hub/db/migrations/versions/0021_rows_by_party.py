"""Row-level security: what the web process may see and write of each row, by who acts in its transaction.

Who acts is carried in by ``set_config(…, true)`` (hub.db.transaction); without it there is no row. A
collaboration keeps the facilities that may know of it (``reader_ids``: the guest alone while it is a draft,
then every party); what hangs from a collaboration is as visible as it is. Owner, worker and backup have a
policy by name that lets them see everything (decision 33).

Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0023"
branch_labels = None
depends_on = None

EVERYTHING = "(SELECT row_sees() = 'everything')"
ASKED = "(SELECT row_sees() IN ('asked', 'admin', 'everything'))"
ADMIN = "(SELECT row_sees() IN ('admin', 'everything'))"
NO_LINK = "(SELECT NOT row_has_link())"
ME = "(SELECT row_person())"
UNITS = "(SELECT row_units())"
OVERSEEN = "(SELECT row_overseen())"
# The cast says that it is the array that is meant, not a row of it.
OF_UNIT = f"""
    facility_id = ANY (CAST({UNITS} AS bigint[])) OR {ASKED}
    OR facility_id = ANY (CAST({OVERSEEN} AS bigint[]))"""
# OFFSET 0 keeps the planner from reading and judging every collaboration first, to look up a few in them.
PART_OF = "EXISTS (SELECT FROM {whole} AS whole WHERE whole.id = {{table}}.{key} OFFSET 0)"
OF_COLLABORATION = PART_OF.format(whole="collaborations", key="collaboration_id")
OF_VISIT = PART_OF.format(whole="visits", key="visit_id")
OF_TASK = PART_OF.format(whole="tasks", key="task_id")
OF_IMPORT = PART_OF.format(whole="imports", key="import_id")

POLICIES = {
    # What is one's own unit's comes first and is all that most people see; the rest is asked by a function.
    "collaborations": f"""
        reader_ids && {UNITS}
        OR ((SELECT row_sees_further()) AND is_thread_seen(id, reader_ids, is_draft))""",
    **dict.fromkeys(("proposals", "visits", "commitments", "tasks", "partner_timeline"), OF_COLLABORATION),
    # The guest sees itself in a draft, too, so it is not looked up: lists ask for it row by row.
    "parties": f"""
        (role = 'guest' AND facility_id = ANY (CAST({UNITS} AS bigint[]))) OR {OF_COLLABORATION}""",
    # What happens inside a unit belongs to no collaboration: to who did it and to who was told of it.
    "events": f"""
        {OF_COLLABORATION} OR (collaboration_id IS NULL AND is_inner_event_seen(id, actor_id))""",
    **dict.fromkeys(("arrangements", "agenda_items", "outcomes", "invitations", "answers"), OF_VISIT),
    "reminders": OF_TASK,
    "partner_records": OF_UNIT,
    "notifications": f"recipient_id = {ME} OR {EVERYTHING}",
    "inbox_marks": f"person_id = {ME} OR {EVERYTHING}",
    "deliveries": f"person_id = {ME} OR {ADMIN}",
    "imports": f"by_id = {ME} OR {ADMIN}",
    **dict.fromkeys(("import_parts", "import_rows"), OF_IMPORT),
}
"""By table: which rows the web process may see, and so change. A link's holder sees no more than it says."""
ONLY_READ = dict.fromkeys(("notifications", "deliveries"), "is_receipt_seen(event_id)")
"""By table: what it may see besides: a receipt tells who was told."""
ONLY_ADDED = {"deliveries": "kind = 'password' AND event_id IS NULL"}
"""By table: what it may add besides. Who has lost a password is nobody yet when the mail is planned."""
NOT_OF_LINKS = ("commitments", "outcomes", "tasks", "reminders", "partner_timeline")
"""What no link shows, although it shows the collaboration."""

CONTEXT = {
    "row_person()": ("bigint", "nullif(current_setting('app.person', true), '')::bigint"),
    "row_units()": ("bigint[]", "coalesce(nullif(current_setting('app.units', true), ''), '{}')::bigint[]"),
    "row_overseen()": (
        "bigint[]",
        "coalesce(nullif(current_setting('app.overseen', true), ''), '{}')::bigint[]",
    ),
    "row_sees()": ("text", "coalesce(current_setting('app.sees', true), '')"),
    "row_reads_inbox()": ("boolean", "coalesce(current_setting('app.reads', true), '') = 'inbox'"),
    "row_sees_further()": (
        "boolean",
        """
        coalesce(current_setting('app.sees', true), '') NOT IN ('', 'own')
        OR coalesce(current_setting('app.overseen', true), '') NOT IN ('', '{}')
        OR coalesce(current_setting('app.link', true), '') <> ''
        OR coalesce(current_setting('app.reads', true), '') <> ''""",
    ),
    "row_is_somebody()": (
        "boolean",
        """
        coalesce(current_setting('app.person', true), '') <> ''
        OR coalesce(current_setting('app.sees', true), '') = 'everything'
        OR current_setting('role') IN ('hub_owner', 'hub_worker')""",
    ),
    "row_has_link()": ("boolean", "coalesce(current_setting('app.link', true), '') <> ''"),
}
"""What the transaction says of who acts, as functions that the planner puts in place."""
DEFINED = {
    # Each of these sees more than its caller and tells of it no more than its name says.
    "row_link()": (
        "bigint",
        """
        SELECT visit.collaboration_id FROM invitations JOIN visits AS visit ON visit.id = visit_id
        WHERE invitations.id = nullif(current_setting('app.link', true), '')::bigint
        """,
    ),
    "was_told_of(thread bigint)": (
        "boolean",
        """
        SELECT EXISTS (
            SELECT FROM events JOIN notifications ON event_id = events.id AND recipient_id = row_person()
            WHERE events.collaboration_id = thread)
        """,
    ),
    "was_told(event uuid)": (
        "boolean",
        "SELECT EXISTS (SELECT FROM notifications WHERE event_id = event AND recipient_id = row_person())",
    ),
    "count_hosted(facilities bigint[])": (
        "TABLE (facility_id bigint, visits bigint)",
        """
        SELECT parties.facility_id, count(*) FROM parties JOIN visits ON host_party_id = parties.id
        WHERE parties.facility_id = ANY (facilities) AND visits.state IN ('held', 'concluded')
          AND row_is_somebody()
        GROUP BY parties.facility_id
        """,
    ),
    "count_hosted_themes(facility bigint)": (
        "TABLE (theme text, visits bigint)",
        """
        SELECT theme, count(*) FROM parties JOIN visits ON host_party_id = parties.id
        JOIN collaborations ON collaborations.id = visits.collaboration_id, unnest(themes) AS theme
        WHERE parties.facility_id = facility AND visits.state IN ('held', 'concluded')
          AND row_is_somebody()
        GROUP BY theme
        """,
    ),
    "count_held(posts bigint[])": (
        "TABLE (post_id bigint, tasks bigint, invitations bigint)",
        """
        SELECT post, (SELECT count(*) FROM tasks WHERE owner_post_id = post AND state = 'open'),
               (SELECT count(*) FROM invitations JOIN visits ON visits.id = visit_id
                WHERE invitations.post_id = post AND revoked_at IS NULL AND visits.state = 'proposed')
        FROM unnest(posts) AS post
        WHERE row_is_somebody()
        """,
    ),
}

ASKING = {
    # A draft belongs to the guest unit alone. From its submission on it is known to its parties, to who
    # oversees one of them or all, and to the holder of a link to it; and to who was told of it, where an
    # inbox is read.
    "is_thread_seen(thread bigint, readers bigint[], is_draft boolean)": """
        DECLARE sees text := row_sees();
        BEGIN
            RETURN sees = 'everything'
                OR (NOT is_draft AND (sees IN ('asked', 'admin') OR readers && row_overseen()))
                OR (row_has_link() AND thread = row_link())
                OR (row_reads_inbox() AND was_told_of(thread));
        END""",
    "is_inner_event_seen(event uuid, actor bigint)": """
        BEGIN
            RETURN row_sees() IN ('admin', 'everything') OR actor = row_person() OR was_told(event);
        END""",
    "is_receipt_seen(event uuid)": """
        BEGIN
            RETURN NOT row_has_link() AND EXISTS (SELECT FROM events WHERE id = event);
        END""",
}
"""What is seldom asked, with the rights of who asks. As functions, for each query would pay for their parts."""

READERS = """
    CREATE FUNCTION note_readers(threads bigint[]) RETURNS void LANGUAGE sql
    SET search_path = public AS $$
        WITH drafts AS (
            SELECT thread.id, coalesce(bool_and(proposal.state = 'draft'), true) AS is_draft
            FROM collaborations AS thread LEFT JOIN proposals AS proposal ON proposal.collaboration_id = thread.id
            WHERE thread.id = ANY (threads) GROUP BY thread.id
        ), readers AS (
            SELECT drafts.id, drafts.is_draft,
                   coalesce(array_agg(DISTINCT party.facility_id)
                            FILTER (WHERE party.role = 'guest' OR NOT drafts.is_draft), '{}') AS ids
            FROM drafts LEFT JOIN parties AS party ON party.collaboration_id = drafts.id
            GROUP BY drafts.id, drafts.is_draft
        )
        UPDATE collaborations AS thread SET reader_ids = readers.ids, is_draft = readers.is_draft
        FROM readers WHERE thread.id = readers.id
          AND (thread.reader_ids, thread.is_draft) IS DISTINCT FROM (readers.ids, readers.is_draft)
    $$
"""
NOTE = """
    CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public AS $$
    BEGIN
        PERFORM note_readers(ARRAY({threads}));
        RETURN NULL;
    END $$
"""
TRIGGERS = {
    "parties_are_readers": ("parties", "INSERT", "NEW TABLE AS changed"),
    "parties_were_readers": ("parties", "DELETE", "OLD TABLE AS changed"),
    "parties_read_otherwise": ("parties", "UPDATE", "NEW TABLE AS changed"),
    "proposals_open": ("proposals", "INSERT", "NEW TABLE AS changed"),
}


def upgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    readers = postgresql.ARRAY(sa.BigInteger())
    op.add_column("collaborations", sa.Column("reader_ids", readers, server_default="{}", nullable=False))
    op.add_column(
        "collaborations", sa.Column("is_draft", sa.Boolean(), server_default="true", nullable=False)
    )
    op.execute(READERS)
    op.execute("SELECT note_readers(ARRAY(SELECT id FROM collaborations))")
    _note_readers()
    for name, (kind, words) in CONTEXT.items():
        op.execute(f"CREATE FUNCTION {name} RETURNS {kind} LANGUAGE sql STABLE PARALLEL SAFE RETURN {words}")
    for name, (kind, words) in DEFINED.items():
        op.execute(
            f"CREATE FUNCTION {name} RETURNS {kind} LANGUAGE sql STABLE SECURITY DEFINER"
            f" SET search_path = public AS $${words}$$"
        )
        op.execute(f"REVOKE ALL ON FUNCTION {_signature(name)} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {_signature(name)} TO hub_app, hub_worker")
    for name, words in ASKING.items():
        op.execute(
            f"CREATE FUNCTION {name} RETURNS boolean LANGUAGE plpgsql STABLE COST 10"
            f" SET search_path = public AS $${words}$$"
        )
    op.execute("REVOKE ALL ON FUNCTION note_readers(bigint[]) FROM PUBLIC")
    for table, words in POLICIES.items():
        _secure(table, words.format(table=table))
    op.execute("RESET ROLE")


def downgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    for table in POLICIES:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY")
        names = ["rows_of_app", "rows_of_owner", "rows_of_worker", "rows_of_backup"]
        names += ["rows_read_by_app"] if table in ONLY_READ else []
        names += ["rows_added_by_app"] if table in ONLY_ADDED else []
        names += ["rows_of_no_link"] if table in NOT_OF_LINKS else []
        for name in names:
            op.execute(f"DROP POLICY {name} ON {table}")
    for name in ASKING | DEFINED | CONTEXT:
        op.execute(f"DROP FUNCTION {_signature(name)}")
    op.execute("DROP TRIGGER proposals_open_or_close ON proposals")
    op.execute("DROP FUNCTION proposals_open_or_close()")
    for name, (table, _, _) in TRIGGERS.items():
        op.execute(f"DROP TRIGGER {name} ON {table}")
    op.execute("DROP FUNCTION note_changed_readers()")
    op.execute("DROP FUNCTION note_readers(bigint[])")
    op.drop_column("collaborations", "is_draft")
    op.drop_column("collaborations", "reader_ids")
    op.execute("RESET ROLE")


def _note_readers() -> None:
    """Keep ``reader_ids`` whatever changes the parties, or lets a proposal be a draft no more."""
    threads = "SELECT DISTINCT collaboration_id FROM changed"
    op.execute(NOTE.format(name="note_changed_readers", threads=threads))
    for name, (table, act, rows) in TRIGGERS.items():
        op.execute(
            f"CREATE TRIGGER {name} AFTER {act} ON {table} REFERENCING {rows}"
            " FOR EACH STATEMENT EXECUTE FUNCTION note_changed_readers()"
        )
    op.execute(NOTE.format(name="proposals_open_or_close", threads="SELECT NEW.collaboration_id"))
    op.execute(
        """
        CREATE TRIGGER proposals_open_or_close AFTER UPDATE ON proposals FOR EACH ROW
        WHEN ((OLD.state = 'draft') <> (NEW.state = 'draft'))
        EXECUTE FUNCTION proposals_open_or_close()
        """
    )


def _secure(table: str, words: str) -> None:
    """Put the rows of a table under their policies, for its owner too."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY rows_of_app ON {table} TO hub_app USING ({words})")
    op.execute(f"CREATE POLICY rows_of_owner ON {table} TO hub_owner USING (true)")
    op.execute(f"CREATE POLICY rows_of_worker ON {table} TO hub_worker USING (true)")
    op.execute(f"CREATE POLICY rows_of_backup ON {table} FOR SELECT TO hub_backup USING (true)")
    if table in ONLY_READ:
        read = ONLY_READ[table].format(table=table)
        op.execute(f"CREATE POLICY rows_read_by_app ON {table} FOR SELECT TO hub_app USING ({read})")
    if table in ONLY_ADDED:
        added = ONLY_ADDED[table]
        op.execute(f"CREATE POLICY rows_added_by_app ON {table} FOR INSERT TO hub_app WITH CHECK ({added})")
    if table in NOT_OF_LINKS:
        op.execute(f"CREATE POLICY rows_of_no_link ON {table} AS RESTRICTIVE TO hub_app USING ({NO_LINK})")


def _signature(name: str) -> str:
    """Return a function's name with its types alone."""
    call, _, rest = name.partition("(")
    types = [one.rpartition(" ")[2] for one in rest.removesuffix(")").split(", ")]
    return f"{call}({', '.join(types)})"
