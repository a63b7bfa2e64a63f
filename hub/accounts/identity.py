"""Find out who acts: from a browser's cookie or a program's token to an Actor, by one query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from hub.accounts.proofs import TOKEN_PREFIX, secret_hash
from hub.actor import Actor
from hub.clock import note_now
from hub.db import plans
from hub.db.reading import Reading
from hub.db.transaction import OVERSEEN, acts_already

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from sqlalchemy.orm import Session

    from hub.web.credential import Credential

LONGEST_SECRET = 200
FRESH_MINUTES = 10
"""So long a proof is enough for what is dangerous (``hub.web.policy``: ``fresh``)."""

PERSON = """
    SELECT people.id, people.name, people.locale, people.iana_zone, {is_due} AS is_due,
           coalesce(served.unit_ids, '{{}}') AS unit_ids, coalesce(served.headed_ids, '{{}}') AS headed_ids,
           ARRAY(SELECT facility_id FROM delegations
                 WHERE delegations.person_id = people.id AND revoked_at IS NULL AND during @> hub_now()
                   AND facility_id = ANY (served.unit_ids)) AS answering_ids,
           coalesce(served.post_ids, '{{}}') AS post_ids, served.title,
           coalesce(rights.region_ids, '{{}}') AS region_ids,
           coalesce(rights.oversees_all, false) AS oversees_all, coalesce(rights.is_admin, false) AS is_admin,
           coalesce(rights.is_auditor, false) AS is_auditor,
           people.totp_secret IS NOT NULL AS has_app,
           EXISTS (SELECT FROM passkeys WHERE passkeys.person_id = people.id) AS has_passkey,
           {is_fresh} AS is_fresh,
           {scopes} AS scopes, hub_now() AS now{told}
    FROM {proofs}
    JOIN people ON {person} AND people.is_active
    LEFT JOIN LATERAL (
        SELECT array_agg(DISTINCT unit.id) AS unit_ids,
               array_agg(DISTINCT unit.id) FILTER (WHERE posts.role = 'head') AS headed_ids,
               array_agg(DISTINCT posts.id) AS post_ids,
               (array_agg(posts.title ORDER BY posts.role <> 'head', posts.is_pool, posts.id))[1] AS title
        FROM appointments JOIN posts ON posts.id = appointments.post_id
        -- Who serves in a unit serves in what was merged into it, too (decision 42).
        CROSS JOIN LATERAL (
            SELECT posts.facility_id AS id
            UNION ALL SELECT facilities.id FROM facilities WHERE facilities.merged_into_id = posts.facility_id
        ) AS unit
        WHERE appointments.person_id = people.id AND appointments.during @> hub_now()
    ) AS served ON true
    LEFT JOIN LATERAL (
        SELECT array_agg(scope_facility_id) FILTER (
                   WHERE role = 'overseer' AND scope_facility_id IS NOT NULL) AS region_ids,
               bool_or(role = 'overseer' AND scope_facility_id IS NULL) AS oversees_all,
               bool_or(role = 'admin') AS is_admin, bool_or(role = 'auditor') AS is_auditor
        FROM grants WHERE grants.person_id = people.id AND grants.during @> hub_now()
    ) AS rights ON true
    WHERE {condition}
"""
# What hub.db.transaction.act_for would say in a statement of its own.
TOLD = f""",
           set_config('app.person', CAST(people.id AS text), true) AS told_person,
           set_config('app.units', CAST(coalesce(served.unit_ids, '{{}}') AS text), true) AS told_units,
           set_config('app.overseen', CASE WHEN rights.region_ids IS NULL THEN '{{}}'
                      ELSE CAST({OVERSEEN.format(regions="rights.region_ids")} AS text) END,
                      true) AS told_overseen,
           set_config('app.sees', CASE WHEN rights.is_admin THEN 'admin' WHEN rights.oversees_all THEN 'asked'
                      ELSE 'own' END, true) AS told_sees,
           {plans.TELL} AS told_plans"""
COLUMNS = (
    "id",
    "name",
    "locale",
    "iana_zone",
    "is_due",
    "unit_ids",
    "headed_ids",
    "answering_ids",
    "post_ids",
    "title",
    "region_ids",
    "oversees_all",
    "is_admin",
    "is_auditor",
    "has_app",
    "has_passkey",
    "is_fresh",
    "scopes",
    "now",
)
"""What PERSON answers, in its order."""
IDLE_MINUTES = 30
"""So long may nobody use a sign-in that sees or does more than a post allows (ASVS 7.3.1)."""
IDLE_HOURS = 4
"""So long for everybody else: a meeting or a round through the blocks signs nobody out."""
IDLE = f"""proofs.last_seen_at > hub_now() - CASE
        WHEN rights.is_admin OR rights.is_auditor OR rights.oversees_all OR rights.region_ids IS NOT NULL
        THEN interval '{IDLE_MINUTES} minutes' ELSE interval '{IDLE_HOURS} hours' END"""
HELD = "proofs.token_hash = :hash AND proofs.revoked_at IS NULL AND proofs.expires_at > hub_now()"
UNSCOPED = "CAST(NULL AS text[])"
BY_COOKIE = Reading(
    text(
        PERSON.format(
            proofs="sign_ins AS proofs",
            person="people.id = proofs.person_id",
            is_fresh=f"proofs.proven_at > hub_now() - interval '{FRESH_MINUTES} minutes'",
            is_due="proofs.last_seen_at < hub_now() - interval '1 minute'",
            condition=f"{HELD} AND NOT proofs.is_pending AND {IDLE}",
            scopes=UNSCOPED,
            told=TOLD,
        )
    )
)
BY_TOKEN = Reading(
    text(
        PERSON.format(
            proofs="api_tokens AS proofs",
            person="people.id = proofs.person_id",
            is_fresh="false",  # a program proves nothing anew
            is_due="coalesce(proofs.last_used_at < hub_now() - interval '1 minute', true)",
            condition=HELD,
            scopes="proofs.scopes",
            told=TOLD,
        )
    )
)
BY_ID = text(
    PERSON.format(
        proofs="(SELECT 1) AS nothing",
        person="people.id = :id",
        is_fresh="false",
        is_due="false",
        condition="people.is_active",
        scopes=UNSCOPED,
        told="",
    )
)
# Whoever holds the row is noting the same; waiting for it would line up one token's requests.
USED_COOKIE = text(
    """
    UPDATE sign_ins SET last_seen_at = hub_now() WHERE token_hash = (
        SELECT token_hash FROM sign_ins WHERE token_hash = :hash FOR UPDATE SKIP LOCKED)
    """
)
USED_TOKEN = text(
    """
    UPDATE api_tokens SET last_used_at = hub_now() WHERE token_hash = (
        SELECT token_hash FROM api_tokens WHERE token_hash = :hash FOR UPDATE SKIP LOCKED)
    """
)


def identify(session: Session, credential: Credential) -> Actor | None:
    """Return who shows this credential, or None if it is unknown, expired or revoked.

    The same query carries them into the transaction and brings the time. The use is noted at most once a
    minute. What only reads cannot write, so it is left to whoever ended that transaction
    (``hub.web.application.do_afterwards``).
    """
    secret = credential.secret
    is_token = credential.kind == "bearer"
    if len(secret) > LONGEST_SECRET or not secret.isascii() or is_token != secret.startswith(TOKEN_PREFIX):
        return None
    key = {"hash": secret_hash(secret)}
    kept = plans.AUTO if credential.is_change else plans.KEPT
    rows = (BY_TOKEN if is_token else BY_COOKIE).rows(session, **key, plans=kept)
    if not rows:
        return None
    row = dict(zip(COLUMNS, rows[0], strict=False))  # what it told the transaction follows
    if kept == plans.KEPT:
        plans.note_kept(session)
    if row["is_due"]:
        if credential.is_change:
            session.execute(USED_TOKEN if is_token else USED_COOKIE, key)
        else:
            used = USED_TOKEN if is_token else USED_COOKIE
            session.info["afterwards"] = lambda later: later.execute(used, key)
    actor = _actor(row)
    acts_already(session, actor)
    note_now(session, row["now"])
    return actor


def load_actor(session: Session, person_id: int) -> Actor | None:
    """Return a person as an actor with what they may do now, or None if they are not active."""
    row = session.execute(BY_ID, {"id": person_id}).mappings().one_or_none()
    return _actor({**row}) if row else None


def _actor(row: Mapping[str, Any]) -> Actor:
    return Actor(
        kind="person",
        label=f"{row['name']} ({row['title']})" if row["title"] else row["name"],
        person_id=row["id"],
        unit_ids=tuple(row["unit_ids"]),
        headed_ids=tuple(row["headed_ids"]),
        answering_ids=tuple(row["answering_ids"]),
        post_ids=tuple(row["post_ids"]),
        region_ids=tuple(row["region_ids"]),
        oversees_all=row["oversees_all"],
        is_admin=row["is_admin"],
        is_auditor=row["is_auditor"],
        has_second_factor=row["has_app"] or row["has_passkey"],
        has_passkey=row["has_passkey"],
        is_fresh=row["is_fresh"],
        scopes=None if row["scopes"] is None else frozenset(row["scopes"]),
        locale=row["locale"],
        zone=row["iana_zone"],
    )
