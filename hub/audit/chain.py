"""Seal the audit log into a chain, and find out whether somebody changed it since.

Each seal covers its entry, its position and the seal before it, under a key that the database does not
hold: whoever may write every table still cannot make a fitting one. Cutting off the end leaves a chain
that fits, so its head must be kept elsewhere (``hub audit head``) and be shown again when verifying.

Entries are sealed after their transaction, by a chore, so no request waits for the chain.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import RowMapping
    from sqlalchemy.orm import Session

BATCH = 1000
PURPOSE = b"sinergi-hub audit seal 1"
START = b"\0" * 32
"""What stands before the first seal."""
KEY_ID_BYTES = 8
LOCK = text("SELECT pg_advisory_xact_lock(hashtext('audit seals'))")
HEAD = text("SELECT position, seal FROM audit_seals ORDER BY position DESC LIMIT 1")
# In the order of their numbers; who committed late is sealed late, at a later position.
WAITING = text(
    """
    WITH taken AS (
        DELETE FROM audit_unsealed WHERE entry_id IN (
            SELECT entry_id FROM audit_unsealed JOIN audit ON audit.id = entry_id
            ORDER BY entry_id LIMIT :size)
        RETURNING entry_id)
    SELECT audit.* FROM taken JOIN audit ON audit.id = taken.entry_id ORDER BY audit.id
    """
)
ADD = text(
    "INSERT INTO audit_seals (position, entry_id, key_id, seal) VALUES (:position, :entry_id, :key_id, :seal)"
)
CHAIN = text(
    """
    SELECT seals.position, seals.entry_id, seals.key_id, seals.seal, audit.*
    FROM audit_seals AS seals LEFT JOIN audit ON audit.id = seals.entry_id
    WHERE seals.position > :after ORDER BY seals.position LIMIT :size
    """
)
OUTSIDE = text(
    """
    SELECT coalesce(audit.id, waits.entry_id) AS id, audit.id IS NOT NULL AS is_there,
           waits.entry_id IS NOT NULL AS is_waiting
    FROM audit FULL JOIN audit_unsealed AS waits ON waits.entry_id = audit.id
    WHERE NOT EXISTS (SELECT FROM audit_seals WHERE audit_seals.entry_id = audit.id) ORDER BY 1
    """
)


@dataclass(frozen=True, slots=True)
class Head:
    """How long the chain is, and its last seal."""

    position: int
    seal: bytes

    def __str__(self) -> str:
        return f"{self.position}:{self.seal.hex()}"

    @classmethod
    def parse(cls, shown: str) -> Head:
        """Read what ``str`` gave. Raises ValueError."""
        position, _, seal = shown.strip().partition(":")
        return cls(int(position), bytes.fromhex(seal))


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that does not fit: where in the chain (0: outside of it), which entry, and what."""

    position: int
    entry_id: int | None
    what: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying found: how many entries fit, how many still wait, and every flaw."""

    sealed: int
    waiting: int
    head: Head
    flaws: tuple[Flaw, ...]


class SealKeys:
    """The keys that seal: the first seals, all of them verify, so that keys may rotate.

    A key that is no longer given cannot verify what it sealed; verify, export the head, then drop it.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        made = [hmac.digest(secret.encode(), PURPOSE, "sha256") for secret in secrets]
        self._keys = {hashlib.sha256(key).digest()[:KEY_ID_BYTES]: key for key in made}
        self.newest = next(iter(self._keys))

    def seal(self, key_id: bytes, before: bytes, position: int, entry: RowMapping) -> bytes | None:
        """Return the seal of an entry at a position, or None if the key is not known."""
        key = self._keys.get(bytes(key_id))
        if key is None:
            return None
        return hmac.digest(key, before + position.to_bytes(8, "big") + _plain(entry), "sha256")


def seal_waiting(session: Session, keys: SealKeys, *, size: int = BATCH) -> int:
    """Seal the entries that wait, at most ``size`` of them; return how many.

    One sealer at a time: another waits for the first to commit. Dying before that changes nothing.
    """
    session.execute(LOCK)
    last = head(session)
    position, before = last.position, last.seal
    rows = []
    for entry in session.execute(WAITING, {"size": size}).mappings():
        position += 1
        before = keys.seal(keys.newest, before, position, entry) or b""
        rows.append({"position": position, "entry_id": entry["id"], "key_id": keys.newest, "seal": before})
    if rows:
        session.execute(ADD, rows)
    return len(rows)


def head(session: Session) -> Head:
    """Return the end of the chain; of an empty one, position 0."""
    row = session.execute(HEAD).one_or_none()
    return Head(row.position, bytes(row.seal)) if row else Head(0, START)


def verify(session: Session, keys: SealKeys, *, kept: Sequence[Head] = ()) -> Verdict:
    """Look at every entry and seal; ``kept`` are heads that were kept elsewhere.

    An entry that was changed is one flaw: what comes after it is judged by the seal that stands there.
    """
    flaws: list[Flaw] = []
    wanted = {one.position: one.seal for one in kept}
    end = Head(0, START)
    for link in _links(session):
        position, entry_id = link["position"], link["entry_id"]
        if position != end.position + 1:
            flaws.append(Flaw(end.position + 1, None, "its seal is missing"))
        elif link["id"] is None:
            flaws.append(Flaw(position, entry_id, "the entry is missing"))
        else:
            fitting = keys.seal(link["key_id"], end.seal, position, link)
            if fitting is None:
                flaws.append(Flaw(position, entry_id, "sealed by a key that was not given"))
            elif not hmac.compare_digest(fitting, link["seal"]):
                flaws.append(Flaw(position, entry_id, "the entry or its seal was changed"))
        end = Head(position, bytes(link["seal"]))
        if wanted.pop(position, end.seal) != end.seal:
            flaws.append(Flaw(position, entry_id, "the chain is not the one whose head was kept"))
    flaws += [Flaw(position, None, "cut off: its head was kept") for position in wanted if position]
    outside = session.execute(OUTSIDE).all()
    flaws += [Flaw(0, row.id, "neither sealed nor waiting for it") for row in outside if not row.is_waiting]
    flaws += [Flaw(0, row.id, "removed before it was sealed") for row in outside if not row.is_there]
    waiting = sum(row.is_waiting and row.is_there for row in outside)
    return Verdict(end.position, waiting, end, tuple(sorted(flaws, key=lambda flaw: flaw.position)))


def _links(session: Session) -> Iterator[RowMapping]:
    after = -1
    while rows := session.execute(CHAIN, {"after": after, "size": BATCH}).mappings().all():
        yield from rows
        after = rows[-1]["position"]


def _plain(entry: RowMapping) -> bytes:
    """Return an entry as bytes that say everything of it, in one way only."""
    said: dict[str, Any] = {
        name: entry[name]
        for name in ("id", "actor_kind", "actor_id", "actor_label", "action", "subject", "detail", "origin")
    }
    said["at"] = round(entry["at"].timestamp() * 1_000_000)
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
