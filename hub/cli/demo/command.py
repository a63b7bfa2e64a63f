"""``hub demo``: start a whole hub, play the visit, say what came of it; with ``--check``, give a verdict."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

import hub.registry  # noqa: F401 -- a session needs every table, whatever refers to it
from config.demo import demo_environment, throw_away_environment
from config.embedded.failure import EmbeddedError
from config.settings import SettingsError
from config.supervision import running_hub
from hub.actor import system_actor
from hub.cli.demo import cast, plot, story
from hub.cli.demo.account import print_account, tell_again
from hub.cli.demo.check import Found, Verdict, collect, compare, read_expected
from hub.cli.demo.client import RefusedError
from hub.cli.demo.stage import Stage, StoryError
from hub.clock import travel
from hub.db.transaction import Database
from hub.errors import HubError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.supervision import Hub

TRUTH = Path(__file__).resolve().parents[3] / "tests" / "journeys" / "expected_fanout.json"
"""What must come of the visit; it stands outside the hub, in the tests."""
TROUBLE = (EmbeddedError, SettingsError, HubError, StoryError, RefusedError)


@click.command()
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="Folder for data (HUB_HOME).")
@click.option("--web-port", type=click.IntRange(0, 65535), help="Port for the browser; 0: any free one.")
@click.option("--mail-port", type=click.IntRange(0, 65535), help="Port of the mail catcher; 0: any free one.")
@click.option(
    "--check", is_flag=True, help="Play in a throw-away place, compare with the truth, end with JSON."
)
@click.option(
    "--expected",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    default=TRUTH,
    help="The truth to compare with.",
)
def demo(
    home: Path | None, web_port: int | None, mail_port: int | None, *, check: bool, expected: Path
) -> None:
    """Play one real visit from its proposal to its follow-ups, and leave the hub running until Ctrl-C.

    A second start finds the story played and only tells it again. Mail goes to a folder, never out.
    """
    try:
        if check:
            verdict = _check(expected)
            click.echo(verdict.line())
            sys.exit(0 if verdict.ok else 1)
        _show(home, web_port, mail_port)
    except (StoryError, RefusedError) as error:
        raise click.ClickException(
            f"{error}\nTo begin anew, remove the folder for data (HUB_HOME)."
        ) from error
    except TROUBLE as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        sys.exit(130 if check else 0)  # asked for, and everything has been stopped


def _show(home: Path | None, web_port: int | None, mail_port: int | None) -> None:
    with (
        running_hub(
            home,
            mode="demo",
            web_port=web_port,
            mail_port=mail_port,
            environ=demo_environment(),
            on_progress=_say,
        ) as hub,
        _stage(hub) as stage,
    ):
        if story.is_over(stage):
            tell_again(stage)
        else:
            story.play(stage)
        print_account(stage)
        _say("\nCtrl-C stops the hub; what happened stays in " + str(hub.home) + ".")
        hub.watch()


def _check(expected: Path) -> Verdict:
    began = time.monotonic()
    truth = read_expected(expected)
    place = Path(tempfile.mkdtemp(prefix="hub-demo-"))
    found = Found()
    try:
        with (
            running_hub(
                place / "home",
                mode="demo",
                web_port=0,
                mail_port=0,
                environ=throw_away_environment(),
                on_progress=_say,
            ) as hub,
            _stage(hub) as stage,
        ):
            try:
                story.play(stage)
            except (StoryError, RefusedError) as error:
                _say(f"The story stopped: {error}")
            found = collect(stage)
    except TROUBLE as error:
        _say(f"The hub failed: {error}")
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return compare(truth, found, seconds=time.monotonic() - began, say=_say)


@contextmanager
def _stage(hub: Hub) -> Iterator[Stage]:
    """Set the clock, the registry and the cast if they are not set yet, and yield the stage."""
    settings = hub.settings
    if hub.mail_folder is None:
        raise StoryError("the demo needs its own mail catcher")
    owner = Database.connect(settings, "owner", pool_size=1, overflow=1)
    app = Database.connect(settings, "app", acting=system_actor("demo"), pool_size=1, overflow=0)
    password = cast.password_of(settings)
    try:
        with app.transaction() as session:
            is_there = cast.is_there(session)
        if not is_there:
            with owner.transaction() as session:
                travel(session, settings, to=plot.ARRIVAL)
            with app.transaction() as session:
                units = cast.import_registry(session)
                cast.set_up(session, password)
            _say(f"Imported {units} units; {len(cast.CAST)} invented people take their posts")
        yield Stage(hub.base_url, settings, hub.mail_folder, password, owner, _say)
    finally:
        app.dispose()
        owner.dispose()


def _say(line: str) -> None:
    click.echo(line)
    sys.stdout.flush()  # a log file or a pipe shall show the progress, too
