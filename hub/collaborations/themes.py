"""The kinds and themes of cooperation, for those above: hub.facilities has the list."""

from __future__ import annotations

from hub.facilities.themes import KIND_NAMES, NAMES, THEMES, kind_name, known_theme_name, theme_name

__all__ = ["KIND_NAMES", "NAMES", "THEMES", "kind_name", "known_theme_name", "theme_name"]
