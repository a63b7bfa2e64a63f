"""The head of a unit brings the list of their people, looks, confirms, follows it, and takes it all back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.importing import people_file
from tests.support.browser import Look

if TYPE_CHECKING:
    from tests.browser.conftest import Open
    from tests.browser.town import Town
    from tests.support.browser import Window

LOOKS = (Look(390, "en", "light", script=False), Look(1280, "id", "dark"))


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_import_people_and_undo(look: Look, window: Open, town: Town) -> None:
    mark = f"j{look.width}"
    one = window(look, town.cast.guest_head)
    content = people_file(town, mark).replace(town.cast.host.name.encode(), town.cast.guest.name.encode())
    one.go("/imports")
    one.page.locator("a[href='/imports/new?kind=people']").click()
    one.press("Read the file")
    expect(one.page.locator("#file-error")).to_be_visible()
    one.page.locator("#file").set_input_files(
        {"name": "Pegawai & staf.csv", "mimeType": "text/csv", "buffer": content}
    )
    one.press("Read the file")
    # The page that says how far the work is renews itself.
    one.sees_heading(one.say("What the columns mean"))
    expect(one.page.locator("#email")).to_have_value("1")
    judge(one)
    one.press("Show the preview")
    one.sees(one.say("Nothing has been written yet"))
    one.sees("Ratna Kusumawardhani")
    judge(one)
    one.page.get_by_role("link", name=one.say("Refused")).click()
    one.sees("=1+1")
    with one.page.expect_download() as download:
        one.page.locator("a[href$='not-taken.csv']").click()
    assert "'=1+1" in download.value.path().read_text(encoding="utf-8-sig")
    one.link("Go on to confirm").click()
    one.press("Import")
    one.sees(one.say("Tick the box if you are sure."))
    one.page.locator("#sure").check()
    one.press("Import")
    one.sees(one.say("Imported"))
    one.link("Undo the import").click()
    one.page.locator("#sure").check()
    one.press("Undo the import")
    one.sees(one.say("Taken back"))
    one.sees(one.say("Undone"))
    judge(one)


def judge(one: Window) -> None:
    """Let axe look at the page, where scripts run."""
    if one.look.script:
        one.demand_accessible()
