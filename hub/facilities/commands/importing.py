"""Bring the registry of facilities up to date: import a list, set a mailbox.

A list adds and corrects; it never removes a facility and never empties a cell. Importing is planned
first (``plan_import``, a read) and then written in a few statements for the whole list, so that a
dry run shows exactly what would be done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from hub.audit.record import record
from hub.errors import Forbidden, Invalid, NotFound
from hub.facilities.addresses import InvalidAddressError, clean_address
from hub.facilities.models import Facility
from hub.facilities.planning import Plan, plan
from hub.facilities.writing import write
from hub.texts.catalogue import lazy

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.actor import Actor
    from hub.facilities.lists import FacilityList

IMPORT_LOCK = 5_210_614
"""Key of the advisory lock that lets one import at a time read and write the registry."""


def hold_registry(session: Session) -> None:
    """Let nobody else import into the registry until the transaction ends."""
    session.execute(select(func.pg_advisory_xact_lock(IMPORT_LOCK)))


def plan_import(session: Session, *, listed: FacilityList) -> Plan:
    """Return what importing the list would do; nothing is written."""
    return plan(session, listed)


def import_units(session: Session, *, actor: Actor, listed: FacilityList) -> Plan:
    """Bring the registry up to date with a list, by official name; return what was done.

    Good lines are written, whole; rejected ones are not written at all. The same list again changes
    nothing. A name that changes (other spelling, or the column ``former_name``) becomes a former name.
    """
    hold_registry(session)
    planned = plan(session, listed, is_kept=True)
    if planned.new or planned.changed:
        write(session, planned)
        record(
            session,
            actor=actor,
            action="facilities.imported",
            subject="facilities",
            new=len(planned.new),
            changed=len(planned.changed),
            rejected=len(planned.rejected),
        )
    return planned


def set_mailbox(session: Session, *, actor: Actor, facility_id: int, address: str | None) -> Facility:
    """Set where official mail of a facility goes, or nowhere (None); return the facility.

    May be done by an administrator and by the head of the facility. Raises NotFound, Forbidden, and
    Invalid for what is no mail address.
    """
    facility = session.get(Facility, facility_id, with_for_update=True)
    if facility is None or facility.status != "active":
        raise NotFound(lazy("There is no such facility."))
    if not actor.is_admin and facility_id not in actor.headed_ids:
        raise Forbidden(lazy("Only the head of the facility or an administrator may change its mailbox."))
    try:
        cleaned = None if address is None else clean_address(address)
    except InvalidAddressError as error:
        message = lazy("This is not a mail address the hub can send to.")
        raise Invalid(message, fields={"address": message}) from error
    if facility.mailbox != cleaned:
        before, facility.mailbox = facility.mailbox, cleaned
        facility.version += 1
        record(
            session,
            actor=actor,
            action="facility.mailbox_set",
            subject=f"facilities/{facility_id}",
            before=before,
            after=cleaned,
        )
        session.flush()
    return facility
