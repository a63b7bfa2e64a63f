"""Complete the registry: kinds of partners, themes, and the words by which a facility is found.

Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0018"
branch_labels = None
depends_on = None

UNITS = "'lapas', 'rutan', 'bapas', 'lpka', 'rs'"
BEFORE = f"{UNITS}, 'kanwil', 'ditjenpas', 'partner'"
NOW = (
    f"{UNITS}, 'kanwil', 'ditjenpas', 'bnn', 'puskesmas', 'hospital', 'dinas', 'local_government',"
    " 'university', 'foundation', 'police', 'court', 'prosecutor', 'kemenag', 'blk', 'company',"
    " 'cooperative', 'bank', 'community_group', 'foreign_delegation', 'council', 'rupbasan', 'partner'"
)
NAME_WORDS = "string_to_array(ltrim(search_text), ' ')"
ALL_WORDS = "string_to_array(ltrim(search_text || area_text), ' ')"
ORDER = (
    f"CASE WHEN kind IN ({UNITS}) THEN 0 WHEN kind IN ('kanwil', 'ditjenpas') THEN 100 ELSE 200 END"
    " + least(cardinality(string_to_array(name_key, ' ')), 99)"
)
# The import writes these words better (hub.facilities.words); until then old rows are found by these.
FILL = """
    UPDATE facilities SET
        search_text = coalesce(
            (SELECT string_agg(DISTINCT ' ' || word, '')
             FROM facility_names, unnest(string_to_array(search_key, ' ')) AS word
             WHERE facility_id = facilities.id AND word <> ''),
            search_text),
        area_text = coalesce(
            (SELECT string_agg(DISTINCT ' ' || word, '')
             FROM unnest(string_to_array(regexp_replace(lower(
                regexp_replace(concat_ws(' ', city, province), '[(][^)]*[)]', '', 'g')
             ), '[^[:alnum:]]+', ' ', 'g'), ' ')) AS word
             WHERE word <> ''),
            '')
"""
NOTE = """
    CREATE FUNCTION note_facility_words() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO facility_words
        SELECT DISTINCT word COLLATE "C" FROM written, unnest(words) AS word
        WHERE NOT EXISTS (SELECT FROM facility_words AS known WHERE known.word = word.word)
        ORDER BY 1 ON CONFLICT DO NOTHING;
        RETURN NULL;
    END $$
"""


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS fuzzystrmatch")
    op.execute("SET LOCAL ROLE hub_owner")
    op.drop_constraint(op.f("ck_facilities_kind"), "facilities")
    op.create_check_constraint(op.f("ck_facilities_kind"), "facilities", f"kind IN ({NOW})")
    words = postgresql.ARRAY(sa.Text())
    for column in (
        sa.Column("area_text", sa.Text(), server_default="", nullable=False),
        sa.Column("themes", words, server_default="{}", nullable=False),
        sa.Column("name_words", words, sa.Computed(NAME_WORDS, persisted=True), nullable=False),
        sa.Column("words", words, sa.Computed(ALL_WORDS, persisted=True), nullable=False),
        sa.Column("search_order", sa.Integer(), sa.Computed(ORDER, persisted=True), nullable=False),
    ):
        op.add_column("facilities", column)
    op.execute(FILL)
    op.drop_index("ix_facilities_search_text", table_name="facilities")
    op.drop_index("ix_facility_names_search_key", table_name="facility_names")
    op.create_index("ix_facility_names_search_key", "facility_names", ["search_key"])
    for name in ("words", "name_words", "themes"):
        op.create_index(f"ix_facilities_{name}", "facilities", [name], postgresql_using="gin")
    op.create_index(
        "ix_facilities_search_order",
        "facilities",
        ["search_order", "name_key", "id"],
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_index(
        "ix_facilities_merged_into_id",
        "facilities",
        ["merged_into_id"],
        postgresql_where=sa.text("merged_into_id IS NOT NULL"),
    )
    op.create_table(
        "facility_words",
        sa.Column("word", sa.Text(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_facility_words")),
    )
    op.execute("GRANT SELECT, INSERT ON facility_words TO hub_app, hub_worker")
    op.execute("GRANT SELECT ON facility_words TO hub_backup")
    op.execute(NOTE)
    for event in ("INSERT", "UPDATE"):
        op.execute(
            f"""
            CREATE TRIGGER facilities_words_{event.lower()} AFTER {event} ON facilities
            REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION note_facility_words()
            """
        )
    op.execute("INSERT INTO facility_words SELECT DISTINCT unnest(words) FROM facilities")
    op.execute("RESET ROLE")


def downgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    op.execute("DROP TRIGGER facilities_words_insert ON facilities")
    op.execute("DROP TRIGGER facilities_words_update ON facilities")
    op.execute("DROP FUNCTION note_facility_words()")
    op.drop_table("facility_words")
    op.drop_index("ix_facility_names_search_key", table_name="facility_names")
    for name in ("merged_into_id", "search_order", "themes", "name_words", "words"):
        op.drop_index(f"ix_facilities_{name}", table_name="facilities")
    for column in ("search_order", "words", "name_words", "themes", "area_text"):
        op.drop_column("facilities", column)
    for table, column in (("facilities", "search_text"), ("facility_names", "search_key")):
        op.create_index(
            f"ix_{table}_{column}",
            table,
            [column],
            postgresql_using="gin",
            postgresql_ops={column: "gin_trgm_ops"},
        )
    op.drop_constraint(op.f("ck_facilities_kind"), "facilities")
    op.create_check_constraint(op.f("ck_facilities_kind"), "facilities", f"kind IN ({BEFORE})")
    op.execute("RESET ROLE")
