"""Who may import: whoever a kind of list lets; an import is seen by who brought it and by administrators.

Whether the actor may import at all is asked by the command and by the page that begins one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.imports.queries import find_import
from hub.imports.register import KINDS
from hub.web.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Mapping

LARGEST_FORM = 64 * 1024
"""Bytes of a form beside its file."""

POLICIES: Mapping[str, Policy] = {
    "import_pages.list_imports": Policy("signed_in"),
    "import_pages.export_facilities": Policy("admin"),
    "import_pages.start_import": Policy("signed_in"),
    "import_pages.bring_file": Policy(
        "signed_in", largest_body=max(kind.largest for kind in KINDS.values()) + LARGEST_FORM
    ),
    "import_pages.show_import": Policy("signed_in", find_import),
    "import_pages.ask_for_columns": Policy("signed_in", find_import),
    "import_pages.choose_columns": Policy("signed_in", find_import),
    "import_pages.ask_to_confirm": Policy("signed_in", find_import),
    "import_pages.confirm_import": Policy("signed_in", find_import, fresh=True),
    "import_pages.ask_to_undo": Policy("signed_in", find_import),
    "import_pages.undo_import": Policy("signed_in", find_import, fresh=True),
    "import_pages.cancel_import": Policy("signed_in", find_import),
    "import_pages.download_not_taken": Policy("signed_in", find_import),
}
