"""What goes wrong while somebody writes: twice, stale, with a lost session or another page's token."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.test_journey_proposer import fill_in, find_host
from tests.browser.threads import draft, new_title
from tests.support.browser import Look
from tests.support.cast import PASSWORD

if TYPE_CHECKING:
    from tests.browser.conftest import Open
    from tests.browser.town import Town

EDIT = re.compile(r"/proposals/\d+/(edit|submit)")


@pytest.mark.parametrize("look", [Look(390, "en", "dark"), Look(1280, "id", script=False)], ids=str)
def test_what_was_typed_survives_a_lost_session(look: Look, window: Open, town: Town) -> None:
    title, head = new_title(), town.cast.guest_head
    one = window(look, head)
    one.go("/proposals/new")
    find_host(one)
    fill_in(one, title)
    one.context.clear_cookies(name="__Host-hub")
    one.press("Keep as a draft")
    one.sees(one.say("Your sign-in has ended"))
    one.fill(email=head.email, password="salah-sekali-ini")
    one.press("Sign in")
    one.sees(one.say("You are not signed in"))
    one.fill(password=PASSWORD)
    one.press("Sign in")
    one.sees(one.say("You are signed in again"))
    one.press("Send it now")
    one.sees_heading(title)


def test_form_with_another_sign_ins_token(window: Open, town: Town) -> None:
    title = new_title()
    one = window(Look(390), town.cast.guest_head)
    one.go("/proposals/new")
    find_host(one)
    fill_in(one, title)
    one.page.locator("main form [name=_csrf]").evaluate_all("all => all.forEach(e => { e.value = 'x' })")
    one.press("Keep as a draft")
    # Nothing is lost: the same page offers to send it after all.
    one.press("Send it now")
    one.sees_heading(title)


def test_two_people_edit_one_proposal(window: Open, town: Town) -> None:
    thread = draft(town, new_title("Usulan bersama"))
    path = f"/proposals/{thread.proposal_id}/edit"
    first, second = window(Look(1280), town.cast.guest_head), window(Look(390), town.cast.guest_service)
    for each in (first, second):
        each.go(path)
    first.fill(place="Aula utama", head_count="6")
    first.press("Keep as a draft")
    first.is_at(f"/collaborations/{thread.collaboration_id}")
    second.fill(place="Bengkel kerja")
    second.press("Keep as a draft")
    second.sees(second.say("Somebody was faster"))
    second.sees("Aula utama")
    expect(second.field("place")).to_have_value("Bengkel kerja")
    second.demand_accessible()
    second.press("Keep as a draft")
    second.is_at(f"/collaborations/{thread.collaboration_id}")
    first.go(path)
    expect(first.field("place")).to_have_value("Bengkel kerja")


@pytest.mark.parametrize("script", [True, False])
def test_double_press_makes_one_draft(window: Open, town: Town, *, script: bool) -> None:
    title, head = new_title("Tekan dua kali"), town.cast.guest_head
    one = window(Look(1280, script=script), head)
    one.go("/proposals/new")
    find_host(one)
    fill_in(one, title)
    one.button("Keep as a draft").dblclick()
    one.sees_heading(title)
    one.go("/collaborations")
    expect(one.page.get_by_role("link", name=title, exact=True)).to_have_count(1)
