"""A passkey in a real browser: made, used alone and after the password, removed (Chromium's own device)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.support.browser import Look
from tests.support.cast import PASSWORD, add_member

if TYPE_CHECKING:
    from tests.browser.conftest import Open
    from tests.browser.town import Town
    from tests.support.browser import Window

PHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
"""A phone that knows its owner's finger and answers at once (CDP, domain WebAuthn)."""


def give_phone(window: Window) -> None:
    """Let the window's device keep passkeys."""
    devtools = window.context.new_cdp_session(window.page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": PHONE})


def sign_out(window: Window) -> None:
    window.page.locator("header form[action='/sign-out'] button").click()
    window.is_at("/")


def test_passkey(window: Open, town: Town) -> None:
    # Nobody of the cast: who signs out here takes the sign-in of every other window of theirs along.
    with town.owner.transaction() as session:
        member = add_member(session, "Ratna Kusuma", town.cast.elsewhere, "Kasubsi Keamanan", "section")
    one = window(Look(390, "en"), member)
    give_phone(one)
    one.go("/me/second-factor")
    one.speak()
    one.link("Add a passkey").click()
    one.is_at("/me/passkeys/new")
    one.shot("passkey-new")
    one.demand_accessible()
    one.fill(name="Telepon dinas")
    one.press("Make the passkey")
    one.sees_heading(one.say("Recovery codes"))
    one.link("I have kept them").click()
    one.go("/me/second-factor")
    one.sees("Telepon dinas")
    one.shot("passkeys")
    one.demand_accessible()
    # The same device makes no second one.
    one.link("Add a passkey").click()
    one.fill(name="Lagi")
    one.press("Make the passkey")
    one.sees(one.say("This device holds a passkey for you already."))
    sign_out(one)

    one.go("/tasks")
    one.press("Sign in with a passkey")
    one.is_at("/tasks")
    sign_out(one)

    one.go("/sign-in")
    one.fill(email=member.email, password=PASSWORD)
    one.press("Sign in")
    one.sees_heading(one.say("Second factor"))
    one.shot("sign-in-passkey")
    one.demand_accessible()
    one.press("Use a passkey")
    one.is_at("/home")

    one.go("/me/second-factor")
    one.page.get_by_role("link", name=one.say("Rename or remove")).click()
    one.shot("passkey")
    one.demand_accessible()
    one.press("Remove the passkey")
    one.is_at("/me/second-factor")
    one.sees_not("Telepon dinas")
    sign_out(one)

    # The device still offers its half; the hub does not take it.
    one.go("/sign-in")
    one.press("Sign in with a passkey")
    one.sees(one.say("The passkey was not accepted. Try again, or sign in with your password."))


@pytest.mark.parametrize("look", [Look(1280, "id", script=False)], ids=str)
def test_without_scripts_the_page_says_what_else_there_is(look: Look, window: Open, town: Town) -> None:
    stranger = window(look)
    stranger.go("/sign-in")
    said = "Passkeys need a browser that knows them, with scripts on. Your password works without."
    stranger.sees(stranger.say(said))
    expect(stranger.page.get_by_role("button", name=stranger.say("Sign in with a passkey"))).to_be_hidden()
    one = window(look, town.cast.guest_staff)
    one.go("/me/passkeys/new")
    said = (
        "This browser cannot make passkeys here: it does not know them, or its scripts are off."
        " An app for codes does as well."
    )
    one.sees(one.say(said))
