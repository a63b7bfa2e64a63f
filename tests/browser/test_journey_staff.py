"""A member of staff finds the follow-up that is theirs and closes it with one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.threads import concluded, new_title
from tests.support.browser import Look

if TYPE_CHECKING:
    from tests.browser.conftest import Open
    from tests.browser.town import Town

LOOKS = (Look(390, "en", "light"), Look(1280, "id", "dark", script=False))
NOTE = "Kolam siap sejak Senin 🐟 — شكرا جزيلا."


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_close_a_task(look: Look, window: Open, town: Town) -> None:
    thread = concluded(town, new_title())
    owner = town.cast.guest_assets
    (task_id,) = [
        task["id"]
        for task in town.person(owner).every("/tasks")
        if task["collaboration_id"] == thread.collaboration_id
    ]
    one = window(look, owner)
    one.go("/tasks")
    one.page.locator(f"a[href='/tasks/{task_id}']").click()
    one.sees_heading("Menyiapkan dua kolam terpal.")
    one.sees(thread.title)

    one.press("Close the task")
    expect(one.page.locator("#errors")).to_be_visible()
    one.go(f"/tasks/{task_id}")
    one.fill(note=NOTE)
    one.press("Close the task")
    one.is_at(f"/tasks/{task_id}")
    one.sees(one.say("This task is done"))
    one.sees(NOTE)
    # Back leads to the closed task, not to a form that could be sent again.
    one.page.go_back()
    one.sees(one.say("This task is done"))
    one.go("/tasks")
    expect(one.page.locator(f"a[href='/tasks/{task_id}']")).to_have_count(0)

    # The other unit finds it in its inbox and in its record.
    host = window(Look(1280, "id"), town.cast.host_head)
    host.go("/inbox")
    host.sees(thread.title)
    host.go(f"/partners/{town.cast.host.id}/{town.cast.guest.id}")
    host.sees("Menyiapkan dua kolam terpal.")


def test_two_close_the_same_task(window: Open, town: Town) -> None:
    thread = concluded(town, new_title())
    owner, head = town.cast.guest_assets, town.cast.guest_head
    (task_id,) = [
        task["id"]
        for task in town.person(owner).every("/tasks")
        if task["collaboration_id"] == thread.collaboration_id
    ]
    first, second = window(Look(390), owner), window(Look(1280), head)
    for each in (first, second):
        each.go(f"/tasks/{task_id}")
        each.fill(note="Sudah selesai.")
    first.press("Close the task")
    first.sees(first.say("This task is done"))
    second.press("Close the task")
    second.sees(second.say("This task had been closed already, so nothing was changed."))
