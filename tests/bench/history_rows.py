"""The statements that write a history (see ``history``), and the numbers of who is looked at."""

from __future__ import annotations

from typing import Final, LiteralString

UNITS: Final = 500
HEAVY, TYPICAL, HEAVY_PARTNER, TYPICAL_PARTNER = 1, 2, 3, 4
LEFT_UNREAD: Final = 5
"""Unread by who reads each notice by itself: the newest (``clicker``), or the oldest ones (``leaver``)."""
TYPICAL_NOTICES: Final = 500
BULK: Final = ("events", "notifications", "tasks", "partner_timeline", "reactions", "deliveries", "tellings")

PREPARE: Final[tuple[LiteralString, ...]] = (
    "SET session_replication_role = replica",  # no check of each row: the statements are written to fit
    "SET synchronous_commit = off",
    "SET maintenance_work_mem = '512MB'",
    """
    CREATE FUNCTION pg_temp.moment(number bigint, events bigint) RETURNS timestamptz STABLE LANGUAGE sql AS
    $$ SELECT timestamptz '2021-11-01 00:00+00' + number * (interval '1800 days' / events) $$
    """,
    # UUIDv7 in shape and order, and to be had from an event's number.
    """
    CREATE FUNCTION pg_temp.event(number bigint, events bigint) RETURNS uuid STABLE LANGUAGE sql AS
    $$ SELECT CAST(
        lpad(to_hex(1635724800000 + number * 155520000000 / events), 12, '0') || '70008000'
        || lpad(to_hex(number), 12, '0') AS uuid) $$
    """,
)
UNITS_AND_PEOPLE: Final[tuple[LiteralString, ...]] = (
    """
    INSERT INTO facilities (id, name, name_key, search_text, kind, region_id, iana_zone)
    OVERRIDING SYSTEM VALUE
    SELECT n, 'Lapas ' || n, 'lapas ' || n, ' lapas ' || n,
           CASE WHEN n > %(units)s THEN 'kanwil' ELSE 'lapas' END,
           CASE WHEN n <= %(units)s THEN %(units)s + 1 + n %% 30 END, 'Asia/Jakarta'
    FROM generate_series(1, %(units)s + 30) AS n
    """,
    """
    INSERT INTO people (id, name, email, wants_mail) OVERRIDING SYSTEM VALUE
    SELECT n, 'Orang ' || n, 'warga' || n || '@lapas.test', false FROM generate_series(1, 10010) AS n
    """,
    # Three posts a unit: the head, and two sections that report to it.
    """
    INSERT INTO posts (id, facility_id, title, role) OVERRIDING SYSTEM VALUE
    SELECT 3 * (unit - 1) + place, unit, (ARRAY['Kepala', 'Seksi A', 'Seksi B'])[place],
           CASE WHEN place = 1 THEN 'head' ELSE 'section' END
    FROM generate_series(1, %(units)s) AS unit, generate_series(1, 3) AS place
    """,
    # The heavy unit's head serves in one of its sections, too.
    """
    INSERT INTO appointments (post_id, person_id) VALUES (1, 1), (2, 1), (5, 2), (8, 3), (11, 4)
    """,
    """
    INSERT INTO grants (person_id, role, scope_facility_id)
    VALUES (5, 'overseer', %(units)s + 2), (6, 'overseer', NULL), (6, 'admin', NULL)
    """,
)
WHO: Final = {"heavy": 1, "typical": 2, "clicker": 3, "leaver": 4, "region": 5, "overseer": 6}
"""Who looks, as people; the region is that of the heavy unit."""
SIGN_IN: Final = """
    INSERT INTO sign_ins (token_hash, person_id, expires_at) VALUES (%s, %s, now() + interval '1 day')
"""
# One guest and one host each; the units that are looked at always visit the same partner half of the time.
COLLABORATIONS: Final[tuple[LiteralString, ...]] = (
    """
    CREATE TEMPORARY TABLE sides AS
    SELECT c AS id, guest,
           CASE WHEN guest = 1 AND c / %(heavy_step)s %% 2 = 0 THEN 3 WHEN guest = 2 THEN 4
                ELSE 5 + (c * 17 + 1 + c %% 97) %% (%(units)s - 4) END AS host
    FROM generate_series(1, CAST(%(threads)s AS bigint)) AS c,
    LATERAL (SELECT CASE
        WHEN c %% %(heavy_step)s = 0 THEN 1
        WHEN c > %(settled)s AND (%(threads)s - c) %% %(open_step)s = 1 THEN 2
        WHEN c <= %(settled)s AND c %% %(typical_step)s = 1 THEN 2
        ELSE 5 + c * 17 %% (%(units)s - 4) END AS guest) AS side
    """,
    "CREATE UNIQUE INDEX ON sides (id)",
    "ANALYZE sides",
    """
    INSERT INTO collaborations (id, title, kind, themes, opened_by_id, created_at, reader_ids, is_draft)
    OVERRIDING SYSTEM VALUE
    SELECT id, 'Studi tiru ' || id, 'studi_tiru', '{rehabilitation}', 1, pg_temp.moment(id * 10, %(events)s),
           ARRAY[guest, host], false
    FROM sides
    """,
    """
    INSERT INTO proposals (id, collaboration_id, urgency, form, subject, duration, state, submitted_at)
    OVERRIDING SYSTEM VALUE
    SELECT id, id, 'Mendesak', 'Kunjungan', 'Belajar', 'Satu hari',
           CASE WHEN id > %(settled)s AND id %% 4 IN (0, 3) THEN 'submitted' ELSE 'accepted' END,
           pg_temp.moment(id * 10, %(events)s)
    FROM sides
    """,
    """
    INSERT INTO parties (id, collaboration_id, facility_id, role) OVERRIDING SYSTEM VALUE
    SELECT 2 * id - place, id, CASE place WHEN 1 THEN guest ELSE host END,
           CASE place WHEN 1 THEN 'guest' ELSE 'host' END
    FROM sides, (VALUES (1), (0)) AS both_sides (place)
    """,
    """
    INSERT INTO visits (id, collaboration_id, host_party_id, state, held_at, published_at)
    OVERRIDING SYSTEM VALUE
    SELECT id, id, 2 * id, CASE WHEN is_asked THEN 'proposed' ELSE 'concluded' END,
           CASE WHEN NOT is_asked THEN pg_temp.moment(id * 10, %(events)s) END,
           CASE WHEN NOT is_asked THEN pg_temp.moment(id * 10, %(events)s) END
    FROM sides, LATERAL (SELECT id > %(settled)s AND id %% 4 IN (0, 3) AS is_asked) AS standing
    """,
    """
    INSERT INTO arrangements (visit_id, number, starts_at, ends_at, iana_zone, place, created_at)
    SELECT id, 1, at, at + interval '3 hours', 'Asia/Jakarta', 'Aula', at - interval '30 days'
    FROM sides, LATERAL (SELECT pg_temp.moment(id * 10, %(events)s) AS at) AS day
    """,
)
HISTORY: Final[tuple[LiteralString, ...]] = (
    """
    INSERT INTO events (id, type, version, subject, collaboration_id, occurred_at, actor_kind, actor_id,
                        actor_label, correlation_id, data)
    SELECT pg_temp.event(n, %(events)s), kind, 1, 'collaborations/' || c, c, pg_temp.moment(n, %(events)s),
           'person', 1, 'Kepala', pg_temp.event(n, %(events)s),
           CASE kind WHEN 'task.closed' THEN jsonb_build_object('task_id', 50 * (c - 1) + n %% 10 + 1,
                                                               'facility_id', 1, 'collaboration_id', c)
                     WHEN 'outcome.published' THEN jsonb_build_object('visit_id', c, 'commitments', 50)
                     ELSE jsonb_build_object('visit_id', c) END
    FROM generate_series(1, CAST(%(events)s AS bigint)) AS n,
    LATERAL (SELECT (n - 1) / 10 + 1 AS c, coalesce(
        (ARRAY['proposal.submitted', 'visit.held', 'outcome.published'])[(n - 1) %% 10 + 1], 'task.closed'
    ) AS kind) AS thread
    """,
    """
    INSERT INTO notifications (recipient_id, event_id, read_at)
    SELECT CASE WHEN k = 0 AND n %% %(told_step)s = 0 THEN 1
                WHEN k = 1 AND n %% %(typical_told_step)s = 0 THEN 2
                WHEN k = 2 AND n %% %(told_step)s = 0 THEN 3
                WHEN k = 3 AND n %% %(told_step)s = 0 THEN 4
                ELSE 5 + (n * 7919 + k * 1009) %% 10000 END,
           pg_temp.event(n, %(events)s),
           CASE WHEN n %% %(told_step)s = 0
                     AND (k = 2 AND n <= %(events)s - %(told_step)s * %(left_unread)s
                          OR k = 3 AND n > %(told_step)s * %(left_unread)s)
                THEN pg_temp.moment(n, %(events)s) END
    FROM generate_series(1, CAST(%(events)s AS bigint)) AS n, generate_series(0, 4) AS k
    """,
    """
    INSERT INTO tasks (id, event_id, collaboration_id, commitment_id, facility_id, owner_post_id,
                       accountable_post_id, title, due_on, state, source, source_key, opened_at, closed_at,
                       closing_note)
    OVERRIDING SYSTEM VALUE
    SELECT n, pg_temp.event(10 * (c - 1) + 3, %(events)s), c, n, unit, 3 * unit - 1 + n / 2 %% 2,
           CASE WHEN n %% 5 = 0 THEN 3 * unit - 2 ELSE 3 * unit - 1 + n / 2 %% 2 END, 'Janji ' || n,
           CASE WHEN is_open THEN CAST(now() AS date) - 5 + CAST(n * 7 %% 40 AS integer)
                ELSE CAST(at AS date) + 20 END,
           CASE WHEN is_open THEN 'open' ELSE 'closed' END, 'commitment', CAST(n AS text), at,
           CASE WHEN NOT is_open THEN at + n %% 1000 * interval '1 hour' END,
           CASE WHEN NOT is_open THEN 'Sudah dilaksanakan' END
    FROM generate_series(1, CAST(%(rows)s AS bigint)) AS n
    JOIN sides ON sides.id = (n - 1) / 50 + 1,
    LATERAL (SELECT sides.id AS c, sides.id > %(settled)s AS is_open,
                    CASE WHEN n %% 2 = 1 THEN guest ELSE host END AS unit,
                    pg_temp.moment(n / 5, %(events)s) AS at) AS task
    """,
    # Both sides of the collaboration, and three pairs of a trip that had more hosts.
    """
    INSERT INTO partner_timeline (facility_id, partner_id, event_id, collaboration_id, occurred_at)
    SELECT CASE k WHEN 0 THEN guest WHEN 1 THEN host ELSE mine END,
           CASE k WHEN 0 THEN host WHEN 1 THEN guest ELSE 5 + (mine + 95 + n %% 100) %% (%(units)s - 4) END,
           pg_temp.event(n, %(events)s), sides.id, pg_temp.moment(n, %(events)s)
    FROM generate_series(1, CAST(%(events)s AS bigint)) AS n
    JOIN sides ON sides.id = (n - 1) / 10 + 1,
    generate_series(0, 4) AS k,
    LATERAL (SELECT 5 + (guest + host + k * 131 + n / 10 * 7) %% (%(units)s - 4) AS mine) AS other
    """,
    """
    INSERT INTO reactions (event_id, consumer, state, attempts, due_at, done_at, took_ms, summary)
    SELECT pg_temp.event(n, %(events)s), 'notify', 'done', 1, at, at, 3, '{"notices": 5}'
    FROM generate_series(1, CAST(%(events)s AS bigint)) AS n,
    LATERAL (SELECT pg_temp.moment(n, %(events)s) AS at) AS day
    """,
    """
    INSERT INTO tellings (event_id, told_in)
    SELECT pg_temp.event(n, %(events)s), 1 FROM generate_series(1, CAST(%(events)s AS bigint)) AS n
    """,
    """
    INSERT INTO deliveries (event_id, kind, occurrence, address, person_id, state, attempts, due_at,
                            settled_at)
    SELECT pg_temp.event(n, %(events)s), 'notification', 'event:' || pg_temp.event(n, %(events)s),
           'warga5@lapas.test', 5, 'sent', 1, at, at
    FROM generate_series(1, CAST(%(events)s AS bigint), 4) AS n,
    LATERAL (SELECT pg_temp.moment(n, %(events)s) AS at) AS day
    """,
    """
    INSERT INTO partner_records (facility_id, partner_id, first_contact_on, last_contact_on, collaborations)
    SELECT facility_id, partner_id, CAST(min(occurred_at) AS date), CAST(max(occurred_at) AS date), 1
    FROM partner_timeline GROUP BY facility_id, partner_id
    """,
    # The heavy one read everything a while ago: a fifth is unread again. The typical one has ten to read.
    """
    INSERT INTO inbox_marks (person_id, read_through)
    VALUES (1, pg_temp.event(%(events)s * 4 / 5, %(events)s)),
           (2, pg_temp.event(%(events)s - 10 * %(typical_told_step)s, %(events)s))
    """,
)
# Indexes are built at the end, from all rows at once, as after a restore; keys that rows come in the order of
# cost less when they are kept.
SLEEP: Final = """
    UPDATE pg_index SET indisready = false, indisvalid = false
    WHERE indrelid = ANY (CAST(%(tables)s AS regclass[]))
      AND (NOT indisprimary OR indrelid = ANY (CAST(%(unordered)s AS regclass[])))
"""
UNORDERED: Final = ("notifications", "partner_timeline")
