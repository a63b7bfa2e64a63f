"""The one error of this package: a sentence for the person at the terminal, never a traceback."""

from __future__ import annotations


class EmbeddedError(Exception):
    """An embedded server cannot start; the message says why, and what to do. No data was touched."""
