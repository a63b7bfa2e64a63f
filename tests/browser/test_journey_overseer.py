"""The regional office looks on: both sides of a collaboration, what is late, and nothing to press."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.threads import SEEN
from tests.support.browser import Look

if TYPE_CHECKING:
    from tests.browser.conftest import Open
    from tests.browser.town import Town

LOOKS = (Look(1280, "id", "light"), Look(390, "en", "dark", script=False))


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_overseer_watches(look: Look, window: Open, town: Town) -> None:
    cast, told = town.cast, town.furniture
    one = window(look, cast.overseer)
    one.go("/home")
    # Late since Friday, so it stands on the first page, and from there it goes to both sides of the visit.
    one.page.locator(f"a[href='/tasks/{told.late_task}']").click()
    one.sees(told.concluded.title)
    one.link("See the visit and its outcome").click()
    one.sees(cast.guest.name)
    one.sees(cast.host.name)
    one.link("See the outcome").click()
    expect(one.page.locator("#outcome")).to_be_in_viewport()
    one.sees(SEEN)
    one.go("/collaborations")
    one.sees(cast.guest.name)
    for page in (f"/visits/{told.held.visit_id}", f"/tasks/{told.late_task}"):
        one.go(page)
        expect(one.page.locator("main form[method=post] button.btn-primary")).to_have_count(0)
    one.go(f"/partners/{cast.guest.id}/{cast.host.id}")
    one.sees(cast.host.name)
    # A draft is nobody's but the unit's that writes it.
    response = one.go(f"/collaborations/{told.draft.collaboration_id}")
    assert response is not None
    assert response.status == 404


def test_stranger_finds_nothing_by_any_door(window: Open, town: Town) -> None:
    told = town.furniture
    one = window(Look(1280, "en"), town.cast.stranger)
    for path in ("/collaborations", "/tasks", "/inbox", "/partners", "/home"):
        one.go(path)
        one.sees_not("Purwokerto")
    for path in (
        f"/collaborations/{told.concluded.collaboration_id}",
        f"/visits/{told.concluded.visit_id}",
        f"/visits/{told.held.visit_id}/outcome",
        f"/events/{told.concluded.event_id}",
        f"/tasks/{told.open_task}",
        f"/partners/{town.cast.guest.id}/{town.cast.host.id}",
        f"/proposals/{told.draft.proposal_id}/edit",
    ):
        response = one.go(path)
        assert response is not None
        assert response.status == 404, path
        one.sees_not("Purwokerto")
