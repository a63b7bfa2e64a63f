"""Both units write down what a visit brought: rows come and go, a draft is kept, a receipt fills up."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.threads import held, new_title
from tests.support.browser import Look

if TYPE_CHECKING:
    from tests.browser.conftest import Open
    from tests.browser.town import Town
    from tests.support.browser import Window

FIRST = "themes-0-commitments-0"
SECOND = "themes-0-commitments-1"
LOOKS = (Look(1280, "id", "light"), Look(390, "en", "dark", script=False))


def write_theme(one: Window, town: Town) -> None:
    """Fill in the first theme with one promise of the guest, and take the second theme away."""
    one.page.locator("button[name=_remove][value=themes-1]").click()
    expect(one.page.locator("#themes-1")).to_have_count(0)
    expect(one.field("themes-1-seen")).to_have_count(0)
    one.fill(**{"themes-0-seen": "Kelompok pemulihan.", "themes-0-will_try": "Satu kelompok 🙏 percobaan."})
    one.fill(**{f"{FIRST}-text": "Membentuk kelompok", f"{FIRST}-working_days": "3"})
    one.field(f"{FIRST}-owner_post_id").select_option(str(town.cast.guest_service.post_id))


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_write_an_outcome_by_rows_and_follow_its_receipt(look: Look, window: Open, town: Town) -> None:
    thread = held(town, new_title())
    one = window(look, town.cast.guest_head)
    one.go(f"/visits/{thread.visit_id}/outcome")
    write_theme(one, town)
    due = one.page.locator(f"[data-due={FIRST}]")
    if look.script:
        expect(due).to_contain_text(re.compile(r"\d{4}\."))

    one.button("Add a commitment").click()
    expect(one.field(f"{SECOND}-text")).to_be_visible()
    expect(one.field(f"{FIRST}-text")).to_have_value("Membentuk kelompok")
    if look.script:
        expect(one.field(f"{SECOND}-text")).to_be_focused()
    one.press("Save and go on to publishing")
    # A promise that nobody wrote is none.
    one.is_at(f"/visits/{thread.visit_id}/outcome/publish")
    one.sees("Membentuk kelompok")
    one.link("Change the draft").click()
    expect(one.field("themes-0-will_try")).to_have_value("Satu kelompok 🙏 percobaan.")
    one.go(f"/visits/{thread.visit_id}/outcome/publish")

    one.press("Publish the outcome")
    one.is_at(re.compile(r"/events/[0-9a-f-]{36}"))
    done = one.page.locator("main .note-title", has_text=one.say("Everything is done"))
    if not look.script:
        town.settle(one.page.url.rpartition("/")[2])
        one.page.reload()
    expect(done).to_be_visible()
    expect(one.page.locator("#receipt .task")).to_have_count(1)
    one.page.reload()
    expect(done).to_be_visible()


@pytest.mark.parametrize("look", [Look(390, "id", "light")], ids=str)
def test_two_write_at_once(look: Look, window: Open, town: Town) -> None:
    thread = held(town, new_title())
    first, second = window(look, town.cast.guest_service), window(look, town.cast.host_training)
    for each in (first, second):
        each.go(f"/visits/{thread.visit_id}/outcome")
        write_theme(each, town)
    first.press("Save the draft")
    first.sees(first.say("The draft is kept. Nobody is told before it is published."))
    second.fill(**{"themes-0-seen": "Yang kami lihat lain."})
    second.press("Save the draft")
    second.sees(second.say("Somebody was faster"))
    expect(second.field("themes-0-seen")).to_have_value("Yang kami lihat lain.")
    expect(second.page.locator("#themes-0-seen-now")).to_contain_text("Kelompok pemulihan.")
    second.demand_accessible()
    second.press("Save the draft")
    second.sees(second.say("The draft is kept. Nobody is told before it is published."))
