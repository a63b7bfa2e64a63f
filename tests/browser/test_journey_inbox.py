"""News reach those they concern while they look: at once, after a broken line, and without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.threads import new_title, submitted
from tests.support.browser import Look

if TYPE_CHECKING:
    from tests.browser.conftest import Open
    from tests.browser.town import Town


@pytest.mark.parametrize("look", [Look(390, "en", "light"), Look(1280, "id", "dark")], ids=str)
def test_news_appear_while_one_looks(look: Look, window: Open, town: Town) -> None:
    inbox, elsewhere = window(look, town.cast.host_head), window(look, town.cast.overseer)
    inbox.go("/inbox")
    elsewhere.go("/collaborations")
    unread = elsewhere.page.locator("#unread [aria-hidden]")
    before = unread.text_content() or ""
    first = submitted(town, new_title())
    inbox.sees(first.title)
    if before != "99+":
        expect(unread).to_have_text(str(int(before or "0") + 1))

    # The line breaks; what happens meanwhile is there as soon as it is back, each once.
    inbox.context.set_offline(True)
    missed = [submitted(town, new_title()) for _ in range(2)]
    inbox.context.set_offline(False)
    last = submitted(town, new_title())
    for thread in (*missed, last):
        expect(inbox.page.locator("main .notice", has_text=thread.title)).to_have_count(1)
    inbox.demand_accessible()

    fresh = inbox.page.locator("main .notice", has_text=last.title)
    fresh.get_by_role("button").click()
    expect(inbox.page.locator("main .notice", has_text=last.title)).to_have_count(0)
    inbox.sees(first.title)


def test_news_without_scripts_come_by_reload(window: Open, town: Town) -> None:
    one = window(Look(390, "id", script=False), town.cast.host_head)
    one.go("/inbox")
    thread = submitted(town, new_title())
    one.page.reload()
    notice = one.page.locator("main .notice", has_text=thread.title)
    expect(notice).to_have_count(1)
    notice.get_by_role("button").click()
    expect(one.page.locator("main .notice", has_text=thread.title)).to_have_count(0)
    one.go("/inbox?show=all")
    one.sees(thread.title)
    one.press("Mark all as read")
    one.go("/inbox")
    one.sees(one.say("Everything is read"))
