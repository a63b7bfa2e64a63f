"""Link and sign in by a true provider, with a browser's own redirects and cookies between two origins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import urllib3
from playwright.sync_api import expect

from tests.oidc.conftest import NAME
from tests.support.browser import Look, open_window
from tests.support.cast import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Route

    from tests.oidc.conftest import Meeting
    from tests.support.browser import Window


@pytest.fixture(params=[Look(390), Look(1280, script=False)], ids=str)
def one(request: pytest.FixtureRequest, browser: Browser, meeting: Meeting) -> Iterator[Window]:
    """Yield a window that reaches the hub and the provider, and nothing else."""

    def stay_here(route: Route) -> None:
        if route.request.url.startswith((meeting.base_url, meeting.issuer)):
            route.continue_()
        else:
            route.abort()

    window = open_window(browser, meeting.base_url, request.param)
    window.context.route("**/*", stay_here)
    yield window
    window.context.close()
    # Going to the provider is what this is about; of the hub's own pages nothing may be wrong.
    faults = [fault for fault in window.faults if f"on {meeting.base_url}" in fault or " 5" in fault[:4]]
    assert not faults, faults


def sign_in_there(one: Window, meeting: Meeting, login: str) -> None:
    """Sign in on the provider's own pages, and consent."""
    page = one.page
    expect(page.locator("input[name=login]")).to_be_visible()
    assert page.url.startswith(meeting.issuer)
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", "any")
    page.locator("button[type=submit]").click()
    page.locator("button[type=submit]", has_text="Continue").click()


def sign_in_by_password(one: Window, email: str) -> None:
    """Sign in as before there was a provider."""
    one.go("/sign-in")
    one.speak()
    one.fill(email=email, password=PASSWORD)
    one.press("Sign in")
    one.is_at("/home")


def leave(one: Window) -> None:
    """Sign out of the hub, and of the provider as well."""
    one.page.locator("header form[action='/sign-out'] button").click()
    one.is_at("/")
    one.context.clear_cookies()


def test_link_sign_in_keep_on_after_new_keys_and_unlink(one: Window, meeting: Meeting) -> None:
    login = f"pegawai-{one.look.width}"
    sign_in_by_password(one, meeting.cast.guest_head.email)
    one.go("/me")
    one.link("Sign in with %(name)s", name=NAME).click()
    one.link("Link my account at %(name)s", name=NAME).click()
    sign_in_there(one, meeting, login)
    one.is_at("/me/provider/confirm")
    one.sees(f"{login}@sso.example.id")
    if one.look.script:
        one.demand_accessible()
        one.shot("provider-confirm")
    one.press("Link it")
    one.is_at("/me/provider")
    one.sees(one.say("linked"))
    if one.look.script:
        one.demand_accessible()
        one.shot("provider-linked")
    leave(one)

    one.go("/sign-in?next=/tasks")
    if one.look.script:
        one.demand_accessible()
        one.shot("sign-in-provider")
    one.link("Sign in with %(name)s", name=NAME).click()
    sign_in_there(one, meeting, login)
    one.is_at("/tasks")
    leave(one)

    # Its keys are new: the hub asks for them, and goes on.
    assert urllib3.request("POST", f"{meeting.issuer}/rotate", timeout=10).status == 204
    one.go("/sign-in")
    one.link("Sign in with %(name)s", name=NAME).click()
    sign_in_there(one, meeting, login)
    one.is_at("/home")

    one.go("/me/provider")
    one.link("Unlink the account").click()
    one.is_at("/me/provider/unlink")
    if one.look.script:
        one.demand_accessible()
    one.press("Unlink the account")
    one.is_at("/me/provider")
    one.sees(one.say("not linked"))
    leave(one)

    one.go("/sign-in")
    one.link("Sign in with %(name)s", name=NAME).click()
    sign_in_there(one, meeting, login)
    one.is_at("/sign-in")
    expect(one.page.locator("body")).to_contain_text("belum ditautkan")


def test_who_turns_back_at_the_provider_can_use_the_password(one: Window, meeting: Meeting) -> None:
    one.go("/sign-in")
    one.speak()
    one.link("Sign in with %(name)s", name=NAME).click()
    one.page.get_by_text("Cancel").click()
    one.is_at("/sign-in")
    expect(one.page.locator("body")).to_contain_text("tidak menjamin Anda")
    sign_in_by_password(one, meeting.cast.host_head.email)
