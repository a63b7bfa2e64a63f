"""Every page in every state: readable by everybody (axe), never too wide, and kept as pictures.

Each page is looked at in both languages, at both widths and in both colour schemes; two of the eight
combinations per language are enough to meet every pair of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.screens import SCREENS
from tests.support.browser import Language, Look

if TYPE_CHECKING:
    from tests.browser.conftest import Open
    from tests.browser.screens import Screen
    from tests.browser.threads import Furniture
    from tests.browser.town import Town

LOOKS: dict[Language, tuple[Look, Look]] = {
    "id": (Look(1280, "id", "light"), Look(390, "id", "dark")),
    "en": (Look(390, "en", "light"), Look(1280, "en", "dark")),
}


@pytest.mark.parametrize("language", LOOKS)
@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_screen(screen: Screen, language: Language, window: Open, town: Town, furniture: Furniture) -> None:
    first, second = LOOKS[language]
    one = window(first, town.member(screen.who))
    response = one.go(screen.where(town, furniture))
    assert response is not None
    assert response.status == (404 if screen.name == "nothing-here" else 200)
    one.speak()
    if screen.act:
        screen.act(one)
    for look in (first, second):
        one.wear(look)
        one.shot(screen.name)
        one.demand_accessible()
