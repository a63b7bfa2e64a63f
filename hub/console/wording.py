"""Say in the operator's language what a consumer, a process and a type of event are, and what to do."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from hub.messaging.subscriptions import INVITE, NOTIFY, OPEN_TASKS, PARTNER_RECORD
from hub.texts.catalogue import gettext_for, lazy
from hub.texts.formats import format_ago

if TYPE_CHECKING:
    from hub.messaging.heartbeats import Beat

CONSUMERS: Final[dict[str, str]] = {
    NOTIFY: lazy("Tell people"),
    INVITE: lazy("Plan the mails with invitations"),
    OPEN_TASKS: lazy("Open tasks"),
    PARTNER_RECORD: lazy("Keep the partner records"),
}
PROCESSES: Final[dict[str, str]] = {
    "relay": lazy("Relay: sees what is due and rings for it"),
    "worker-reactions": lazy("Worker of the events"),
    "worker-mail": lazy("Worker of the mails"),
    "worker-upkeep": lazy("Worker of the upkeep"),
}
EVENTS: Final[dict[str, str]] = {
    "proposal.submitted": lazy("Proposal submitted"),
    "proposal.withdrawn": lazy("Proposal withdrawn"),
    "invitation.renewed": lazy("Invitation renewed"),
    "invitation.revoked": lazy("Invitation taken back"),
    "invitation.accepted": lazy("Invitation accepted"),
    "invitation.declined": lazy("Invitation declined"),
    "invitation.countered": lazy("Another time asked for"),
    "visit.rearranged": lazy("Date or agenda changed"),
    "visit.scheduled": lazy("Visit scheduled"),
    "visit.held": lazy("Visit held"),
    "outcome.published": lazy("Outcome published"),
    "task.closed": lazy("Task closed"),
    "task.reopened": lazy("Task open again"),
    "post.handed_over": lazy("Post handed over"),
    "stand_in.named": lazy("Stand-in (Plh.) named"),
    "stand_in.ended": lazy("Stand-in (Plh.) ended"),
    "delegation.given": lazy("Right to answer lent"),
    "delegation.ended": lazy("Right to answer ended"),
    "task.returned": lazy("Task handed back"),
    "task.kept": lazy("Task kept after all"),
}
MAILS: Final[dict[str, str]] = {
    "notification": lazy("Notification"),
    "invitation": lazy("Invitation with its link"),
    "password": lazy("Link to a new password"),
}
START_RELAY: Final = lazy(
    "Start it (hub up, or docker compose up relay) and read its log. Until then everything is done up to"
    " 15 seconds late; nothing is lost."
)
START_WORKER: Final = lazy(
    "Start it (hub up, or docker compose up %(process)s) and read its log. Until then its work waits; nothing"
    " is lost. If every worker is silent, it is beat or the broker."
)


def named(words: dict[str, str], name: str, locale: str) -> str:
    """Return what something is called; newer code may have made what this code has no words for."""
    return gettext_for(locale)(words[name]) if name in words else name


def seen(beat: Beat, locale: str) -> str:
    """Return "12 seconds ago", or that the process was never seen."""
    if beat.age is None:
        return gettext_for(locale)("never")
    then = dt.datetime.fromtimestamp(0, dt.UTC)
    return format_ago(then - max(beat.age, dt.timedelta(seconds=1)), then, locale)


def mend(beat: Beat, locale: str) -> str:
    """Return what to do about a silent process; empty for one that shows itself."""
    if not beat.is_missing:
        return ""
    message = START_RELAY if beat.process == "relay" else START_WORKER
    return gettext_for(locale)(message) % {"process": beat.process}


ACTS: Final[dict[str, str]] = {
    "absence.noted": lazy("Absence noted"),
    "absence.taken_back": lazy("Absence taken back"),
    "admin.created": lazy("Administrator added"),
    "breach.reported": lazy("Report of a breach made"),
    "consumer.backfilled": lazy("Missed events made due"),
    "delegation.cut": lazy("Right to answer cut short"),
    "delegation.given": lazy("Right to answer lent"),
    "delegation.taken_back": lazy("Right to answer taken back"),
    "delivery.resent": lazy("Mail sent again"),
    "facilities.asked_again": lazy("Two units shown again as probably one"),
    "facilities.imported": lazy("Units imported"),
    "facilities.said_distinct": lazy("Two units said to be two"),
    "facility.described": lazy("What a unit says of itself changed"),
    "facility.mailbox_set": lazy("Mailbox of a unit set"),
    "facility.merge_undone": lazy("Two entries of one unit taken apart again"),
    "facility.merged": lazy("Two entries of one unit made one"),
    "identity.linked": lazy("Account at the identity provider linked"),
    "identity.unlinked": lazy("Account at the identity provider unlinked"),
    "import.applied": lazy("Import written"),
    "import.cancelled": lazy("Import called off"),
    "import.confirmed": lazy("Import confirmed"),
    "import.taken_back": lazy("Import taken back"),
    "import.undone": lazy("Undoing of an import asked for"),
    "inmate_data.ruled_out": lazy("Confirmed: no inmate's data"),
    "passkey.added": lazy("Passkey added"),
    "passkey.refused": lazy("Passkey refused: its counter went back, so it may have been copied"),
    "passkey.removed": lazy("Passkey removed"),
    "password.asked": lazy("Link to a new password asked for"),
    "password.changed": lazy("Password changed"),
    "password.reset": lazy("Password set anew by mail"),
    "person.appointed": lazy("Person appointed"),
    "person.appointment_undone": lazy("Appointment taken back with its import"),
    "person.closed": lazy("Account closed"),
    "person.created": lazy("Person added"),
    "person.erased": lazy("Person erased"),
    "person.joined": lazy("Person joined a pool"),
    "person.reopened": lazy("Account opened again"),
    "person.renamed": lazy("Name of a person corrected"),
    "person.stopped": lazy("Service ended"),
    "post.created": lazy("Post added"),
    "post.handed_over": lazy("Post handed over"),
    "post.stand_in_named": lazy("Stand-in (Plh.) named"),
    "reaction.replayed": lazy("Given-up work tried again"),
    "recovery-codes.renewed": lazy("Recovery codes renewed"),
    "right.granted": lazy("Right granted"),
    "second-factor.removed": lazy("Second factor removed"),
    "second-factor.replaced": lazy("Second factor moved to a new app"),
    "second-factor.reset": lazy("Second factor reset at the terminal"),
    "second-factor.set-up": lazy("Second factor set up"),
    "sign-in.revoked": lazy("One browser signed out"),
    "sign-ins.revoked": lazy("Browsers signed out"),
    "token.created": lazy("API token made"),
    "token.revoked": lazy("API token revoked"),
}
"""What was done, by the name in the audit log; one without words is shown by its name."""
