"""A page without a hub behind it: constant rows through a template of the same length, compiled once.

``tests.bench.peers.page:app``; PAGE_BYTES says how long. No database, no sign-in, no headers, no compression.
"""

from __future__ import annotations

import os

from tests.bench.peers.application import Peer

ROW = (
    '<li class="task task-{{ row.tone }}">'
    '<p class="task-title"><a href="{{ row.href }}">{{ row.title }}</a></p>'
    '<p class="task-facts"><span class="chip">{{ row.state }}</span><span>{{ row.when }}</span></p></li>'
)
PAGE = (
    "<!doctype html><html><head><title>{{ title }}</title></head><body><ul>"
    "{% for row in rows %}" + ROW + "{% endfor %}</ul></body></html>"
)
FACTS = {
    "tone": "wait",
    "href": "/collaborations/1",
    "title": "Studi tiru rehabilitasi dan ketahanan pangan",
    "state": "Menunggu jawaban",
    "when": "Kamis, 28 November 2024 pukul 09.00–12.00 WIB",
}

app = Peer(__name__)
TEMPLATE = app.jinja_env.from_string(PAGE)
EMPTY, ONE = (len(TEMPLATE.render(title="", rows=[FACTS] * n).encode()) for n in (0, 1))
ROWS = [FACTS] * round((int(os.environ["PAGE_BYTES"]) - EMPTY) / (ONE - EMPTY))


@app.get("/")
def show_page() -> str:
    """Show the page."""
    return TEMPLATE.render(title="Beranda", rows=ROWS)
