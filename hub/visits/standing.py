"""Say where a visit stands, in words: its state, whose turn it is, and the spine's five steps.

Everything is said to one reader: "waits for you" where they may act, else for whom it waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hub.collaborations import rules
from hub.texts.catalogue import gettext_for, lazy, ngettext_for
from hub.texts.formats import format_day, format_number, format_short_day
from hub.workdays.zones import local_date

if TYPE_CHECKING:
    import datetime as dt

    from hub.actor import Actor
    from hub.collaborations.queries import Cover, PartyView
    from hub.visits.queries.views import InvitationView, VisitView

Words = tuple[str, str]

STATES: Final[dict[str, Words]] = {
    "submit": (lazy("Draft"), "wait"),
    "answer": (lazy("Waits for an answer"), "wait"),
    "rearrange": (lazy("Another time asked for"), "wait"),
    "wait": (lazy("Date agreed"), "done"),
    "hold": (lazy("Was it held?"), "wait"),
    "publish": (lazy("Outcome to be written"), "wait"),
    "follow_up": (lazy("Follow-up"), "info"),
    "declined": (lazy("Declined"), "late"),
    "withdrawn": (lazy("Withdrawn"), "off"),
    "ended": (lazy("Ended"), "off"),
}
"""What a state is called and the tone of its chip."""

YOURS: Final[dict[str, str]] = {
    "submit": lazy("Your turn: send the proposal"),
    "answer": lazy("Your turn: answer by %(day)s"),
    "rearrange": lazy("Your turn: choose another time"),
    "hold": lazy("Your turn: note that the visit took place"),
    "publish": lazy("Your turn: write down and publish the outcome"),
    "write": lazy("Your turn: write down the outcome"),
}
THEIRS: Final[dict[str, str]] = {
    "submit": lazy("Waits for the head of %(guest)s to send it"),
    "answer": lazy("Waits for the answer of %(host)s, by %(day)s"),
    "rearrange": lazy("Waits for %(guest)s to choose another time"),
    "wait": lazy("Takes place on %(start)s"),
    "hold": lazy("Waits for the two units to note that it took place"),
    "publish": lazy("Waits for the outcome from the two units"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a visit stands for one reader; texts are in the reader's language."""

    step: str
    state: str
    tone: str
    turn: str
    is_yours: bool
    guest: PartyView
    host: PartyView
    spine: list[dict[str, Any]]


def standing(
    cover: Cover, view: VisitView, actor: Actor, locale: str, *, open_tasks: int | None = None
) -> Standing:
    """Return where the visit stands; ``open_tasks`` counts its open follow-ups where that is known."""
    gettext = gettext_for(locale)
    guest = next(side for side in view.parties if side.role == "guest")
    host = next(side for side in view.parties if side.role == "host")
    step = _step(cover, view)
    yours = _is_yours(step, actor, guest.facility_id, host.facility_id)
    values = {
        "guest": guest.name,
        "host": host.name,
        "start": format_day(view.arrangement.starts_at.date(), locale),
        "day": _answer_by(view, locale),
    }
    may_publish = rules.may_conclude(actor, (guest.facility_id, host.facility_id))
    own_step = "write" if step == "publish" and not may_publish else step
    message = YOURS[own_step] if yours else THEIRS.get(step, "")
    turn = gettext(message) % values if message else ""
    state, tone = STATES[step]
    if step == "follow_up" and open_tasks is not None:
        turn, state, tone = _followed(open_tasks, locale, state)
    made = Standing(step, gettext(state), "you" if yours else tone, turn, yours, guest, host, [])
    made.spine.extend(_spine(cover, view, made, locale, open_tasks))
    return made


def asked(view: VisitView) -> InvitationView | None:
    """Return the invitation that counts: the first that was not taken back, else the last one."""
    open_ones = [one for one in view.invitations if one.revoked_at is None]
    if open_ones:
        return open_ones[0]
    return view.invitations[-1] if view.invitations else None


def _step(cover: Cover, view: VisitView) -> str:
    if view.step != "ended":
        return view.step
    return cover.proposal_state if cover.proposal_state in STATES else "ended"


def _is_yours(step: str, actor: Actor, guest_id: int, host_id: int) -> bool:
    if step in ("submit", "rearrange"):
        return rules.may_decide(actor, guest_id)
    if step == "answer":
        return rules.may_answer(actor, host_id)
    if step in ("hold", "publish"):
        return rules.may_take_part(actor, (guest_id, host_id))
    return False


def _answer_by(view: VisitView, locale: str) -> str:
    invitation = asked(view)
    if invitation is None:
        return ""
    return format_day(local_date(invitation.respond_by, view.arrangement.iana_zone), locale)


def _followed(open_tasks: int, locale: str, state: str) -> tuple[str, str, str]:
    if open_tasks == 0:
        return gettext_for(locale)("Everything promised is done"), lazy("Done"), "done"
    ngettext = ngettext_for(locale)
    text = ngettext("%(count)s follow-up is open", "%(count)s follow-ups are open", open_tasks)
    return text % {"count": format_number(open_tasks, locale)}, state, "info"


def _spine(
    cover: Cover, view: VisitView, made: Standing, locale: str, open_tasks: int | None
) -> list[dict[str, Any]]:
    zone = view.arrangement.iana_zone

    def day(moment: dt.datetime | None) -> str | None:
        return None if moment is None else format_short_day(local_date(moment, zone), locale)

    invitation = asked(view)
    answer = invitation.answer if invitation is not None else None
    is_agreed = view.row.state in ("scheduled", "held", "concluded") or (
        view.row.state == "cancelled" and answer is not None and answer.verdict == "accepted"
    )
    is_over = made.step in ("declined", "withdrawn", "ended")
    states = {
        "proposal": "now" if made.step == "submit" else "done",
        "invitation": "done" if is_agreed else _begun(made.step, ("answer", "rearrange"), is_lost=is_over),
        "visit": "done"
        if view.row.held_at
        else _begun(made.step, ("wait", "hold"), is_lost=is_over and is_agreed),
        "outcome": "done" if view.row.published_at else _begun(made.step, ("publish",)),
        "followup": "done"
        if open_tasks == 0 and view.row.published_at
        else _begun(made.step, ("follow_up",)),
    }
    whens: dict[str, str | None] = {
        "proposal": day(cover.submitted_at),
        "invitation": day(answer.answered_at) if answer is not None else None,
        "visit": None if made.step == "submit" or is_over else day(view.arrangement.starts_at),
        "outcome": day(view.row.published_at),
        "followup": None,
    }
    return [
        {
            "step": name,
            "state": state,
            "when": whens[name],
            # The day of an agreed visit stands there already.
            "turn": made.turn if state == "now" and made.turn and made.step != "wait" else None,
            "yours": made.is_yours and state == "now",
            "href": None,
        }
        for name, state in states.items()
    ]


def _begun(step: str, steps: tuple[str, ...], *, is_lost: bool = False) -> str:
    if is_lost:
        return "lost"
    return "now" if step in steps else "next"
