"""The pages that show the design system are the ones the macros draw today."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.cli.components import PAGES, components_page
from hub.cli.document import application
from hub.web.assets import BOOTSTRAP, bootstrap_path

DESIGN = Path(__file__).resolve().parents[2] / "docs" / "design"


@pytest.mark.parametrize("name", PAGES)
def test_pages_of_the_parts_are_fresh(name: str) -> None:
    kept = (DESIGN / name).read_text(encoding="utf-8")
    assert kept == components_page(application(), PAGES[name]), "run: make docs"


def test_bootstrap_beside_them_is_the_one_installed() -> None:
    assert (DESIGN / BOOTSTRAP).read_bytes() == bootstrap_path().read_bytes(), "run: make docs"


@pytest.mark.parametrize("locale", ["id", "en"])
def test_pages_keep_the_content_policy(locale: str) -> None:
    html = components_page(application(), "wrong", locale)
    for forbidden in (' style="', "<style", "<script", ' onclick="', "http://", "https://"):
        assert forbidden not in html
