"""The operator finds what was given up, sees what trying again would do, and tries again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.threads import new_title, submitted
from tests.support.browser import Look
from tests.support.fleet import wait_until

if TYPE_CHECKING:
    from tests.browser.conftest import Open
    from tests.browser.town import Town

LOOKS = (Look(1280, "en", "light"), Look(390, "id", "dark", script=False))
REASON = "TimeoutError: the mail's template could not be read"


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_replay_a_parked_reaction(look: Look, window: Open, town: Town) -> None:
    thread = submitted(town, new_title())
    town.park(thread.event_id, "notify", REASON)
    replay = f"/operations/replay?event_id={thread.event_id}&consumer=notify"

    one = window(look, town.cast.admin)
    one.go("/home")
    one.page.locator("header a[href='/operations']").click()
    one.sees(one.say("This needs a hand"))
    one.sees(REASON)
    one.page.locator(f"a[href='{replay}']").click()
    one.sees(one.say("Nothing has been done yet. This is what would be done."))
    one.press("Try again now")
    one.is_at("/operations")
    expect(one.page.locator(f"a[href='{replay}']")).to_have_count(0)

    def is_done() -> bool:
        one.go(f"/events/{thread.event_id}")
        return one.page.locator("main").get_by_text(REASON).count() == 0

    wait_until(is_done, "the receipt tells of the success")


def test_nobody_else_finds_the_desk(window: Open, town: Town) -> None:
    one = window(Look(1280), town.cast.guest_head)
    for path in ("/operations", "/operations/replay?consumer=notify", "/operations/events"):
        response = one.go(path)
        assert response is not None
        assert response.status in (403, 404), path
    expect(one.page.locator("header a[href='/operations']")).to_have_count(0)
