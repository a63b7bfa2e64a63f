"""What comes out of a printer: the agenda and its sign-in sheet on A4, without buttons and menus."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.support.browser import ARTEFACTS, Look

if TYPE_CHECKING:
    from tests.browser.conftest import Open
    from tests.browser.town import Town
    from tests.support.browser import Language

A4 = (596, 843)
"""Points, as Chromium rounds them."""


@pytest.mark.parametrize("language", ["id", "en"])
def test_agenda_and_sign_in_sheet_fit_two_pages(language: Language, window: Open, town: Town) -> None:
    one = window(Look(1280, language, "dark"), town.cast.guest_head)
    one.go(f"/visits/{town.furniture.scheduled.visit_id}")
    one.page.emulate_media(media="print")
    for hidden in ("header nav", ".btn:visible", "footer:visible"):
        assert one.page.locator(f"{hidden} >> visible=true").count() == 0, hidden
    content = one.page.pdf(format="A4", print_background=True)
    (ARTEFACTS / "print").mkdir(parents=True, exist_ok=True)
    (ARTEFACTS / "print" / f"visit-{language}.pdf").write_bytes(content)
    assert sizes(content) == [A4, A4]


@pytest.mark.parametrize(
    ("path", "most"), [("/tasks?scope=unit", 2), ("/visits/{concluded}", 3), ("/collaborations/{thread}", 4)]
)
def test_other_pages_print_without_waste(path: str, most: int, window: Open, town: Town) -> None:
    told = town.furniture.concluded
    one = window(Look(), town.cast.guest_head)
    one.go(path.format(concluded=told.visit_id, thread=told.collaboration_id))
    assert 1 <= len(sizes(one.page.pdf(format="A4"))) <= most


def sizes(content: bytes) -> list[tuple[int, int]]:
    """Return the size of each page of a PDF in points."""
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content)
    assert len(re.findall(rb"/Type /Page\b", content)) == len(boxes)
    return [(round(float(width)), round(float(height))) for width, height in boxes]
