"""A container's health check: ``python -m config.probe`` asks its web process; exits with 1 if in vain."""

from __future__ import annotations

import sys

from config.embedded.failure import EmbeddedError
from config.readiness import wait_web
from config.settings import Settings


def main() -> int:
    """Ask once; return the exit code."""
    settings = Settings.from_env()
    try:
        wait_web(settings.web_bind, settings.base_url, lambda: True, seconds=0)
    except EmbeddedError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
