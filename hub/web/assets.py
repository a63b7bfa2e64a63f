"""Serve the files that pages are dressed in, all from the hub itself, and compress what is sent.

Bootstrap's stylesheet comes from the wheel Bootstrap-Flask, everything else from ``hub/web/static``. The
address of a file carries its hash, so browsers keep it for a year.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Response
from flask_compress import Compress
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

if TYPE_CHECKING:
    from flask import Flask

STATIC = Path(__file__).parent / "static"
BOOTSTRAP = "bootstrap.min.css"
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
"""What a suffix means; the system's own table is not asked."""
COMPRESSED = [
    "text/html",
    "text/css",
    "text/javascript",
    "application/json",
    "application/problem+json",
    "image/svg+xml",
]


def find_asset(name: str) -> Path:
    """Return where a file lies. Raises werkzeug's NotFound for one that we do not serve."""
    if name == BOOTSTRAP:
        return bootstrap_path()
    path = safe_join(str(STATIC), name)
    if path is None or not Path(path).is_file():
        raise NotFound
    return Path(path)


def bootstrap_path() -> Path:
    """Return the stylesheet inside the wheel; the package itself is not imported."""
    found = find_spec("flask_bootstrap")
    if found is None or found.origin is None:
        raise FileNotFoundError("the package Bootstrap-Flask is not installed")
    return Path(found.origin).parent / "static" / "bootstrap5" / "css" / BOOTSTRAP


def send_asset(filename: str) -> Response:
    """Answer a request for ``/static/<filename>``."""
    path = find_asset(filename)
    response = Response(path.read_bytes(), mimetype=TYPES.get(path.suffix, "application/octet-stream"))
    response.add_etag()
    return response


def compress(app: Flask) -> None:
    """Compress text with Brotli or gzip, as the browser asks; event streams and small answers stay.

    An answer's ETag gets the compression behind a colon: another coding is another representation.
    """
    app.config.update(
        COMPRESS_MIMETYPES=COMPRESSED,
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_STREAMS=False,
        COMPRESS_BR_LEVEL=6,
        COMPRESS_MIN_SIZE=500,
    )
    Compress(app)
