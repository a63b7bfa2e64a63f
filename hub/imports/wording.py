"""Say in the reader's language where an import stands and what becomes of its lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hub.texts.catalogue import lazy, translate
from hub.web.errors import said
from hub.web.request import locale

if TYPE_CHECKING:
    from hub.imports.kinds import Kind
    from hub.imports.models import ImportRow

KIND_NAMES: Final = {"people": lazy("People"), "facilities": lazy("Units and partners")}
STATES: Final = {
    "reading": lazy("The file is being read"),
    "read": lazy("Say what the columns mean"),
    "comparing": lazy("The lines are being compared"),
    "previewed": lazy("Waits for your confirmation"),
    "applying": lazy("The lines are being written"),
    "applied": lazy("Imported"),
    "undoing": lazy("The import is being undone"),
    "undone": lazy("Undone"),
    "cancelled": lazy("Called off"),
    "failed": lazy("Given up"),
}
TONES: Final = {
    "read": "you",
    "previewed": "you",
    "applied": "done",
    "undone": "off",
    "cancelled": "off",
    "failed": "late",
}
VERDICTS: Final = {
    "new": lazy("New"),
    "changed": lazy("Changed"),
    "unchanged": lazy("Unchanged"),
    "ambiguous": lazy("Unclear"),
    "rejected": lazy("Refused"),
}
OUTCOMES: Final = {
    "applied": lazy("Written"),
    "refused": lazy("Not written"),
    "undone": lazy("Taken back"),
    "kept": lazy("Left as it is"),
}


def shown(kind: Kind, row: ImportRow) -> dict[str, Any]:
    """Return a line for a page: its number, what it is about, what changes and why not."""
    labels = {field.name: field.label for field in kind.fields}
    changes = [
        (translate(locale(), labels[name]) if name in labels else name, before, after)
        for name, (before, after) in (row.changes or {}).items()
        if before is not None or after != row.label  # the label says it already
    ]
    return {
        "line": row.line,
        "label": row.label,
        "changes": changes,
        "reason": said(row.reason, row.reason_values or {}) if row.reason else "",
    }
