"""Switch off one of the two layers that hide rows: the other is tried alone (``make matrix FULL=1``)."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from typing import TYPE_CHECKING, Final, Literal, cast

import pytest
from sqlalchemy import text, true

from hub.collaborations import queries
from hub.db.reading import Reading
from hub.partners import queries as partners

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hub.db.transaction import Database

Layer = Literal["both", "rules", "rows"]
LAYER: Final = cast("Layer", os.environ.get("MATRIX_LAYER", "both"))
"""Which of them are on: the application's own rules, the policies on rows, or both."""
LEAST_TABLES: Final = 21
LEAST_READINGS: Final = 15
OPEN: Final = text(
    """
    SELECT format('ALTER TABLE %I DISABLE ROW LEVEL SECURITY', relname) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relrowsecurity
    """
)


needs_both = pytest.mark.skipif(LAYER != "both", reason="it is about one layer while the other is away")


@contextlib.contextmanager
def one_layer_off(owner: Database) -> Iterator[None]:
    """Switch off what ``MATRIX_LAYER`` leaves out, for the block."""
    with pytest.MonkeyPatch.context() as patch:
        if LAYER == "rules":
            assert open_rows(owner) >= LEAST_TABLES
        elif LAYER == "rows":
            assert forget_rules(patch) >= LEAST_READINGS
        yield


def open_rows(owner: Database) -> int:
    """Take the policies off every table of a database; return how many had them."""
    with owner.transaction() as session:
        statements = session.scalars(OPEN).all()
        for statement in statements:
            session.execute(text(statement))
    return len(statements)


def forget_rules(patch: pytest.MonkeyPatch) -> int:
    """Let every query of the application forget whose rows it may show; return how many do.

    What remains is what decides about a whole page: who must be signed in, and who must administer.
    """
    changed = 0
    for reading in [one for one in gc.get_objects() if isinstance(one, queries.ScopedReading)]:
        everything = Reading(reading.hiding(true()))
        patch.setattr(reading, "_part", everything)
        patch.setattr(reading, "_all", everything)
        changed += 1
    for name, forgotten in (("visible_to", queries.visible_to), ("may_read", partners.may_read)):
        for module in list(sys.modules.values()):
            if getattr(module, name, None) is forgotten:
                patch.setattr(module, name, FORGOTTEN[name])
                changed += 1
    return changed


FORGOTTEN: Final = {"visible_to": lambda _actor: true(), "may_read": lambda *_: True}
