"""Render templates for pages, mails and documents alike, without a web framework.

A capability keeps its templates in ``hub/<capability>/templates/<capability>/`` and they are named by that
folder: ``visits/answer.html`` is ``hub/visits/templates/visits/answer.html``. HTML is escaped, ``.txt`` is
not; a name that has no value is an error, never an empty string.
"""

from __future__ import annotations

from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import (
    BaseLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    pass_eval_context,
    select_autoescape,
)
from markupsafe import Markup

from hub.texts import formats
from hub.texts.catalogue import translations

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jinja2.nodes import EvalContext

HUB = Path(__file__).parent.parent

FILTERS: Mapping[str, Callable[..., str]] = {
    "day": formats.format_day,
    "short_day": formats.format_short_day,
    "days_away": formats.format_days_away,
    "moment": formats.format_moment,
    "clock": formats.format_time,
    "ago": formats.format_ago,
    "number": formats.format_number,
    "percent": formats.format_percent,
    "listed": formats.format_list,
    "working_days": formats.format_working_days,
}
"""Filters by name; each is called with the template's language: ``{{ starts_at|moment(zone) }}``."""

RANGES: Mapping[str, Callable[..., str]] = {
    "day_range": formats.format_day_range,
    "time_range": formats.format_time_range,
    "moment_range": formats.format_moment_range,
}
"""Functions by name, for what has two ends: ``{{ moment_range(starts_at, ends_at, zone) }}``."""

MOST_KEPT = 4000
"""Sentences kept ready for templates, more than they have."""


def capability_loader(hub: Path = HUB) -> BaseLoader:
    """Return a loader whose first path part is the capability."""
    folders = sorted(hub.glob("*/templates"))
    return PrefixLoader({f.parent.name: FileSystemLoader(f / f.parent.name) for f in folders})


def make_environment(
    locale: str, *, loader: BaseLoader | None = None, extra_globals: Mapping[str, object] | None = None
) -> Environment:
    """Build an environment that speaks one language. Raises UnknownLocaleError.

    The web adds its own names (such as a function that makes addresses) as ``extra_globals``.
    """
    environment = Environment(
        loader=loader or capability_loader(),
        autoescape=select_autoescape(
            enabled_extensions=("html", "htm", "xml", "svg"), disabled_extensions=("txt",), default=True
        ),
        undefined=StrictUndefined,
        auto_reload=False,  # a template changes with its release; else every use asks the disk
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["ext.i18n.trimmed"] = True
    spoken = translations(locale)
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # the i18n extension adds it
        spoken.gettext, spoken.ngettext, newstyle=True
    )
    environment.globals["_"] = environment.globals["gettext"] = _speaker(spoken.gettext)
    environment.filters.update({name: _in_language(call, locale) for name, call in FILTERS.items()})
    environment.globals.update({name: _in_language(call, locale) for name, call in RANGES.items()})
    environment.globals.update({"locale": locale, **(extra_globals or {})})
    return environment


@lru_cache(maxsize=2)
def environment(locale: str) -> Environment:
    """Return the shared environment of a language. Raises UnknownLocaleError."""
    return make_environment(locale)


def render(name: str, /, *, locale: str, **values: object) -> str:
    """Render a capability's template, for example ``visits/mail/invited.txt``.

    Raises jinja2.TemplateNotFound, jinja2.UndefinedError for a missing value, UnknownLocaleError.
    """
    return environment(locale).get_template(name).render(**values)


def _in_language(call: Callable[..., str], locale: str) -> Callable[..., str]:
    return partial(call, locale=locale)


def _speaker(spoken: Callable[[str], str]) -> Callable[..., str]:
    """Return what templates call as ``_``: as Jinja's own, but a sentence without values is made once."""

    @lru_cache(maxsize=MOST_KEPT)
    def ready(message: str, *, is_html: bool) -> str:
        return marked(message, is_html=is_html) % {}

    def marked(message: str, *, is_html: bool) -> str:
        return Markup(spoken(message)) if is_html else spoken(message)  # noqa: S704 -- our own catalogue

    @pass_eval_context
    def gettext(context: EvalContext, message: str, /, **values: object) -> str:
        is_html = context.autoescape
        return marked(message, is_html=is_html) % values if values else ready(message, is_html=is_html)

    return gettext
