"""What goes wrong with a link: sent twice, from a stale page, over a line that breaks in the middle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.test_journey_host import NAME, POST, choose
from tests.browser.threads import new_title, submitted
from tests.support.browser import Look, Window

if TYPE_CHECKING:
    from playwright.sync_api import Route

    from tests.browser.conftest import Open
    from tests.browser.town import Town


def accept(window: Window) -> None:
    """Fill in the form that accepts and send it."""
    choose(window, "Accept the invitation")
    window.fill(name=NAME, post=POST)
    window.press("Accept the invitation")


@pytest.mark.parametrize("script", [True, False])
def test_answer_sent_twice_is_one_answer(window: Open, town: Town, *, script: bool) -> None:
    thread = submitted(town, new_title())
    link = town.invitation_about(thread.title)
    one, other = window(Look(390, script=script)), window(Look(script=script))
    for each in (one, other):
        each.go(link)
    for each in (one, other):
        accept(each)
        each.sees(each.say("You have accepted this invitation"))
        each.sees_not(each.say("Nothing was sent"))
    # Back, too, leads to the answer and not to an empty form.
    one.page.go_back()
    one.sees(one.say("You have accepted this invitation"))


def test_another_answer_after_the_first_is_not_taken(window: Open, town: Town) -> None:
    thread = submitted(town, new_title())
    link = town.invitation_about(thread.title)
    first, second = window(), window(Look(390, "en"))
    second.go(link)
    second.speak()
    first.go(link)
    accept(first)
    first.sees(first.say("You have accepted this invitation"))
    choose(second, "Decline with a reason")
    second.fill(reason="Aula dipakai.", name="Ratna Maheswari", post="Kasi Binadik")
    second.press("Decline with a reason")
    second.sees(second.say("This invitation has been answered before, so your new answer was not taken."))
    second.sees(NAME)


def test_date_changed_while_the_page_was_open(window: Open, town: Town) -> None:
    thread = submitted(town, new_title())
    one = window()
    one.go(town.invitation_about(thread.title))
    town.person(town.cast.guest_head).post(
        f"/visits/{thread.visit_id}/arrangements",
        {"starts_at": "2025-01-15T09:00", "ends_at": "2025-01-15T12:00"},
    )
    accept(one)
    one.sees(
        one.say(
            "The date or agenda has changed while this page was open, so nothing was sent. Please look again."
        )
    )
    one.sees("15 Januari 2025")
    # What was typed is kept: one press is enough.
    one.press("Accept the invitation")
    one.sees(one.say("You have accepted this invitation"))


def test_line_breaks_after_the_answer_went_out(window: Open, town: Town) -> None:
    """The hub has the answer, its reader never saw that, and sends it again."""
    thread = submitted(town, new_title())
    link = town.invitation_about(thread.title)
    one = window()
    one.go(link)

    def lose_the_answer(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch(max_redirects=0)
            route.abort("connectionreset")
        else:
            route.continue_()

    one.page.route("**/invitations/**", lose_the_answer)
    accept(one)
    one.page.wait_for_url("chrome-error://**")
    one.page.unroute("**/invitations/**")
    one.go(link)
    one.sees(one.say("You have accepted this invitation"))


def test_longest_names_and_titles_stay_in_their_place(window: Open, town: Town) -> None:
    for look in (Look(390, "id", "light"), Look(1280, "id", "dark")):
        one = window(look)
        one.go(town.invitation_about(town.furniture.long.title))
        one.sees_heading(town.long_unit.name)
        one.demand_accessible()
        one.shot("invitation-longest")


def test_link_that_was_cut_or_guessed(window: Open, town: Town) -> None:
    link = town.invitation_about(town.furniture.open.title)
    one = window(Look(390))
    for bad in (link[:-5], link[:-1] + ("A" if link[-1] != "A" else "B"), f"{town.base_url}/invitations/x"):
        response = one.go(bad)
        assert response is not None
        assert response.status == 404
        one.sees_not("Purwokerto")
        one.demand_accessible()
