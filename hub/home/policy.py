"""Who may open these screens: everybody who is signed in, each seeing what is theirs to see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.collaborations.policy import find_collaboration
from hub.facilities.policy import find_facility
from hub.web.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Mapping

POLICIES: Mapping[str, Policy] = {
    "home.show_home": Policy("signed_in"),
    "unit_pages.list_units": Policy("signed_in"),
    "unit_pages.show_unit": Policy("signed_in", find_facility),
    "merging_pages.start_merge": Policy("signed_in", find_facility),
    "merging_pages.merge_units": Policy("signed_in", find_facility, fresh=True),
    "merging_pages.start_undo": Policy("signed_in", find_facility),
    "merging_pages.undo": Policy("signed_in", find_facility, fresh=True),
    "duplicate_pages.list_pairs": Policy("admin"),
    "duplicate_pages.dismiss": Policy("admin"),
    "duplicate_pages.restore": Policy("admin"),
    "collaboration_pages.list_collaborations": Policy("signed_in"),
    "collaboration_pages.show_collaboration": Policy("signed_in", find_collaboration),
}
