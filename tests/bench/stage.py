"""Servers for measuring: a PostgreSQL that waits for the disk, a Valkey, and hubs on fresh databases."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import itertools
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TextIO
from unittest.mock import patch

from hub import registry
from hub.db import engine
from hub.db.transaction import Database
from tests.support import services
from tests.support.everybody import EVERYBODY
from tests.support.fleet import Fleet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.settings import Settings

CONNECT_SECONDS = 20
"""The bench's own connections may take long to come about on a busy machine; nothing of that is measured."""
every_table_is_known = registry.metadata


@dataclass
class Hub:
    """A hub on a database of its own: its settings, the database by role, and its processes."""

    settings: Settings
    app: Database
    worker: Database
    owner: Database
    fleet: Fleet


@dataclass
class Stage:
    """The servers of one run. PostgreSQL has fsync and autovacuum on, unlike the tests' own."""

    folder: Path
    servers: services.Servers
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    @contextlib.contextmanager
    def hub(
        self, *, poll_seconds: float = 1.0, template: str = services.TEMPLATE, **settings: object
    ) -> Iterator[Hub]:
        """Yield a hub on a fresh, migrated database and an empty Valkey; its processes end with the block.

        ``poll_seconds`` is the relay's, as in production; ``template`` is the database to copy, to which
        nobody may be connected; ``settings`` replace others.
        """
        addresses = self.servers.addresses()
        name = services.clone_database(addresses, template)
        home = self.folder / name
        home.mkdir()
        made = services.make_settings(addresses, name, next(self._numbers) % 16, home)
        made = dataclasses.replace(made, relay_poll_seconds=poll_seconds, **settings)  # type: ignore[arg-type]
        app = Database.connect(made, "app", acting=EVERYBODY)
        worker, owner = Database.connect(made, "worker"), Database.connect(made, "owner")
        try:
            with quiet(Fleet(made)) as fleet:
                yield Hub(made, app, worker, owner, fleet)
        finally:
            for database in (app, worker, owner):
                database.dispose()
            services.drop_database(addresses, name)


@contextlib.contextmanager
def quiet(fleet: Fleet) -> Iterator[Fleet]:
    """End the fleet with the block. What its processes last said is for a failure only, and no row."""
    place: TextIO = sys.stderr
    try:
        yield fleet
        place = io.StringIO()
    finally:
        with contextlib.redirect_stdout(place), fleet:
            pass


@contextlib.contextmanager
def stage() -> Iterator[Stage]:
    """Yield the servers on the disk of the temporary folder, with a migrated template."""
    with (
        patch.object(engine, "CONNECT_SECONDS", CONNECT_SECONDS),
        tempfile.TemporaryDirectory(prefix="hub-bench-", ignore_cleanup_errors=True) as name,
    ):
        folder = Path(name)
        folder.chmod(0o755)
        with services.private_servers(folder, is_throw_away=False) as servers:
            services.make_template(servers.addresses(), folder)
            yield Stage(folder, servers)
