"""Write docs/ROLES.md: who may do what, asked of the rules themselves (``make docs``).

Each act names the endpoints it stands for and the rule that decides it. The rule is asked for somebody of
each role about three units: their own, one of the same region, one of another. Both sides of a collaboration
count as own. Where the decision is a query and no function, it is said here and tests/matrix compares.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from hub.actor import Actor
from hub.collaborations import rules as collaborations
from hub.facilities import rules as facilities
from hub.facilities.merging import may_merge
from hub.facilities.models import Facility
from hub.followups import rules as tasks
from hub.imports.people_judging import own_units
from hub.staffing import rules as staffing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

OWN, NEAR, FAR = 1, 2, 3
REGION, OTHER_REGION = 8, 9
REGION_OF = {OWN: REGION, NEAR: REGION, FAR: OTHER_REGION}
HEAD_POST, STAFF_POST = 11, 12
EVERYBODY, NOBODY, ACCOUNT, LINK = "everybody", "", "for oneself", "by the link"

ROLES: dict[str, Actor] = {
    "unit head": Actor("person", "", 1, (OWN,), (OWN,), post_ids=(HEAD_POST,)),
    "stand-in (Plh.)": Actor("person", "", 2, (OWN,), (OWN,), post_ids=(STAFF_POST, HEAD_POST)),
    "with the right to answer on loan": Actor("person", "", 3, (OWN,), (), (OWN,), (STAFF_POST,)),
    "staff": Actor("person", "", 4, (OWN,), post_ids=(STAFF_POST,)),
    "facility contact": Actor("link", ""),
    "regional overseer": Actor("person", "", 5, region_ids=(REGION,)),
    "national overseer": Actor("person", "", 6, oversees_all=True),
    "auditor": Actor("person", "", 7, is_auditor=True),
    "administrator": Actor("person", "", 8, is_admin=True),
}
"""Somebody of each role, and of no other. A contact has no account, only the link in a mail."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something people do: its endpoints (shell patterns), and who may: a rule about a unit, or a word."""

    what: str
    endpoints: str
    rule: Callable[[Actor, int], bool] | str
    is_reading: bool = False
    """Whether hiding decides (404), so that the access matrix expects the same."""


def _sees(actor: Actor, unit: int) -> bool:
    """Return what ``hub.collaborations.queries.visible_to`` says of a submitted collaboration of a unit."""
    return unit in actor.unit_ids or _oversees(actor, unit)


def _merges(actor: Actor, unit: int) -> bool:
    return may_merge(actor, Facility(id=unit, region_id=REGION_OF[unit]))


def _staffs(role: str) -> Callable[[Actor, int], bool]:
    return lambda actor, unit: staffing.may_staff(
        actor, facility_id=unit, region_id=REGION_OF[unit], role=role
    )


def _names_stand_in(actor: Actor, unit: int) -> bool:
    return staffing.may_name_stand_in(actor, facility_id=unit, region_id=REGION_OF[unit])


def _runs(actor: Actor, _unit: int) -> bool:
    return actor.is_admin


def _posts(unit: int) -> tuple[int, int]:
    return (STAFF_POST, HEAD_POST) if unit == OWN else (STAFF_POST + 10 * unit, HEAD_POST + 10 * unit)


def _closes(actor: Actor, unit: int) -> bool:
    owner, accountable = _posts(unit)
    return tasks.may_close(actor, facility_id=unit, owner_post_id=owner, accountable_post_id=accountable)


def _returns(actor: Actor, unit: int) -> bool:
    return tasks.may_return(actor, facility_id=unit, owner_post_id=_posts(unit)[0])


def _oversees(actor: Actor, unit: int) -> bool:
    return actor.is_admin or actor.oversees_all or REGION_OF[unit] in actor.region_ids


def _describes(actor: Actor, unit: int) -> bool:
    return facilities.may_describe(actor, Facility(id=unit, kind="lapas", region_id=REGION_OF[unit]))


ACTS = (
    Act(
        "open the first page, the description of the API, the state of health",
        "site.* static metrics.*",
        EVERYBODY,
    ),
    Act(
        "sign in and out; one's own password, second factor, tokens, data, language, absence",
        "account_pages.* accounts.* passkey_pages.* proof_pages.* provider_pages.* second_factor_pages.* "
        "token_pages.* privacy_pages.*_own away_pages.*",
        ACCOUNT,
    ),
    Act(
        "one's own first page, inbox and notifications",
        "home.* inbox.* inbox_pages.*",
        ACCOUNT,
    ),
    Act(
        "find any unit, read its page, its posts and who serves there",
        "facilities.* unit_pages.* collaborations.list_themes staffing_pages.show_roster takeover_pages.*",
        "whole country",
    ),
    Act(
        "say what a unit is good at and where its official mail goes",
        "facility_pages.start_description facility_pages.describe_unit",
        _describes,
    ),
    Act(
        "see a collaboration, its visits and what came of it, once it was submitted (a draft: the unit "
        "that writes it alone)",
        "threads.* collaborations.list_events collaboration_pages.* proposals.show_proposal "
        "visits.show_visit visit_pages.show_visit receipts.* receipt_pages.*",
        _sees,
        is_reading=True,
    ),
    Act(
        "see the records of partners",
        "partners.* partner_pages.*",
        _sees,
    ),
    Act(
        "see follow-up tasks",
        "tasks.list_tasks tasks.show_task task_pages.list_tasks task_pages.show_task",
        _sees,
    ),
    Act(
        "write and change a draft",
        "proposals.create_* proposals.edit_* proposal_pages.start_* proposal_pages.create_* "
        "proposal_pages.edit_* proposal_pages.change_*",
        collaborations.may_propose,
    ),
    Act(
        "submit a proposal, withdraw it",
        "proposals.submit_* proposals.withdraw_* proposal_pages.confirm_* proposal_pages.submit_* "
        "proposal_pages.withdraw_*",
        collaborations.may_decide,
    ),
    Act(
        "rearrange a visit, send its invitation anew or take it back",
        "visits.rearrange_visit visit_pages.start_arrangement visit_pages.rearrange_visit "
        "answer_pages.start_renewal answer_pages.re*_invitation invitations.re*_invitation",
        collaborations.may_decide,
    ),
    Act(
        "answer an invitation, signed in",
        "answer_pages.start_answer answer_pages.answer_invitation invitations.answer_invitation",
        collaborations.may_answer,
    ),
    Act(
        "read and answer an invitation by the link in its mail",
        "invitation_page.*",
        LINK,
    ),
    Act(
        "say that a visit was held, write its outcome",
        "visits.hold_visit visits.write_outcome visit_pages.hold_visit outcome_pages.*",
        lambda actor, unit: collaborations.may_take_part(actor, (unit,)),
    ),
    Act(
        "publish an outcome",
        "visits.publish_outcome publishing.*",
        lambda actor, unit: collaborations.may_conclude(actor, (unit,)),
    ),
    Act(
        "close a task, and take that back",
        "tasks.close_task tasks.reopen_task task_pages.close_task task_pages.reopen_task",
        _closes,
    ),
    Act(
        'hand a task back ("not mine")',
        "tasks.return_task tasks.keep_task task_pages.*_return task_pages.return_task task_pages.keep_task",
        _returns,
    ),
    Act(
        "say who holds a post below the head's, hand it over; make posts",
        "staffing_pages.st*_*ing staffing_pages.start_post staffing_pages.create_post "
        "staffing_pages.*hand*over staffing_pages.join_pool",
        _staffs("section"),
    ),
    Act("the same of the head's post", "", _staffs("head")),
    Act(
        "name who stands in for a while (Plh.), for the head, too",
        "staffing_pages.*_stand_in",
        _names_stand_in,
    ),
    Act(
        "lend the right to answer",
        "lending_pages.*",
        staffing.may_lend,
    ),
    Act(
        "bring in people from a list",
        "import_pages.[!e]*",
        lambda actor, unit: actor.is_admin or unit in own_units(actor),
    ),
    Act(
        "bring in units from a list, and download them",
        "import_pages.export_*",
        _runs,
    ),
    Act(
        "merge two entries of one unit",
        "merging_pages.*",
        _merges,
    ),
    Act(
        "go through entries that may be one unit, say which are two",
        "duplicate_pages.*",
        _runs,
    ),
    Act(
        "run the hub: what is late or given up, try again, all events",
        "console.* console_pages.*",
        _runs,
    ),
    Act(
        "read the audit log",
        "audit_pages.*",
        lambda actor, _unit: actor.is_admin or actor.is_auditor,
    ),
    Act(
        "erase a person",
        "privacy_pages.list_people privacy_pages.confirm_erasure privacy_pages.erase",
        _runs,
    ),
)

HEAD = """\
# Who may do what

This page is generated from the rules (`make docs`); a test fails when it is out of date, and when a route
belongs to no act. What is hidden from somebody answers as if it were not there; what an empty cell forbids
answers 403 with a reason, or 404.

- **own unit**: where one serves now. A collaboration is of both its units: each side has these rights in it.
- **own region**: the units of the regional offices one oversees.
- A person may have several roles; rights add up. They come from posts and grants, and end with them from the
  next request on. A **facility contact** has no account: the link in a mail opens its own invitation alone.
- What is dangerous asks for a new proof first, and a program needs a token with the scope of the act
  ([SECURITY.md](SECURITY.md)).
"""


def cell(act: Act, actor: Actor) -> str:
    """Return where somebody may do an act: the units in words, a word of the act's own, or nothing."""
    if isinstance(act.rule, str):
        if act.rule in (EVERYBODY, LINK):
            return act.rule
        return NOBODY if actor.kind == "link" else act.rule
    may = {unit for unit in (OWN, NEAR, FAR) if act.rule(actor, unit)}
    return {(): NOBODY, (OWN,): "own unit", (OWN, NEAR): "own region", (OWN, NEAR, FAR): "whole country"}[
        tuple(sorted(may))
    ]


def acts_of(endpoint: str) -> list[Act]:
    """Return the acts that an endpoint belongs to: one, or the table has a gap."""
    return [act for act in ACTS if any(fnmatchcase(endpoint, one) for one in act.endpoints.split())]


def roles_page() -> str:
    """Return ``ROLES.md``."""

    def row(cells: Iterable[str]) -> str:
        return f"| {' | '.join(cells)} |"

    lines = [row(["act", *ROLES]), "|---" * (len(ROLES) + 1) + "|"]
    lines += [row([act.what, *(cell(act, actor) for actor in ROLES.values())]) for act in ACTS]
    return "\n".join([HEAD, *lines, ""])
