"""Ask of many proofs at once whether they still hold: for answers that last longer than a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ARRAY, LargeBinary, bindparam, text

from hub.accounts.identity import IDLE_HOURS, IDLE_MINUTES

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

HOLDING = text(
    f"""
    SELECT proof.token_hash
    FROM (
        SELECT token_hash, person_id, revoked_at,
               least(expires_at, last_seen_at + CASE
                   WHEN EXISTS (SELECT FROM grants
                                WHERE grants.person_id = sign_ins.person_id AND during @> hub_now())
                   THEN interval '{IDLE_MINUTES} minutes'
                   ELSE interval '{IDLE_HOURS} hours' END) AS expires_at
        FROM sign_ins
        WHERE token_hash = ANY (:hashes) AND NOT is_pending
        UNION ALL
        SELECT token_hash, person_id, revoked_at, expires_at FROM api_tokens
        WHERE token_hash = ANY (:hashes)
    ) AS proof
    JOIN people ON people.id = proof.person_id AND people.is_active
    WHERE proof.revoked_at IS NULL AND proof.expires_at > hub_now()
    """  # noqa: S608 -- our own numbers
).bindparams(bindparam("hashes", type_=ARRAY(LargeBinary)))


def still_valid(session: Session, hashes: Collection[bytes]) -> set[bytes]:
    """Return those of the hashes of cookies and tokens that are neither revoked nor expired."""
    if not hashes:
        return set()
    rows = session.execute(HOLDING, {"hashes": sorted(set(hashes))})
    return {bytes(row.token_hash) for row in rows}
