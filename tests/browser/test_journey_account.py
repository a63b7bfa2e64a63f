"""Signing in and out, a forgotten password, the other language: what everybody does now and then."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.support.browser import Look
from tests.support.cast import PASSWORD, add_member
from tests.support.fleet import wait_until
from tests.support.phone import Phone

if TYPE_CHECKING:
    from tests.browser.conftest import Open
    from tests.browser.town import Town

NEW_PASSWORD = "sungai-jernih-di-kaki-bukit"
LINK = re.compile(r"https?://\S+/password/new/\S+")
LOOKS = (Look(390, "en", "dark"), Look(1280, "id", "light", script=False))
FORGETFUL = {390: "Laksmi Wijayanti", 1280: "Teguh Santosa"}


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_forgotten_password(look: Look, window: Open, town: Town) -> None:
    # Nobody of the cast: the others sign in with the password that is forgotten here.
    with town.owner.transaction() as session:
        name = FORGETFUL[look.width]
        member = add_member(session, name, town.cast.elsewhere, f"Penelaah {name}", "section")
    known = len(town.letters_to(member.email))
    one = window(look)
    one.go("/sign-in")
    one.speak()
    one.fill(email=member.email, password="bukan-kata-sandi-saya")
    one.press("Sign in")
    one.sees(one.say("The e-mail address or the password is wrong."))
    expect(one.field("email")).to_have_value(member.email)
    one.link("I have forgotten my password").click()
    one.fill(email=member.email)
    one.press("Send me the link")
    one.sees_heading(one.say("Look into your mailbox"))

    wait_until(lambda: len(town.letters_to(member.email)) > known, "the link comes by mail")
    link = LINK.search(town.letters_to(member.email)[-1].text)
    assert link is not None
    one.go(link[0])
    one.fill(password="pendek")
    one.press("Set the password")
    expect(one.page.locator("#errors")).to_be_visible()
    if look.script:
        one.shot("password-new-errors")
        one.demand_accessible()
    one.fill(password=NEW_PASSWORD)
    one.press("Set the password")
    one.is_at("/sign-in")
    one.fill(email=member.email, password=NEW_PASSWORD)
    one.press("Sign in")
    one.is_at("/home")
    # The link has had its one use.
    other = window(look)
    other.go(link[0])
    other.speak()
    other.sees_heading(other.say("This link has ended"))

    one.page.locator("header form[action='/sign-out'] button").click()
    one.is_at("/")
    one.go("/tasks")
    one.is_at("/sign-in")


@pytest.mark.parametrize("script", [True, False])
def test_other_language_by_one_press(window: Open, town: Town, *, script: bool) -> None:
    one = window(Look(390, script=script), town.cast.host_training)
    one.go("/tasks?scope=unit")
    html = one.page.locator("html")
    one.page.get_by_role("button", name="English").click()
    expect(html).to_have_attribute("lang", "en")
    one.is_at("/tasks")
    expect(one.page).to_have_url(re.compile("scope=unit"))
    one.page.get_by_role("button", name="Bahasa Indonesia").click()
    expect(html).to_have_attribute("lang", "id")


def test_sign_in_leads_on_to_the_page_that_was_asked_for(window: Open, town: Town) -> None:
    one = window(Look(390))
    path = f"/tasks/{town.furniture.open_task}"
    one.go(path)
    one.is_at("/sign-in")
    one.fill(email=town.cast.host_work.email, password=PASSWORD)
    one.press("Sign in")
    one.is_at(path)


@pytest.mark.parametrize("look", [Look(390, "id", "light", script=False), Look(1280, "en", "dark")], ids=str)
def test_second_factor(look: Look, window: Open, town: Town) -> None:
    member = town.cast.host_training
    one = window(look, member)
    one.go("/me/second-factor")
    one.speak()
    phone = Phone(one.page.locator("code.key").inner_text())
    one.fill(code=phone.code())
    one.press("Set it up")
    one.sees_heading(one.say("Recovery codes"))
    codes = one.page.locator(".codes code").all_inner_texts()
    assert len(set(codes)) == 10
    if look.script:
        one.shot("recovery-codes")
        one.demand_accessible()

    other = window(look)
    other.go("/tasks")
    other.fill(email=member.email, password=PASSWORD)
    other.press("Sign in")
    other.sees_heading(other.say("Second factor"))
    if look.script:
        other.shot("sign-in-code")
        other.demand_accessible()
    other.fill(code="000000")
    other.press("Sign in")
    other.sees(other.say("This code is wrong, has been used, or is out of date. Wait for the next one."))
    other.fill(code=phone.code())
    other.press("Sign in")
    other.is_at("/tasks")

    other.go("/me/second-factor")
    other.press("Remove the app")
    other.is_at("/me")
