"""Every table of the main job, and what each role may do with it.

Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


APPEND_ONLY = ("events", "arrangements", "agenda_items", "audit")
"""Nobody but the owner may change or delete what stands here."""
WORKER_WRITES = {
    "reactions": "SELECT, INSERT, UPDATE",
    "heartbeats": "SELECT, INSERT, UPDATE",
    "notifications": "SELECT, INSERT, DELETE",
    "deliveries": "SELECT, INSERT, UPDATE",
    "tasks": "SELECT, INSERT, UPDATE",
    "reminders": "SELECT, INSERT, UPDATE",
    "partner_records": "SELECT, INSERT, UPDATE, DELETE",
    "partner_timeline": "SELECT, INSERT, UPDATE, DELETE",
    "events": "SELECT, INSERT",
    "invitations": "SELECT, UPDATE",
    "request_keys": "SELECT, DELETE",
    "sign_ins": "SELECT, DELETE",
    "sign_in_throttles": "SELECT, DELETE",
}


def grant_on_own_tables(rights: str, roles: str) -> None:
    """ALL TABLES IN SCHEMA would include Alembic's own table, which the login owns."""
    op.execute(
        f"""
        DO $$ DECLARE own text; BEGIN
            FOR own IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tableowner = 'hub_owner'
            LOOP EXECUTE format('GRANT {rights} ON %I TO {roles}', own); END LOOP;
        END $$
        """
    )


def grant_rights() -> None:
    """The web process may do anything but rewrite history; a worker only what its effects need."""
    grant_on_own_tables("SELECT, INSERT, UPDATE, DELETE", "hub_app")
    op.execute("REVOKE INSERT, UPDATE, DELETE ON clock_offset FROM hub_app")
    op.execute(f"REVOKE UPDATE, DELETE ON {', '.join(APPEND_ONLY)} FROM hub_app")
    grant_on_own_tables("SELECT", "hub_worker, hub_backup")
    for table, rights in WORKER_WRITES.items():
        op.execute(f"GRANT {rights} ON {table} TO hub_worker")
    op.execute("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO hub_app, hub_worker")
    op.execute("GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO hub_backup")


def upgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    op.create_table(
        "facilities",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("speciality", sa.Text(), nullable=True),
        sa.Column("class", sa.Text(), nullable=True),
        sa.Column("region_id", sa.BigInteger(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("regency_code", sa.Text(), nullable=True),
        sa.Column("province", sa.Text(), nullable=True),
        sa.Column("iana_zone", sa.Text(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("mailbox", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column("merged_into_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("hub_now()"), nullable=False
        ),
        sa.CheckConstraint(
            "(status = 'merged') = (merged_into_id IS NOT NULL)", name=op.f("ck_facilities_merged_says_into")
        ),
        sa.CheckConstraint(
            "iana_zone IN ('Asia/Jakarta', 'Asia/Pontianak', 'Asia/Makassar', 'Asia/Jayapura')",
            name=op.f("ck_facilities_zone"),
        ),
        sa.CheckConstraint(
            "kind IN ('lapas', 'rutan', 'bapas', 'lpka', 'rs', 'kanwil', 'ditjenpas', 'partner')",
            name=op.f("ck_facilities_kind"),
        ),
        sa.CheckConstraint("status IN ('active', 'historical', 'merged')", name=op.f("ck_facilities_status")),
        sa.CheckConstraint("merged_into_id <> id", name=op.f("ck_facilities_no_self_merge")),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["facilities.id"], name=op.f("fk_facilities_merged_into_id_facilities")
        ),
        sa.ForeignKeyConstraint(
            ["region_id"], ["facilities.id"], name=op.f("fk_facilities_region_id_facilities")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facilities")),
    )
    op.create_index("ix_facilities_region_id", "facilities", ["region_id"], unique=False)
    op.create_index("ix_facilities_name_key", "facilities", ["name_key", "id"], unique=False)
    op.create_index(
        "ix_facilities_search_text",
        "facilities",
        ["search_text"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
    )
    op.create_index(
        "uq_facilities_name_active",
        "facilities",
        ["name"],
        unique=True,
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_table(
        "heartbeats",
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column(
            "beat_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("process", name=op.f("pk_heartbeats")),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), server_default="id", nullable=False),
        sa.Column("iana_zone", sa.Text(), server_default="Asia/Jakarta", nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("wants_mail", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("hub_now()"), nullable=False
        ),
        sa.CheckConstraint("locale IN ('id', 'en')", name=op.f("ck_people_locale")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
    )
    op.create_index("uq_people_email", "people", [sa.literal_column("lower(email)")], unique=True)
    op.create_table(
        "request_keys",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("hub_now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("scope", "key", name=op.f("pk_request_keys")),
    )
    op.create_index(op.f("ix_request_keys_created_at"), "request_keys", ["created_at"], unique=False)
    op.create_table(
        "sign_in_throttles",
        sa.Column("bucket", sa.Text(), nullable=False),
        sa.Column("failures", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column(
            "first_failed_at", sa.DateTime(timezone=True), server_default=sa.text("hub_now()"), nullable=False
        ),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("bucket", name=op.f("pk_sign_in_throttles")),
    )
    op.create_table(
        "api_tokens",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("hub_now()"), nullable=False
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_api_tokens_person_id_people")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("prefix", name=op.f("uq_api_tokens_prefix")),
    )
    op.create_index("ix_api_tokens_person_id", "api_tokens", ["person_id"], unique=False)
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("hub_now()"), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_label", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["people.id"], name=op.f("fk_audit_actor_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_table(
        "collaborations",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "ref", sa.Text(), sa.Computed("'SH-' || lpad(id::text, 6, '0')", persisted=True), nullable=False
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("themes", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("opened_by_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("hub_now()"), nullable=False
        ),
        sa.CheckConstraint(
            "kind IN ('studi_tiru', 'studi_banding', 'kunjungan_kerja', 'konsultasi', 'koordinasi')",
            name=op.f("ck_collaborations_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["opened_by_id"], ["people.id"], name=op.f("fk_collaborations_opened_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collaborations")),
        sa.UniqueConstraint("ref", name=op.f("uq_collaborations_ref")),
    )
    op.create_table(
        "facility_names",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("search_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), server_default=sa.text("'(,)'"), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("facility_id"), "="),
            (sa.column("valid"), "&&"),
            where=sa.text("kind = 'official'"),
            using="gist",
            name="one_official_name_at_a_time",
        ),
        sa.CheckConstraint(
            "kind IN ('official', 'former', 'alias', 'abbreviation')", name=op.f("ck_facility_names_kind")
        ),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facilities.id"], name=op.f("fk_facility_names_facility_id_facilities")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility_names")),
    )
    op.create_index(
        "ix_facility_names_search_key",
        "facility_names",
        ["search_key"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search_key": "gin_trgm_ops"},
    )
    op.create_index(
        "uq_facility_names_facility_id_kind_name",
        "facility_names",
        ["facility_id", "kind", "name"],
        unique=True,
    )
    op.create_table(
        "grants",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("scope_facility_id", sa.BigInteger(), nullable=True),
        sa.Column("during", postgresql.TSTZRANGE(), server_default=sa.text("'(,)'"), nullable=False),
        sa.CheckConstraint(
            "role <> 'admin' OR scope_facility_id IS NULL", name=op.f("ck_grants_admin_has_no_scope")
        ),
        sa.CheckConstraint("role IN ('overseer', 'auditor', 'admin')", name=op.f("ck_grants_role")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_grants_person_id_people")),
        sa.ForeignKeyConstraint(
            ["scope_facility_id"], ["facilities.id"], name=op.f("fk_grants_scope_facility_id_facilities")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
    )
    op.create_index("ix_grants_person_id", "grants", ["person_id"], unique=False)
    op.create_index("ix_grants_scope_facility_id", "grants", ["scope_facility_id"], unique=False)
    op.create_table(
        "inbox_marks",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("read_through", sa.UUID(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_inbox_marks_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_inbox_marks")),
    )
    op.create_table(
        "partner_records",
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("partner_id", sa.BigInteger(), nullable=False),
        sa.Column("first_contact_on", sa.Date(), nullable=True),
        sa.Column("last_contact_on", sa.Date(), nullable=True),
        sa.Column("collaborations", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("visits_made", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("visits_hosted", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("themes", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("open_follow_ups", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("closed_follow_ups", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("facility_id <> partner_id", name=op.f("ck_partner_records_two_facilities")),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facilities.id"], name=op.f("fk_partner_records_facility_id_facilities")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["facilities.id"], name=op.f("fk_partner_records_partner_id_facilities")
        ),
        sa.PrimaryKeyConstraint("facility_id", "partner_id", name=op.f("pk_partner_records")),
    )
    op.create_table(
        "posts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("is_pool", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("mailbox", sa.Text(), nullable=True),
        sa.Column("reports_to_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("is_pool = (role = 'pool')", name=op.f("ck_posts_pool_is_a_role")),
        sa.CheckConstraint("role IN ('head', 'section', 'pool', 'contact')", name=op.f("ck_posts_role")),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facilities.id"], name=op.f("fk_posts_facility_id_facilities")
        ),
        sa.ForeignKeyConstraint(["reports_to_id"], ["posts.id"], name=op.f("fk_posts_reports_to_id_posts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
    )
    op.create_index("uq_posts_facility_id_title", "posts", ["facility_id", "title"], unique=True)
    op.create_index(
        "uq_posts_head", "posts", ["facility_id"], unique=True, postgresql_where=sa.text("role = 'head'")
    )
    op.create_table(
        "sign_ins",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("hub_now()"), nullable=False
        ),
        sa.Column(
            "last_seen_at", sa.DateTime(timezone=True), server_default=sa.text("hub_now()"), nullable=False
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_sign_ins_person_id_people")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sign_ins")),
    )
    op.create_index("ix_sign_ins_person_id", "sign_ins", ["person_id"], unique=False)
    op.create_table(
        "appointments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), server_default=sa.text("'(,)'"), nullable=False),
        sa.Column("is_acting", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("is_in_pool", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("letter_no", sa.Text(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("post_id"), "="),
            (sa.column("during"), "&&"),
            where=sa.text("NOT is_acting AND NOT is_in_pool"),
            using="gist",
            name="one_holder_at_a_time",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_appointments_person_id_people")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_appointments_post_id_posts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointments")),
    )
    op.create_index("ix_appointments_person_id", "appointments", ["person_id"], unique=False)
    op.create_index("ix_appointments_post_id", "appointments", ["post_id"], unique=False)
    op.create_table(
        "events",
        sa.Column("id", sa.UUID(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("collaboration_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "occurred_at", sa.DateTime(timezone=True), server_default=sa.text("hub_now()"), nullable=False
        ),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_label", sa.Text(), nullable=False),
        sa.Column("correlation_id", sa.UUID(), nullable=False),
        sa.Column("causation_id", sa.UUID(), nullable=True),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("actor_kind IN ('person', 'link', 'system')", name=op.f("ck_events_actor_kind")),
        sa.CheckConstraint("version > 0", name=op.f("ck_events_version_positive")),
        sa.ForeignKeyConstraint(["actor_id"], ["people.id"], name=op.f("fk_events_actor_id_people")),
        sa.ForeignKeyConstraint(["causation_id"], ["events.id"], name=op.f("fk_events_causation_id_events")),
        sa.ForeignKeyConstraint(
            ["collaboration_id"],
            ["collaborations.id"],
            name=op.f("fk_events_collaboration_id_collaborations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index("ix_events_collaboration_id_id", "events", ["collaboration_id", "id"], unique=False)
    op.create_index("ix_events_type_id", "events", ["type", "id"], unique=False)
    op.create_table(
        "parties",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("collaboration_id", sa.BigInteger(), nullable=False),
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("follow_up_post_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("role IN ('guest', 'host', 'partner')", name=op.f("ck_parties_role")),
        sa.ForeignKeyConstraint(
            ["collaboration_id"],
            ["collaborations.id"],
            name=op.f("fk_parties_collaboration_id_collaborations"),
        ),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facilities.id"], name=op.f("fk_parties_facility_id_facilities")
        ),
        sa.ForeignKeyConstraint(
            ["follow_up_post_id"], ["posts.id"], name=op.f("fk_parties_follow_up_post_id_posts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parties")),
    )
    op.create_index("ix_parties_facility_id", "parties", ["facility_id", "collaboration_id"], unique=False)
    op.create_index(
        "uq_parties_collaboration_id_facility_id", "parties", ["collaboration_id", "facility_id"], unique=True
    )
    op.create_table(
        "proposals",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("collaboration_id", sa.BigInteger(), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("duration", sa.Text(), nullable=False),
        sa.Column("letter_no", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), server_default="draft", nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'accepted', 'declined', 'withdrawn')",
            name=op.f("ck_proposals_state"),
        ),
        sa.ForeignKeyConstraint(
            ["collaboration_id"],
            ["collaborations.id"],
            name=op.f("fk_proposals_collaboration_id_collaborations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
        sa.UniqueConstraint("collaboration_id", name=op.f("uq_proposals_collaboration_id")),
    )
    op.create_table(
        "notifications",
        sa.Column("recipient_id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_notifications_event_id_events")),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["people.id"], name=op.f("fk_notifications_recipient_id_people")
        ),
        sa.PrimaryKeyConstraint("recipient_id", "event_id", name=op.f("pk_notifications")),
    )
    op.create_index("ix_notifications_event_id", "notifications", ["event_id"], unique=False)
    op.create_table(
        "partner_timeline",
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("partner_id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("collaboration_id", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["collaboration_id"],
            ["collaborations.id"],
            name=op.f("fk_partner_timeline_collaboration_id_collaborations"),
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_partner_timeline_event_id_events")
        ),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facilities.id"], name=op.f("fk_partner_timeline_facility_id_facilities")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["facilities.id"], name=op.f("fk_partner_timeline_partner_id_facilities")
        ),
        sa.PrimaryKeyConstraint("facility_id", "partner_id", "event_id", name=op.f("pk_partner_timeline")),
    )
    op.create_index("ix_partner_timeline_event_id", "partner_timeline", ["event_id"], unique=False)
    op.create_table(
        "reactions",
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="due", nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("hub_now()"), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("took_ms", sa.BigInteger(), nullable=True),
        sa.Column("summary", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state = 'done') = (done_at IS NOT NULL)", name=op.f("ck_reactions_done_has_a_time")
        ),
        sa.CheckConstraint(
            "state <> 'parked' OR reason IS NOT NULL", name=op.f("ck_reactions_parked_says_why")
        ),
        sa.CheckConstraint("state IN ('due', 'done', 'parked')", name=op.f("ck_reactions_state")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_reactions_event_id_events")),
        sa.PrimaryKeyConstraint("event_id", "consumer", name=op.f("pk_reactions")),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_index(
        "ix_reactions_due",
        "reactions",
        ["consumer", "due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'due'"),
    )
    op.create_index(
        "ix_reactions_parked",
        "reactions",
        ["event_id"],
        unique=False,
        postgresql_where=sa.text("state = 'parked'"),
    )
    op.create_table(
        "visits",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("collaboration_id", sa.BigInteger(), nullable=False),
        sa.Column("stop_no", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("host_party_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="proposed", nullable=False),
        sa.Column("arrangement_no", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(state = 'concluded') = (published_at IS NOT NULL)", name=op.f("ck_visits_concluded_has_a_time")
        ),
        sa.CheckConstraint(
            "(state IN ('held', 'concluded')) = (held_at IS NOT NULL)", name=op.f("ck_visits_held_has_a_time")
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'scheduled', 'held', 'concluded', 'cancelled')",
            name=op.f("ck_visits_state"),
        ),
        sa.ForeignKeyConstraint(
            ["collaboration_id"],
            ["collaborations.id"],
            name=op.f("fk_visits_collaboration_id_collaborations"),
        ),
        sa.ForeignKeyConstraint(
            ["host_party_id"], ["parties.id"], name=op.f("fk_visits_host_party_id_parties")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
    )
    op.create_index(
        "uq_visits_collaboration_id_stop_no", "visits", ["collaboration_id", "stop_no"], unique=True
    )
    op.create_table(
        "arrangements",
        sa.Column("visit_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("iana_zone", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("head_count", sa.SmallInteger(), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("hub_now()"), nullable=False
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_arrangements_ends_after_it_starts")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_arrangements_visit_id_visits")),
        sa.PrimaryKeyConstraint("visit_id", "number", name=op.f("pk_arrangements")),
    )
    op.create_table(
        "invitations",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("visit_id", sa.BigInteger(), nullable=False),
        sa.Column("party_id", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=True),
        sa.Column("generation", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("respond_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("hub_now()"), nullable=False
        ),
        sa.CheckConstraint("generation > 0", name=op.f("ck_invitations_generation_positive")),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name=op.f("fk_invitations_party_id_parties")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_invitations_post_id_posts")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_invitations_visit_id_visits")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
    )
    op.create_index(
        "uq_invitations_visit_party_address",
        "invitations",
        ["visit_id", "party_id", sa.literal_column("lower(address)")],
        unique=True,
    )
    op.create_table(
        "outcomes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("visit_id", sa.BigInteger(), nullable=False),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("revision", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("seen", sa.Text(), nullable=False),
        sa.Column("will_try", sa.Text(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("hub_now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_outcomes_visit_id_visits")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcomes")),
    )
    op.create_index(
        "uq_outcomes_visit_id_theme_revision", "outcomes", ["visit_id", "theme", "revision"], unique=True
    )
    op.create_table(
        "agenda_items",
        sa.Column("visit_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("minutes", sa.SmallInteger(), nullable=False),
        sa.Column("theme", sa.Text(), nullable=True),
        sa.Column("owner_post_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("minutes BETWEEN 1 AND 1440", name=op.f("ck_agenda_items_minutes")),
        sa.ForeignKeyConstraint(
            ["owner_post_id"], ["posts.id"], name=op.f("fk_agenda_items_owner_post_id_posts")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id", "number"],
            ["arrangements.visit_id", "arrangements.number"],
            name=op.f("fk_agenda_items_visit_id_number_arrangements"),
        ),
        sa.PrimaryKeyConstraint("visit_id", "number", "position", name=op.f("pk_agenda_items")),
    )
    op.create_table(
        "answers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("invitation_id", sa.BigInteger(), nullable=False),
        sa.Column("visit_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("counter_starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counter_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "answered_at", sa.DateTime(timezone=True), server_default=sa.text("hub_now()"), nullable=False
        ),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(verdict = 'countered') = (counter_starts_at IS NOT NULL)",
            name=op.f("ck_answers_counter_has_a_time"),
        ),
        sa.CheckConstraint("door IN ('link', 'person', 'on_behalf')", name=op.f("ck_answers_door")),
        sa.CheckConstraint(
            "verdict = 'accepted' OR reason IS NOT NULL", name=op.f("ck_answers_a_no_has_a_reason")
        ),
        sa.CheckConstraint(
            "verdict IN ('accepted', 'declined', 'countered')", name=op.f("ck_answers_verdict")
        ),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitations.id"], name=op.f("fk_answers_invitation_id_invitations")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_answers_person_id_people")),
        sa.ForeignKeyConstraint(
            ["visit_id", "number"],
            ["arrangements.visit_id", "arrangements.number"],
            name=op.f("fk_answers_visit_id_number_arrangements"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answers")),
    )
    op.create_index(
        "uq_answers_current",
        "answers",
        ["invitation_id", "number"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "commitments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("collaboration_id", sa.BigInteger(), nullable=False),
        sa.Column("visit_id", sa.BigInteger(), nullable=False),
        sa.Column("outcome_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("owner_post_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("working_days", sa.SmallInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.CheckConstraint("working_days BETWEEN 1 AND 260", name=op.f("ck_commitments_working_days")),
        sa.ForeignKeyConstraint(
            ["collaboration_id"],
            ["collaborations.id"],
            name=op.f("fk_commitments_collaboration_id_collaborations"),
        ),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facilities.id"], name=op.f("fk_commitments_facility_id_facilities")
        ),
        sa.ForeignKeyConstraint(
            ["outcome_id"], ["outcomes.id"], name=op.f("fk_commitments_outcome_id_outcomes")
        ),
        sa.ForeignKeyConstraint(
            ["owner_post_id"], ["posts.id"], name=op.f("fk_commitments_owner_post_id_posts")
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_commitments_visit_id_visits")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitments")),
    )
    op.create_index("ix_commitments_collaboration_id", "commitments", ["collaboration_id"], unique=False)
    op.create_index("ix_commitments_visit_id", "commitments", ["visit_id"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("occurrence", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), server_default="mail", nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("invitation_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), server_default="due", nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("hub_now()"), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("hub_now()"), nullable=False
        ),
        sa.CheckConstraint(
            "(state = 'due') = (settled_at IS NULL)", name=op.f("ck_deliveries_settled_has_a_time")
        ),
        sa.CheckConstraint("channel IN ('mail')", name=op.f("ck_deliveries_channel")),
        sa.CheckConstraint("kind IN ('notification', 'invitation')", name=op.f("ck_deliveries_kind")),
        sa.CheckConstraint("state IN ('due', 'sent', 'skipped', 'failed')", name=op.f("ck_deliveries_state")),
        sa.CheckConstraint(
            "state NOT IN ('skipped', 'failed') OR reason IS NOT NULL", name=op.f("ck_deliveries_says_why")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_deliveries_event_id_events")),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitations.id"], name=op.f("fk_deliveries_invitation_id_invitations")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_deliveries_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    op.create_index(
        "ix_deliveries_due",
        "deliveries",
        ["channel", "due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'due'"),
    )
    op.create_index("ix_deliveries_event_id", "deliveries", ["event_id"], unique=False)
    op.create_index(
        "uq_deliveries_occurrence",
        "deliveries",
        ["occurrence", sa.literal_column("lower(address)"), "channel"],
        unique=True,
    )
    op.create_table(
        "tasks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("collaboration_id", sa.BigInteger(), nullable=False),
        sa.Column("commitment_id", sa.BigInteger(), nullable=False),
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("owner_post_id", sa.BigInteger(), nullable=False),
        sa.Column("accountable_post_id", sa.BigInteger(), nullable=False),
        sa.Column("assignee_id", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column(
            "opened_at", sa.DateTime(timezone=True), server_default=sa.text("hub_now()"), nullable=False
        ),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("closing_note", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name=op.f("ck_tasks_closed_has_a_time")),
        sa.CheckConstraint(
            "state <> 'closed' OR closing_note IS NOT NULL", name=op.f("ck_tasks_closed_says_what_was_done")
        ),
        sa.CheckConstraint("state IN ('open', 'closed', 'cancelled')", name=op.f("ck_tasks_state")),
        sa.ForeignKeyConstraint(
            ["accountable_post_id"], ["posts.id"], name=op.f("fk_tasks_accountable_post_id_posts")
        ),
        sa.ForeignKeyConstraint(["assignee_id"], ["people.id"], name=op.f("fk_tasks_assignee_id_people")),
        sa.ForeignKeyConstraint(["closed_by_id"], ["people.id"], name=op.f("fk_tasks_closed_by_id_people")),
        sa.ForeignKeyConstraint(
            ["collaboration_id"], ["collaborations.id"], name=op.f("fk_tasks_collaboration_id_collaborations")
        ),
        sa.ForeignKeyConstraint(
            ["commitment_id"], ["commitments.id"], name=op.f("fk_tasks_commitment_id_commitments")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_tasks_event_id_events")),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facilities.id"], name=op.f("fk_tasks_facility_id_facilities")
        ),
        sa.ForeignKeyConstraint(["owner_post_id"], ["posts.id"], name=op.f("fk_tasks_owner_post_id_posts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    op.create_index("ix_tasks_collaboration_id", "tasks", ["collaboration_id"], unique=False)
    op.create_index("ix_tasks_event_id", "tasks", ["event_id"], unique=False)
    op.create_index("ix_tasks_facility_id_due_on", "tasks", ["facility_id", "due_on", "id"], unique=False)
    op.create_index("ix_tasks_owner_post_id", "tasks", ["owner_post_id"], unique=False)
    op.create_index("uq_tasks_source", "tasks", ["source", "source_key", "facility_id"], unique=True)
    op.create_table(
        "reminders",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("slot_on", sa.Date(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), server_default="planned", nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('before', 'on', 'after')", name=op.f("ck_reminders_kind")),
        sa.CheckConstraint(
            "state IN ('planned', 'sent', 'cancelled', 'skipped')", name=op.f("ck_reminders_state")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_reminders_task_id_tasks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminders")),
    )
    op.create_index(
        "ix_reminders_due",
        "reminders",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.create_index(
        "uq_reminders_task_id_kind_slot_on", "reminders", ["task_id", "kind", "slot_on"], unique=True
    )
    op.create_foreign_key(
        "fk_visits_current_arrangement",
        "visits",
        "arrangements",
        ["id", "arrangement_no"],
        ["visit_id", "number"],
        initially="DEFERRED",
        deferrable=True,
    )
    grant_rights()
    op.execute("RESET ROLE")
    op.execute("GRANT SELECT ON alembic_version TO hub_owner, hub_app, hub_worker, hub_backup")


def downgrade() -> None:
    op.execute("SET LOCAL ROLE hub_owner")
    op.drop_constraint("fk_visits_current_arrangement", "visits", type_="foreignkey")
    op.drop_index("uq_reminders_task_id_kind_slot_on", table_name="reminders")
    op.drop_index("ix_reminders_due", table_name="reminders", postgresql_where=sa.text("state = 'planned'"))
    op.drop_table("reminders")
    op.drop_index("uq_tasks_source", table_name="tasks")
    op.drop_index("ix_tasks_owner_post_id", table_name="tasks")
    op.drop_index("ix_tasks_facility_id_due_on", table_name="tasks")
    op.drop_index("ix_tasks_event_id", table_name="tasks")
    op.drop_index("ix_tasks_collaboration_id", table_name="tasks")
    op.drop_table("tasks")
    op.drop_index("uq_deliveries_occurrence", table_name="deliveries")
    op.drop_index("ix_deliveries_event_id", table_name="deliveries")
    op.drop_index("ix_deliveries_due", table_name="deliveries", postgresql_where=sa.text("state = 'due'"))
    op.drop_table("deliveries")
    op.drop_index("ix_commitments_visit_id", table_name="commitments")
    op.drop_index("ix_commitments_collaboration_id", table_name="commitments")
    op.drop_table("commitments")
    op.drop_index(
        "uq_answers_current", table_name="answers", postgresql_where=sa.text("superseded_at IS NULL")
    )
    op.drop_table("answers")
    op.drop_table("agenda_items")
    op.drop_index("uq_outcomes_visit_id_theme_revision", table_name="outcomes")
    op.drop_table("outcomes")
    op.drop_index("uq_invitations_visit_party_address", table_name="invitations")
    op.drop_table("invitations")
    op.drop_table("arrangements")
    op.drop_index("uq_visits_collaboration_id_stop_no", table_name="visits")
    op.drop_table("visits")
    op.drop_index("ix_reactions_parked", table_name="reactions", postgresql_where=sa.text("state = 'parked'"))
    op.drop_index("ix_reactions_due", table_name="reactions", postgresql_where=sa.text("state = 'due'"))
    op.drop_table("reactions")
    op.drop_index("ix_partner_timeline_event_id", table_name="partner_timeline")
    op.drop_table("partner_timeline")
    op.drop_index("ix_notifications_event_id", table_name="notifications")
    op.drop_table("notifications")
    op.drop_table("proposals")
    op.drop_index("uq_parties_collaboration_id_facility_id", table_name="parties")
    op.drop_index("ix_parties_facility_id", table_name="parties")
    op.drop_table("parties")
    op.drop_index("ix_events_type_id", table_name="events")
    op.drop_index("ix_events_collaboration_id_id", table_name="events")
    op.drop_table("events")
    op.drop_index("ix_appointments_post_id", table_name="appointments")
    op.drop_index("ix_appointments_person_id", table_name="appointments")
    op.drop_table("appointments")
    op.drop_index("ix_sign_ins_person_id", table_name="sign_ins")
    op.drop_table("sign_ins")
    op.drop_index("uq_posts_head", table_name="posts", postgresql_where=sa.text("role = 'head'"))
    op.drop_index("uq_posts_facility_id_title", table_name="posts")
    op.drop_table("posts")
    op.drop_table("partner_records")
    op.drop_table("inbox_marks")
    op.drop_index("ix_grants_scope_facility_id", table_name="grants")
    op.drop_index("ix_grants_person_id", table_name="grants")
    op.drop_table("grants")
    op.drop_index("uq_facility_names_facility_id_kind_name", table_name="facility_names")
    op.drop_index(
        "ix_facility_names_search_key",
        table_name="facility_names",
        postgresql_using="gin",
        postgresql_ops={"search_key": "gin_trgm_ops"},
    )
    op.drop_table("facility_names")
    op.drop_table("collaborations")
    op.drop_table("audit")
    op.drop_index("ix_api_tokens_person_id", table_name="api_tokens")
    op.drop_table("api_tokens")
    op.drop_table("sign_in_throttles")
    op.drop_index(op.f("ix_request_keys_created_at"), table_name="request_keys")
    op.drop_table("request_keys")
    op.drop_index("uq_people_email", table_name="people")
    op.drop_table("people")
    op.drop_table("heartbeats")
    op.drop_index(
        "uq_facilities_name_active", table_name="facilities", postgresql_where=sa.text("status = 'active'")
    )
    op.drop_index("ix_facilities_region_id", table_name="facilities")
    op.drop_index(
        "ix_facilities_search_text",
        table_name="facilities",
        postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
    )
    op.drop_index("ix_facilities_name_key", table_name="facilities")
    op.drop_table("facilities")
    op.execute("RESET ROLE")
    op.execute("REVOKE ALL ON alembic_version FROM hub_owner, hub_app, hub_worker, hub_backup")
