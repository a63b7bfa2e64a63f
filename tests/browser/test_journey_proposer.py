"""The head of the guest unit proposes a visit, and later publishes what it brought."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.test_journey_host import NAME, POST, choose, open_link
from tests.browser.threads import held, new_title, write_outcome
from tests.support.browser import Look, Window
from tests.support.cast import PASSWORD

if TYPE_CHECKING:
    from tests.browser.conftest import Open
    from tests.browser.town import Town
    from tests.support.cast import Member

LOOKS = (Look(390, "id", "light"), Look(1280, "en", "dark", script=False))


def sign_in(window: Window, member: Member) -> None:
    """Sign in as people do, from the first page."""
    window.go("/")
    window.speak()
    window.link("Sign in").first.click()
    window.fill(email=member.email, password=PASSWORD)
    window.press("Sign in")
    window.is_at("/home")


def find_host(window: Window) -> None:
    """Search for the host on the form and choose it."""
    window.fill(host_name="purwokerto")
    window.press("Search for the unit")
    window.page.get_by_role("radio", name="Lapas Kelas IIA Purwokerto").check()


def fill_in(window: Window, title: str) -> None:
    """Write what a proposal needs beyond the usual answers that stand there already."""
    window.fill(title=title)
    window.page.get_by_role("checkbox", name=THEME[window.look.language], exact=True).check()
    window.fill(
        urgency="Program serupa perlu diperkuat tahun ini.",
        subject="Program rehabilitasi.",
        starts_at="2025-01-09T09:00",
        ends_at="2025-01-09T12:00",
        place="Aula",
    )


THEME = {"id": "Rehabilitasi", "en": "Rehabilitation"}


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_propose_and_see_it_accepted(look: Look, window: Open, town: Town) -> None:
    title, cast = new_title(), town.cast
    town.speak(cast.guest_head, look.language)
    one = window(look)
    sign_in(one, cast.guest_head)
    one.go("/proposals/new")
    find_host(one)
    one.press("Keep and go on to sending")
    # Something is missing: the summary leads to it, and what was chosen is kept.
    summary = one.page.locator("#errors")
    expect(summary).to_be_focused()
    summary.get_by_role("link").first.click()
    expect(one.page.locator(":focus")).to_have_attribute("aria-invalid", "true")
    one.sees(cast.host.name)
    fill_in(one, title)
    one.press("Keep and go on to sending")

    one.sees(cast.host.mailbox or "")
    one.sees(title)
    one.press("Send the proposal now")
    one.sees_heading(title)

    # The host answers by the link in its mail, and the proposer sees the date stand.
    host = window(Look(390, "id"))
    open_link(host, town.invitation_about(title))
    choose(host, "Accept the invitation")
    host.fill(name=NAME, post=POST)
    host.press("Accept the invitation")
    host.sees(host.say("You have accepted this invitation"))
    one.page.reload()
    one.sees(NAME)
    one.go("/collaborations")
    one.page.get_by_role("link", name=title).first.click()
    one.sees_heading(title)


@pytest.mark.parametrize("look", [Look(1280, "id", "dark"), Look(390, "en", "light", script=False)], ids=str)
def test_write_the_outcome_and_publish_it(look: Look, window: Open, town: Town) -> None:
    cast = town.cast
    thread = held(town, new_title())
    write_outcome(town, thread)
    one = window(look, cast.guest_head)
    one.go(f"/visits/{thread.visit_id}/outcome/publish")
    # Before: whom it tells, which tasks open.
    for seen in (cast.host_work.title, cast.guest_assets.title, "Menyiapkan dua kolam terpal."):
        one.sees(seen)
    one.page.locator("main form button.btn-primary").click()
    # After: the receipt counts what was done.
    one.is_at(EVENT)
    if not look.script:
        town.settle(one.page.url.rpartition("/")[2])
        one.page.reload()
    expect(one.page.locator("main")).to_contain_text(cast.host_work.title)
    one.page.go_back()
    expect(one.page.locator("main form button.btn-primary")).to_have_count(0)


EVENT = re.compile(r"/events/[0-9a-f-]{36}")
