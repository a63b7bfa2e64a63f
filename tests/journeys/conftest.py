"""A whole hub for a journey: web process, relay, worker and mail catcher, on the test's database."""

from __future__ import annotations

import dataclasses
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from hub.cli.demo.client import Visitor
from hub.cli.demo.letters import read_letters
from hub.clock import travel
from tests.support.cast import PASSWORD, build_cast
from tests.support.fleet import Fleet, free_port, wait_until

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from pathlib import Path

    from config.settings import Settings
    from hub.cli.demo.letters import Letter
    from hub.db.transaction import Database
    from tests.support.cast import Cast, Member

WEB = (sys.executable, "-m", "gunicorn", "--config", "python:config.gunicorn", "hub.wsgi:app")
CATCHER = (sys.executable, "-m", "workers.delivery.catcher", "--bind")


@dataclass(frozen=True, slots=True)
class Town:
    """The running hub as people meet it: its address, its people and the mail it sends."""

    settings: Settings
    owner: Database
    cast: Cast
    mail: Path

    def visitor(self, member: Member | None = None) -> Visitor:
        """Return somebody with a browser, signed in unless it is nobody."""
        visitor = Visitor(self.settings.base_url)
        return visitor.sign_in(member.email, PASSWORD) if member else visitor

    def travel(self, to: dt.datetime) -> None:
        """Set the hub's clock."""
        with self.owner.transaction() as session:
            travel(session, self.settings, to=to)

    def letters_to(self, address: str) -> list[Letter]:
        """Return the mail that an address has got, oldest first."""
        return [letter for letter in self.letters() if letter.to == address]

    def letters(self) -> list[Letter]:
        """Return all mail, oldest first."""
        return list(read_letters(self.mail))


@pytest.fixture
def town(settings: Settings, as_app: Database, as_owner: Database, tmp_path: Path) -> Iterator[Town]:
    """Yield the running hub with the cast in it."""
    web_port, mail_port = free_port(), free_port()
    here = dataclasses.replace(
        settings,
        base_url=f"http://localhost:{web_port}",
        smtp_url=f"smtp://127.0.0.1:{mail_port}",
        web_bind=f"127.0.0.1:{web_port}",
    )
    mail = tmp_path / "mail"
    with as_app.transaction() as session:
        cast = build_cast(session)
    with Fleet(here) as fleet:
        fleet.start("mail", (*CATCHER, f"127.0.0.1:{mail_port}", str(mail)))
        web = fleet.start("web", WEB, HUB_WEB_BIND=here.web_bind, HUB_WEB_WORKERS="1")
        fleet.worker("reactions,mail")
        fleet.relay()
        wait_until(lambda: web.said("Booting worker") or not web.is_alive, "the web process has started")
        yield Town(here, as_owner, cast, mail)
