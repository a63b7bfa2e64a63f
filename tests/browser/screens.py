"""Every page of the hub in every state worth a look: who opens it, where, and what they do first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.threads import Furniture
    from tests.browser.town import Town
    from tests.support.browser import Window

    Where = Callable[[Town, Furniture], str]
    Act = Callable[[Window], None]


@dataclass(frozen=True, slots=True)
class Screen:
    """One page in one state; ``who`` is an attribute of the cast, '' for nobody."""

    name: str
    who: str
    where: Where
    act: Act | None = None
    """What is done on the page before it is looked at."""

    def __str__(self) -> str:
        """Return the name of its pictures."""
        return self.name


def at(path: str) -> Where:
    """Return a place that needs nothing looked up."""
    return lambda _town, _furniture: path


def collaboration(which: str) -> Where:
    """Return the page of a piece of the furniture."""
    return lambda _town, all_of: f"/collaborations/{getattr(all_of, which).collaboration_id}"


def visit(which: str, rest: str = "") -> Where:
    """Return the page of a visit."""
    return lambda _town, all_of: f"/visits/{getattr(all_of, which).visit_id}{rest}"


def task(which: str) -> Where:
    """Return the page of a task."""
    return lambda _town, all_of: f"/tasks/{getattr(all_of, which)}"


def invitation(which: str) -> Where:
    """Return the link that the host was mailed."""
    return lambda town, all_of: town.invitation_about(getattr(all_of, which).title)


def receipt(which: str) -> Where:
    """Return the receipt of the last event of a collaboration's own."""
    return lambda _town, all_of: f"/events/{getattr(all_of, which).event_id}"


def partner(town: Town, furniture: Furniture) -> str:
    """Return the guest's record of its partner."""
    del furniture
    return f"/partners/{town.cast.guest.id}/{town.cast.host.id}"


def facility(town: Town, furniture: Furniture) -> str:
    """Return the host's profile."""
    del furniture
    return f"/facilities/{town.cast.host.id}"


def edit(town: Town, furniture: Furniture) -> str:
    """Return the form of a draft."""
    del town
    return f"/proposals/{furniture.draft.proposal_id}/edit"


def send_empty(window: Window) -> None:
    """Send the page's main form without typing anything, past what the browser itself demands."""
    form = window.page.locator("main form[method=post]").filter(visible=True).last
    form.evaluate("form => { form.noValidate = true; }")
    form.locator("button[type=submit]").last.click()
    expect(window.page.locator("[role=alert]").first).to_be_visible()


SCREENS: tuple[Screen, ...] = (
    Screen("landing", "", at("/")),
    Screen("nothing-here", "", at("/there-is-no-such-page")),
    Screen("invitation", "", invitation("open")),
    Screen("invitation-errors", "", invitation("open"), send_empty),
    Screen("invitation-accepted", "", invitation("scheduled")),
    Screen("invitation-countered", "", invitation("countered")),
    Screen("invitation-declined", "", invitation("declined")),
)
