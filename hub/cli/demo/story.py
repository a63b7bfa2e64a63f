"""The visit, played as its people would: through the API, the mail and the invitation page.

Every act looks first whether it has been played, so a story that was interrupted goes on where it
stopped, and one that was played is left alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hub.cli.demo import plot
from hub.cli.demo.cast import (
    KALAPAS,
    KARUTAN,
    KASUBSI_PELAYANAN,
    MAILBOXES,
)
from hub.cli.demo.client import Visitor
from hub.cli.demo.page import find_form
from hub.cli.demo.stage import StoryError

if TYPE_CHECKING:
    from collections.abc import Callable

    from hub.cli.demo.cast import Member
    from hub.cli.demo.stage import Stage


def play(stage: Stage) -> None:
    """Play what has not been played yet. Raises StoryError, RefusedError."""
    for act in ACTS:
        act(stage)
    stage.settle()


def is_over(stage: Stage) -> bool:
    """Return whether the last act has been played."""
    thread = stage.thread()
    return thread is not None and thread["step"] == "follow_up" and _open_task(stage) is None


def write_proposal(stage: Stage) -> None:
    """Let the guest's head find a host and write a draft."""
    if stage.thread() is not None:
        return
    stage.travel(plot.PROPOSED)
    wira = stage.visitor(KARUTAN)
    stage.say(f"  {_named(KARUTAN)} signs in and looks for “purwokerto lapas”:")
    hits = wira.get("/facilities", q="purwokerto lapas").body["items"]
    host = next(hit for hit in hits if hit["name"] == plot.HOST)
    guest_id = wira.get("/me").body["posts"][0]["facility"]["id"]
    posts = {post["title"]: post["id"] for post in wira.get(f"/facilities/{host['id']}/posts").body["items"]}
    stage.say(f"    {host['name']}, {host['city']}, {host['zone']['label']}")
    draft = wira.post("/proposals", plot.proposal(guest_id, host["id"], posts), key="demo-proposal").body
    stage.say(f"  drafts “{plot.TITLE}” for Thursday 28 November 2024, 09.00–12.00 ({draft['ref']})")


def submit_proposal(stage: Stage) -> None:
    """Let the guest's head correct the draft and submit it."""
    thread = stage.demand_thread()
    if thread["step"] != "submit":
        return
    wira = stage.visitor(KARUTAN)
    path = f"/proposals/{thread['proposal_id']}"
    draft = wira.get(path)
    if draft.body["letter_no"] is None:
        wira.patch(path, plot.EDIT, etag=draft.etag)
        stage.say("  corrects it once: eight people will come, and the letter has its number")
    pending = wira.post(f"{path}/submit", key="demo-submit").body["pending"]
    stage.say(f"  submits it: {pending} reactions are pending")
    stage.settle()
    stage.say(f"  The hub mails an invitation to {MAILBOXES[plot.HOST]}")


def answer_invitation(stage: Stage) -> None:
    """Let the host accept by the link in its mail, without signing in."""
    if stage.demand_thread()["step"] != "answer":
        return
    stage.travel(plot.ANSWERED)
    letters = [letter for letter in stage.letters_to(MAILBOXES[plot.HOST]) if letter.invitation]
    if not letters:
        raise StoryError("no invitation came by mail")
    link = letters[-1].invitation or ""
    stage.say(f"  {_named(KALAPAS)} opens the link in the mail, without signing in:")
    stage.say(f"    “{letters[-1].subject}”")
    accept(Visitor(stage.base_url), link, name=KALAPAS.name, post=KALAPAS.title)
    stage.say("  and accepts on the page behind it")
    stage.settle()


def hold_visit(stage: Stage) -> None:
    """Let the visit take place."""
    thread = stage.demand_thread()
    if thread["step"] not in ("wait", "hold"):
        return
    stage.travel(plot.HELD)
    stage.visitor(KARUTAN).post(f"/visits/{thread['visit_ids'][0]}/hold", key="demo-hold")
    stage.say(f"  {_named(KARUTAN)} notes that the visit took place")
    stage.settle()


def publish_outcome(stage: Stage) -> None:
    """Let one write down what the visit brought, and another publish it."""
    thread = stage.demand_thread()
    if thread["step"] != "publish":
        return
    stage.travel(plot.PUBLISHED)
    wira, laras = stage.visitor(KARUTAN), stage.visitor(KASUBSI_PELAYANAN)
    path = f"/visits/{thread['visit_ids'][0]}"
    facilities, posts = _units(wira, thread)
    laras.put(f"{path}/outcome", plot.outcome(facilities, posts), etag=laras.get(path).etag)
    stage.say(f"  {_named(KASUBSI_PELAYANAN)} writes the outcome: two themes, five commitments of both units")
    pending = wira.post(f"{path}/outcome/publish", key="demo-publish").body["pending"]
    stage.say(f"  {_named(KARUTAN)} publishes it: {pending} reactions are pending")
    stage.settle()


def close_task(stage: Stage) -> None:
    """Let the owner of a follow-up read her inbox and, a week later, close her task."""
    if _open_task(stage) is None:
        return
    stage.travel(plot.READ)
    laras = stage.visitor(KASUBSI_PELAYANAN)
    news = laras.get("/inbox").body["items"][0]
    stage.say(f"  {_named(KASUBSI_PELAYANAN)} reads her inbox:")
    stage.say(f"    “{news['sentence']}”")
    laras.post("/inbox/read-all")
    stage.travel(plot.CLOSED)
    laras, task = stage.visitor(KASUBSI_PELAYANAN), _open_task(stage)
    if task is None:
        raise StoryError("the task is gone")
    path = f"/tasks/{task['id']}"
    laras.post(f"{path}/close", {"note": plot.CLOSING_NOTE}, key="demo-close", etag=laras.get(path).etag)
    stage.say(f"  {_named(KASUBSI_PELAYANAN)} closes her task, due {task['due_on']}:")
    stage.say(f"    “{task['title']}”")
    stage.settle()


ACTS: Final[tuple[Callable[[Stage], None], ...]] = (
    write_proposal,
    submit_proposal,
    answer_invitation,
    hold_visit,
    publish_outcome,
    close_task,
)


def accept(visitor: Visitor, link: str, *, name: str, post: str) -> str:
    """Open an invitation by its link and accept it there; return the page that follows.

    Raises StoryError, RefusedError.
    """
    try:
        form = find_form(visitor.page(link).text, verdict="accepted")
    except LookupError as error:
        raise StoryError(f"the page behind the invitation cannot be answered: {error}") from error
    form.fields |= {"name": name, "post": post}
    return visitor.fill_in(form.action or link, form.fields).text


def _open_task(stage: Stage) -> dict[str, Any] | None:
    """Return the task that the story closes, or None before it was opened and once it is closed."""
    thread = stage.thread()
    for task in stage.visitor(KASUBSI_PELAYANAN).every("/tasks"):
        if thread and task["collaboration_id"] == thread["id"] and task["title"] == plot.CLOSED_FIRST:
            return task
    return None


def _units(visitor: Visitor, thread: dict[str, Any]) -> tuple[dict[str, int], dict[tuple[str, str], int]]:
    """Return the parties' ids by name, and their posts' ids by (name, title)."""
    facilities = {party["name"]: party["facility_id"] for party in thread["parties"]}
    posts = {
        (name, post["title"]): post["id"]
        for name, facility_id in facilities.items()
        for post in visitor.get(f"/facilities/{facility_id}/posts").body["items"]
    }
    return facilities, posts


def _named(member: Member) -> str:
    return f"{member.name} ({member.title})"
