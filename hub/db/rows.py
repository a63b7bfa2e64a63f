"""Which tables have no policies on their rows although they name a person, a unit or what parties share.

Every other one has them (``tests/contracts/test_row_security.py`` asks PostgreSQL); a new table gets its
policies in the migration that makes it, or its reason here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

REGISTRY: Final = "the registry: everybody who signs in may look up units, posts and who serves in them"
PROOF: Final = "asked for by its hash before anybody is known; without the secret no row is found"
QUEUE: Final = "numbers and states of work to do, no words: the pipe of events reads across all units"

EXEMPT: Final[Mapping[str, str]] = {
    **dict.fromkeys(("facilities", "facility_names", "posts", "appointments", "people"), REGISTRY),
    **dict.fromkeys(("facility_merges", "distinct_facilities"), REGISTRY),
    "absences": "others shall see who is away and who stands in",
    "delegations": "asked for in the query that finds out who acts; others shall see who may answer",
    "grants": "asked for in the query that finds out who acts, and in selecting whom an event concerns",
    **dict.fromkeys(("sign_ins", "api_tokens", "recovery_codes", "passkeys", "identities"), PROOF),
    "audit": "append-only by right and sealed; its page is for auditors, and links and visitors write it too",
    **dict.fromkeys(("reactions", "tellings"), QUEUE),
}
"""By table, why it has none."""
