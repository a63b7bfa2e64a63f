"""The head of the host unit answers the invitation: one link from the mail, no account."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.threads import new_title, submitted
from tests.support.browser import Look, Window

if TYPE_CHECKING:
    from tests.browser.conftest import Open
    from tests.browser.town import Town

NAME = "Bayu Kertanegara"
POST = "Kalapas"
LOOKS = (Look(1280, "en", "light"), Look(390, "id", "dark", script=False))


def open_link(window: Window, link: str) -> None:
    """Open the link of the mail and read it in this window's language."""
    window.go(link)
    window.speak()


def choose(window: Window, message: str) -> None:
    """Open one of the three answers, unless it is open."""
    summary = window.page.locator("summary", has_text=window.say(message))
    if summary.locator("..").get_attribute("open") is None:
        summary.click()


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_host_accepts(look: Look, window: Open, town: Town) -> None:
    thread = submitted(town, new_title())
    one = window(look)
    open_link(one, town.invitation_about(thread.title))
    one.sees_heading(town.cast.guest.name)
    one.sees(thread.title)
    one.sees("9 Januari 2025" if look.language == "id" else "9 January 2025")

    choose(one, "Accept the invitation")
    one.press("Accept the invitation")
    one.sees(one.say("Please check your answer"))
    one.fill(name=NAME, post=POST)
    one.press("Accept the invitation")
    one.sees(one.say("You have accepted this invitation"))
    one.sees(NAME)
    # The date stands, so the guest knows, and a reload asks nothing again.
    one.page.reload()
    one.sees(one.say("The visit has its date. The guest has been told."))
    expect(one.page.locator("textarea")).to_have_count(0)


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_host_proposes_another_time(look: Look, window: Open, town: Town) -> None:
    thread = submitted(town, new_title())
    one = window(look)
    open_link(one, town.invitation_about(thread.title))
    choose(one, "Propose another time")
    one.fill(day="2025-01-14", starts="10:00", ends="12:00")
    one.fill(reason="Pada hari itu aula dipakai.", name=NAME, post=POST)
    one.press("Propose another time")
    one.sees(one.say("You have proposed another time"))
    one.sees("14 Januari 2025" if look.language == "id" else "14 January 2025")


@pytest.mark.parametrize("look", [Look(390, "en", "dark"), Look(1280, "id", "light", script=False)], ids=str)
def test_host_declines_with_a_reason(look: Look, window: Open, town: Town) -> None:
    thread = submitted(town, new_title())
    one = window(look)
    open_link(one, town.invitation_about(thread.title))
    choose(one, "Decline with a reason")
    one.fill(name=NAME, post=POST)
    one.press("Decline with a reason")
    one.sees(one.say("Please check your answer"))
    expect(one.field("name")).to_have_value(NAME)
    # Right to left and beyond the basic plane: kept as typed.
    one.fill(reason="مرحبا شكرا 🙏 mohon maaf")
    one.press("Decline with a reason")
    one.sees(one.say("You have declined this invitation"))
    one.sees("مرحبا شكرا 🙏 mohon maaf")


def test_host_accepts_by_keyboard_alone(window: Open, town: Town) -> None:
    thread = submitted(town, new_title())
    one = window(Look(1280, "id", "light"))
    open_link(one, town.invitation_about(thread.title))
    keyboard, focused = one.page.keyboard, one.page.locator(":focus")

    keyboard.press("Tab")
    expect(focused).to_have_text(one.say("Skip to the content"))
    expect(focused).to_be_in_viewport()
    keyboard.press("Enter")
    press_tab_until(one, "summary", one.say("Accept the invitation"))
    demand_visible_focus(one)
    press_tab_until(one, "input[name=name]")
    keyboard.type(NAME)
    keyboard.press("Tab")
    keyboard.type(POST)
    keyboard.press("Tab")
    expect(focused).to_have_text(one.say("Accept the invitation"))
    demand_visible_focus(one)
    keyboard.press("Enter")
    one.sees(one.say("You have accepted this invitation"))


def press_tab_until(window: Window, selector: str, text: str = "") -> None:
    """Walk on by Tab to what matches; fail after more steps than a page has."""
    goal = window.page.locator(f"{selector}:focus", has_text=text or None)
    for _ in range(60):
        window.page.keyboard.press("Tab")
        if goal.count():
            return
    raise AssertionError(f"Tab never came to {selector} {text}")


def demand_visible_focus(window: Window) -> None:
    """Fail unless what has the focus shows it by an outline or a ring."""
    shown = window.page.locator(":focus").evaluate(
        "e => { const s = getComputedStyle(e);"
        " return (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2) || s.boxShadow !== 'none'; }"
    )
    assert shown, "what has the focus does not show it"


def test_a_mail_scanner_opens_the_link_twenty_times(window: Open, town: Town) -> None:
    thread = submitted(town, new_title())
    link = town.invitation_about(thread.title)
    scanner = window(Look(script=False))
    for _ in range(20):
        assert scanner.context.request.get(link).ok
    one = window()
    one.go(link)
    choose(one, "Accept the invitation")
    one.fill(name=NAME, post=POST)
    one.press("Accept the invitation")
    one.sees(one.say("You have accepted this invitation"))
    scanner.go(link)
    scanner.sees(one.say("You have accepted this invitation"))
