"""Find links to invitations that have passed on with the post, and to whom a new one goes.

A link is a letter to whoever serves there. One that was mailed to somebody's own address stops being theirs
when their service ends; it is computed from who serves, so no job has to end it (decision 43).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

HAS_PASSED_ON: Final = """
    EXISTS (
        SELECT FROM people former
        JOIN appointments served ON served.person_id = former.id AND upper(served.during) <= hub_now()
        JOIN posts seat ON seat.id = served.post_id
        JOIN parties asked ON asked.id = invitations.party_id AND asked.facility_id = seat.facility_id
        WHERE lower(former.email) = lower(invitations.address)
          AND ((seat.id = invitations.post_id AND upper(served.during) > invitations.created_at)
               OR NOT EXISTS (
                   SELECT FROM appointments serves JOIN posts place ON place.id = serves.post_id
                   WHERE serves.person_id = former.id AND place.facility_id = asked.facility_id
                     AND serves.during @> hub_now()))
          AND NOT EXISTS (
              SELECT FROM appointments holds
              WHERE holds.person_id = former.id AND holds.post_id = invitations.post_id
                AND holds.during @> hub_now())
          AND NOT EXISTS (
              SELECT FROM facilities unit LEFT JOIN posts shared ON shared.facility_id = unit.id
              WHERE unit.id = asked.facility_id
                AND lower(invitations.address) IN (lower(unit.mailbox), lower(shared.mailbox))))
    """
"""An expression about a row of ``invitations``: whether its address is that of somebody who has left the
unit, or the post that was asked since it was asked. A mailbox of the unit or of a post is nobody's own."""

# Whoever holds the post comes before who stands in, and a person before a mailbox: so nobody has to look.
NEXT_ADDRESS: Final = """
    coalesce(
        (SELECT person.email FROM appointments serves
         JOIN people person ON person.id = serves.person_id AND person.is_active
         WHERE serves.post_id = invitations.post_id AND serves.during @> hub_now()
         ORDER BY serves.is_acting, serves.id LIMIT 1),
        (SELECT mailbox FROM posts WHERE posts.id = invitations.post_id),
        (SELECT mailbox FROM facilities JOIN parties ON parties.facility_id = facilities.id
         WHERE parties.id = invitations.party_id))
    """
PASSED_ON = text(
    f"SELECT {NEXT_ADDRESS} AS address FROM invitations"  # noqa: S608 -- the expressions above
    f" WHERE invitations.id = :invitation AND {HAS_PASSED_ON}"
)
# The few visits that wait for an answer, and of those the fewer whose addressee has gone. What nobody could
# be sent for is not among them, so it keeps no other from its turn.
WAITING = text(
    f"""
    SELECT invitations.id FROM visits JOIN invitations ON invitations.visit_id = visits.id
    WHERE visits.state = 'proposed' AND invitations.revoked_at IS NULL
      AND invitations.respond_by > hub_now()
      AND NOT EXISTS (SELECT FROM answers WHERE answers.invitation_id = invitations.id
                      AND answers.number = visits.arrangement_no AND answers.superseded_at IS NULL)
      AND {HAS_PASSED_ON} AND {NEXT_ADDRESS} IS NOT NULL
    ORDER BY invitations.id LIMIT :most
    """  # noqa: S608 -- the expressions above
)


@dataclass(frozen=True, slots=True)
class PassedOn:
    """A link that has passed on with the post; ``address`` is where a new one goes, None to nobody."""

    address: str | None


def passed_on(session: Session, invitation_id: int) -> PassedOn | None:
    """Return whether the link of this invitation has passed on with the post, and to which address."""
    row = session.execute(PASSED_ON, {"invitation": invitation_id}).one_or_none()
    return None if row is None else PassedOn(row.address)


def waiting_to_pass_on(session: Session, *, most: int) -> list[int]:
    """Return invitations that wait for an answer and whose links have passed on, the oldest first."""
    return list(session.scalars(WAITING, {"most": most}))
