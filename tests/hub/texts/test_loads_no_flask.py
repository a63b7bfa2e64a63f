"""A worker that renders a mail or counts working days must not load the web framework or the database."""

from __future__ import annotations

import subprocess
import sys

MODULES = (
    "hub.texts.catalogue",
    "hub.texts.formats",
    "hub.texts.headers",
    "hub.texts.links",
    "hub.texts.plain",
    "hub.texts.rendering",
    "hub.texts.extract",
    "hub.texts.check",
    "hub.workdays.calendar",
    "hub.workdays.weekdays",
    "hub.workdays.zones",
)


def test_texts_and_workdays_load_neither_flask_nor_a_database() -> None:
    script = (
        f"import sys, {', '.join(MODULES)}\n"
        "print([name for name in ('flask', 'sqlalchemy', 'psycopg', 'celery') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"
