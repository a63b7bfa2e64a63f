"""Every page in every state: light on the line, readable by everybody (axe), never too wide, and pictured.

A page has eight looks: two widths, two languages, two colour schemes. Each is looked at in two that have
nothing in common, every second page in another two; the other language comes by the press of its button.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hub.factory import create_app
from tests.browser.scale import Scale
from tests.browser.screens import SCREENS
from tests.support.browser import Look

if TYPE_CHECKING:
    from tests.browser.conftest import Open
    from tests.browser.screens import Screen
    from tests.browser.threads import Furniture
    from tests.browser.town import Town
    from tests.support.browser import Window

LOOKS: tuple[tuple[Look, Look], ...] = (
    (Look(1280, "id", "light"), Look(390, "en", "dark")),
    (Look(390, "id", "dark"), Look(1280, "en", "light")),
)
NOWHERE = "/there-is-no-such-page"
NO_PAGES = ("/api/", "/static/", "/healthz", "/metrics")
OPENED_ELSEWHERE = {
    "account_pages.show_new_password",
    "account_pages.show_code",
    "passkey_pages.show_passkey",
    "receipt_pages.show_progress",
    "inbox_pages.stream_inbox",
    "privacy_pages.download_own",
    "import_pages.download_not_taken",
    "import_pages.export_facilities",
    "provider_pages.begin_sign_in",
    "provider_pages.begin_link",
    "provider_pages.come_back",
    "provider_pages.show_link",
    "provider_pages.show_confirmation",
    "provider_pages.show_unlinking",
}
"""Looked at elsewhere: behind a link of one use, made by its journey first, asked for by scripts, a file, or
only where there is an identity provider (tests/oidc)."""
FIRST_BYTES = 80_000
NEXT_BYTES = 15_000
FIRST_REQUESTS = 12
NEXT_REQUESTS = 3
"""The page itself, and what a script asks for live."""


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_screen(screen: Screen, window: Open, town: Town, furniture: Furniture) -> None:
    first, second = LOOKS[SCREENS.index(screen) % 2]
    member = town.member(screen.who)
    one = window(first, member)
    path, status = screen.where(town, furniture), 404 if screen.name == "nothing-here" else 200
    demand_light(one, path, status)
    for look in (first, second):
        one.wear(look)
        one.speak()
        if member:
            town.note_language(member, look.language)
        if screen.act:
            screen.act(one)
        one.shot(screen.name)
        one.demand_accessible()


def demand_light(window: Window, path: str, status: int) -> None:
    """Open a page twice and fail if it is heavier than a slow line bears."""
    scale = Scale(window)
    response, first = scale.weigh(path)
    assert response is not None
    assert response.status == status
    _, following = scale.weigh(path)
    scale.close()
    assert first.bytes <= FIRST_BYTES, first
    assert first.requests <= FIRST_REQUESTS, first
    assert following.bytes <= NEXT_BYTES, following
    assert following.requests <= NEXT_REQUESTS, following


def test_every_page_is_looked_at(town: Town, furniture: Furniture) -> None:
    app = create_app(town.settings)
    roads = app.url_map.bind(f"localhost:{town.base_url.rpartition(':')[2]}")
    paths = [screen.where(town, furniture).removeprefix(town.base_url) for screen in SCREENS]
    seen = {roads.match(path.partition("?")[0])[0] for path in paths if path != NOWHERE}
    pages = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.rule.startswith(NO_PAGES)
    }
    assert pages - seen - OPENED_ELSEWHERE == set()
