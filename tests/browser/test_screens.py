"""Every page in every state: light on the line, readable by everybody (axe), never too wide, and pictured.

A page has eight looks: two widths, two languages, two colour schemes. Each page is looked at closely in
two that have nothing in common, every second page in the other two; its width is tried in all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.scale import Scale
from tests.browser.screens import SCREENS
from tests.support.browser import Language, Look

if TYPE_CHECKING:
    from tests.browser.conftest import Open
    from tests.browser.screens import Screen
    from tests.browser.threads import Furniture
    from tests.browser.town import Town
    from tests.support.browser import Window

LOOKS: tuple[dict[Language, Look], dict[Language, Look]] = (
    {"id": Look(1280, "id", "light"), "en": Look(390, "en", "dark")},
    {"id": Look(390, "id", "dark"), "en": Look(1280, "en", "light")},
)
OTHER_WIDTH = {390: 1280, 1280: 390}
FIRST_BYTES = 80_000
NEXT_BYTES = 15_000
FIRST_REQUESTS = 12
NEXT_REQUESTS = 3
"""The page itself, and what a script asks for live."""


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_screen(screen: Screen, language: Language, window: Open, town: Town, furniture: Furniture) -> None:
    look = LOOKS[SCREENS.index(screen) % 2][language]
    one = window(look, town.member(screen.who))
    path, status = screen.where(town, furniture), 404 if screen.name == "nothing-here" else 200
    if language == "id" and not screen.act:
        demand_light(one, path, status)
    else:
        response = one.go(path)
        assert response is not None
        assert response.status == status
    one.speak()
    if screen.act:
        screen.act(one)
    one.shot(screen.name)
    one.demand_accessible()
    one.wear(Look(OTHER_WIDTH[look.width], language, look.scheme))
    one.demand_narrow()


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
