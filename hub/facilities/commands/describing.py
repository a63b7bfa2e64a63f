"""Say what a facility is good at and where its mail goes: its head, its regional office, an administrator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.audit.record import record
from hub.errors import Forbidden, Invalid, NotFound, Stale
from hub.facilities.addresses import InvalidAddressError, clean_address
from hub.facilities.models import Facility
from hub.facilities.rules import may_describe
from hub.facilities.themes import THEMES
from hub.texts.catalogue import lazy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from hub.actor import Actor

MAY_NOT = lazy("Only the head of the unit, its regional office or an administrator may say this of it.")
CHANGED_MEANWHILE = lazy("Somebody has changed this unit meanwhile.")
NO_THEME = lazy("This is not in the list of themes.")
NO_ADDRESS = lazy("This is not a mail address the hub can send to.")


def describe(
    session: Session,
    *,
    actor: Actor,
    facility_id: int,
    version: int,
    themes: Sequence[str],
    mailbox: str | None,
) -> Facility:
    """Say what a facility is good at (by codes of THEMES) and where its official mail goes (None: nowhere).

    Themes that have left the list stay. Raises NotFound, Forbidden, Stale unless ``version`` is the
    facility's, Invalid (themes, mailbox).
    """
    facility = session.get(Facility, facility_id, with_for_update=True, populate_existing=True)
    if facility is None or facility.status == "merged":
        raise NotFound(lazy("There is no such facility."))
    if not may_describe(actor, facility):
        raise Forbidden(MAY_NOT)
    if version != facility.version:
        raise Stale(CHANGED_MEANWHILE)
    if set(themes) - set(THEMES):
        raise Invalid(NO_THEME, fields={"themes": NO_THEME})
    try:
        address = None if mailbox is None else clean_address(mailbox)
    except InvalidAddressError as error:
        raise Invalid(NO_ADDRESS, fields={"mailbox": NO_ADDRESS}) from error
    gone = [code for code in facility.themes if code not in THEMES]
    wanted = [code for code in THEMES if code in themes] + gone
    if (wanted, address) != (facility.themes, facility.mailbox):
        before = {"themes": facility.themes, "mailbox": facility.mailbox}
        facility.themes, facility.mailbox = wanted, address
        facility.version += 1
        record(
            session,
            actor=actor,
            action="facility.described",
            subject=f"facilities/{facility_id}",
            before=before,
            after={"themes": wanted, "mailbox": address},
        )
        session.flush()
    return facility
