"""Draws every part of the design system in all its states, for ``docs/design/components.html``.

The page is made by the real macros and wears the real stylesheets, ours by their path and Bootstrap's as a
copy beside it, so that it can be looked at without a running hub. No route of the hub shows it.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

from hub.errors import Invalid, Stale
from hub.texts import formats
from hub.web.assets import BOOTSTRAP, bootstrap_path
from hub.web.fields import (
    Address,
    Choice,
    Choices,
    Day,
    Flag,
    HubSchema,
    Line,
    ListOf,
    LocalMoment,
    Nested,
    Number,
    Paragraph,
    Password,
)
from hub.web.forms import Form
from hub.web.pages import render_page
from hub.web.request import STALE, scope

if TYPE_CHECKING:
    from pathlib import Path

    from hub.web.application import HubFlask

WHEN = dt.datetime(2024, 11, 28, 2, 0, tzinfo=dt.UTC)
LONG = (
    "Lembaga Pemasyarakatan Perempuan dan Pembinaan Khusus Anak Kelas IIB yang bernama sangat panjang sekali"
)


class ItemSample(HubSchema):
    """A row."""

    title = Line(required=True)
    minutes = Number(1, 600)


class SampleForm(HubSchema):
    """One field of every kind."""

    title = Line(required=True)
    story = Paragraph()
    count = Number(1, 500)
    on = Day()
    at = LocalMoment()
    email = Address()
    password = Password()
    kind = Choice(("a", "b"), required=True)
    kind_of_many = Choice(("a", "b", "c"))
    themes = Choices(("a", "b", "c"))
    is_open = Flag()
    agenda = ListOf(Nested(ItemSample), 3)


FILLED: dict[str, Any] = {
    "title": "Studi tiru",
    "story": "Dua baris\nteks.",
    "count": 12,
    "on": dt.date(2024, 11, 28),
    "at": dt.datetime(2024, 11, 28, 9, 0),  # noqa: DTZ001 -- a unit's own clock
    "email": "kalapas@example.go.id",
    "kind": "a",
    "kind_of_many": "b",
    "themes": ["a", "c"],
    "is_open": True,
    "agenda": [{"title": "Pembukaan", "minutes": 30}, {"title": "Tur bengkel", "minutes": 90}],
}


TYPED: dict[str, str | list[str]] = {
    "title": "",
    "story": "Yang diketik tetap ada.",
    "count": "0",
    "on": "2024-02-30",
    "email": "kalapas",
    "kind": "",
    "themes": ["a"],
    "agenda-0-title": "Pembukaan",
    "agenda-1-minutes": "90",
    "agenda-1-title": "",
}
PAGES = {"components.html": "empty", "faults.html": "wrong", "stale.html": "stale"}
"""Which page shows the forms in which state."""


def components_page(app: HubFlask, state: str, locale: str = "id") -> str:
    """Return the page's HTML in one language, its forms in one of the states of ``PAGES``.

    What differs each time (keys, nonces, hashes of files) is left out, and scripts are, too.
    """
    with app.test_request_context("/", method="POST", data=TYPED):
        scope().locale = locale
        sample = {
            "you": "Menunggu Anda",
            "turn": "Menunggu Rutan Kelas I Jakarta Pusat",
            "short": formats.format_short_day(WHEN.date(), locale),
            "day": formats.format_day(WHEN.date(), locale),
            "when": formats.format_moment(WHEN, "Asia/Jayapura", locale, reader_zone="Asia/Jakarta"),
            "long": LONG,
            "sentence": "Satu atau dua kalimat tentang apa yang terjadi dan apa yang dapat dilakukan.",
            "nothing": "Belum ada tugas",
        }
        page = render_page("web/components.html", sample=sample, form=_form(state))
        html = page.get_data(as_text=True)
    html = re.sub(r"/static/([\w./-]+)\?v=\w+", lambda found: _relative(found[1]), html)
    html = re.sub(r"\s*<script .*?</script>", "", html)
    return re.sub(r'(name="_key" value=")[^"]*', r"\1key", html)


def write_components(app: HubFlask, folder: Path) -> None:
    """Write the pages into a folder, with Bootstrap's stylesheet beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, state in PAGES.items():
        (folder / name).write_text(components_page(app, state), encoding="utf-8")
    (folder / BOOTSTRAP).write_bytes(bootstrap_path().read_bytes())


def _relative(asset: str) -> str:
    """Return where the page finds a file: Bootstrap beside it, our own where they are made."""
    return BOOTSTRAP if asset == BOOTSTRAP else f"../../hub/web/static/{asset}"


def _form(state: str) -> Form:
    if state == "wrong":
        form = Form.posted(SampleForm)
        try:
            form.load()
        except Invalid as error:
            return form.refused(error)
    form = Form(SampleForm, FILLED if state == "stale" else None, version=3)
    if state == "stale":
        now = {**FILLED, "title": "Studi tiru dan pelatihan", "count": 15}
        form.refused(Stale(STALE), now=now, version=4)
    return form
