"""The command line of a test's hub."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.testing import CliRunner

from hub.cli.main import cli

if TYPE_CHECKING:
    from click.testing import Result

    from config.settings import Role, Settings


def environment_of(settings: Settings, role: Role = "app") -> dict[str, str]:
    """Return the variables of a process of this test's hub."""
    return {
        "DATABASE_URL": settings.database_urls[role],
        "REDIS_URL": settings.redis_url,
        "HUB_SECRET_KEYS": ",".join(settings.secret_keys),
        "SMTP_URL": settings.smtp_url,
        "HUB_MODE": "test",
        "HUB_HOME": str(settings.home),
    }


def at_terminal(settings: Settings, *arguments: str, role: Role = "app") -> Result:
    """Run ``hub …`` in this process and return what it printed and its exit code."""
    return CliRunner(env=environment_of(settings, role)).invoke(cli, arguments)
