"""Read what hangs on a facility, for whoever decides whether two of them are one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from hub.accounts.models import Appointment, Post
from hub.collaborations.models import Collaboration, Party, Proposal
from hub.facilities.queries import show
from hub.followups.models import Task
from hub.home.threads import not_ended
from hub.partners.models import PartnerRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from hub.facilities.models import Facility


@dataclass(frozen=True, slots=True)
class Side:
    """A facility beside another one; counts are those of its own rows. Drafts are not counted."""

    facility: Facility
    region: str | None
    other_names: Sequence[str]
    posts: Sequence[str]
    people: int
    open_collaborations: int
    open_tasks: int
    partner_records: int


def side_of(session: Session, facility_id: int) -> Side:
    """Return a facility with what hangs on it. Raises NotFound."""
    shown = show(session, facility_id)
    people = (
        select(func.count(Appointment.person_id.distinct()))
        .join(Post, Post.id == Appointment.post_id)
        .where(Post.facility_id == facility_id, Appointment.during.contains(func.hub_now()))
    )
    threads = (
        select(func.count())
        .select_from(Collaboration)
        .join(Proposal, Proposal.collaboration_id == Collaboration.id)
        .join(Party, Party.collaboration_id == Collaboration.id)
        .where(Party.facility_id == facility_id, Proposal.state != "draft", not_ended())
    )
    tasks = select(func.count()).where(Task.facility_id == facility_id, Task.state == "open")
    records = select(func.count()).where(PartnerRecord.facility_id == facility_id)
    counts = (people, threads, tasks, records)
    row = session.execute(select(*(count.scalar_subquery() for count in counts))).one()
    return Side(
        shown.facility,
        shown.region.name if shown.region else None,
        [name.name for name in shown.names if name.kind != "official"],
        [post.title for post in shown.posts],
        *row,
    )


def have_met(session: Session, one_id: int, other_id: int) -> bool:
    """Return whether the two have worked with one another: then they are hardly the same unit."""
    query = select(PartnerRecord.facility_id).where(
        PartnerRecord.facility_id == one_id, PartnerRecord.partner_id == other_id
    )
    return session.scalar(query) is not None
