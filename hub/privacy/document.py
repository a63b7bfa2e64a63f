"""Write the table of docs/PRIVACY.md from the register, so that it cannot say anything else."""

from __future__ import annotations

from hub.privacy.register import ERASED, HOLDINGS, KEPT
from hub.privacy.retention import LIMITS

BEGIN, END = "<!-- register -->", "<!-- /register -->"


def kept_in_words(kept: str) -> str:
    """Return how long something is kept, in English: a word of KEPT or the limit of this name."""
    if kept in KEPT:
        return KEPT[kept]
    limit = next(one for one in LIMITS if one.name == kept)
    return f"{in_days(limit.age.days)} {limit.after}"


def in_days(days: int) -> str:
    """Return "1 day" or "30 days"."""
    return f"{days} day" if days == 1 else f"{days} days"


def register_table() -> str:
    """Return the register as a table."""
    rows = [
        "| table | personal columns | what for | kept | when a person is erased |",
        "|---|---|---|---|---|",
    ]
    for one in HOLDINGS:
        columns = ", ".join(f"`{name}`" for name in one.columns)
        cells = (f"`{one.table}`", columns, one.purpose, kept_in_words(one.kept), ERASED[one.erased])
        rows.append(f"| {' | '.join(cells)} |")
    others = [one for one in LIMITS if one.name not in {holding.kept for holding in HOLDINGS}]
    rows += [f"\nBesides: `{one.table}`, {one.name}: {in_days(one.age.days)} {one.after}." for one in others]
    return "\n".join(rows)


def with_register(page: str) -> str:
    """Return the page with the table between its marks written anew."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{register_table()}\n{END}{after}"
