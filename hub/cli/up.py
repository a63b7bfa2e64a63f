"""``hub up``: everything on this machine, until Ctrl-C."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from config.embedded.failure import EmbeddedError
from config.settings import MODES, SettingsError
from config.supervision import running_hub


@click.command()
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="Folder for data (HUB_HOME).")
@click.option("--mode", type=click.Choice(MODES), help="Mode of the hub (HUB_MODE).")
@click.option("--web-port", type=click.IntRange(0, 65535), help="Port for the browser; 0: any free one.")
@click.option("--mail-port", type=click.IntRange(0, 65535), help="Port of the mail catcher; 0: any free one.")
def up(home: Path | None, mode: str | None, web_port: int | None, mail_port: int | None) -> None:
    """Start every server and process on this machine, and stop them at Ctrl-C.

    PostgreSQL and Valkey are started unless DATABASE_URL and REDIS_URL name yours; mail is kept in a
    folder unless SMTP_URL names a mail server.
    """
    chosen = next((one for one in MODES if one == mode), None)
    try:
        with running_hub(home, mode=chosen, web_port=web_port, mail_port=mail_port, on_progress=_say) as hub:
            _say("Ctrl-C stops it.")
            hub.watch()
    except (EmbeddedError, SettingsError) as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        sys.exit(0)  # asked for, and everything has been stopped


def _say(line: str) -> None:
    click.echo(line)
    sys.stdout.flush()  # a log file or a pipe shall show the progress, too
