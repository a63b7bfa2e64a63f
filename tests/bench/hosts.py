"""Hosts on one machine: network namespaces joined by a bridge, PostgreSQL and Valkey on the first of them.

Each namespace is held by a process of ours and has no name, so nothing is left behind, however a run ends:
a namespace, its bridge and its cables are gone with the last process in it. Nothing of this touches the
machine's own network.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from config.child import as_parent, wrapped
from config.embedded.postgres import Postgres
from config.embedded.valkey import Valkey
from tests.bench.harness import SkippedError
from tests.bench.stage import Stage
from tests.support import services
from tests.support.fleet import RELAY, WORKER, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.stage import Hub
    from tests.support.fleet import Member

NETWORK = "10.77.0."
BITS = 24
FIRST = f"{NETWORK}1"
NEAR = "127.0.0.1"
TOOLS = ("ip", "nsenter", "unshare")
POSTGRES_PORT = 5432
VALKEY_PORT = 6379
STOP_SECONDS = 10
COMMAND_SECONDS = 60


@dataclass(frozen=True)
class Host:
    """A network namespace and its address on the bridge."""

    address: str
    holder: subprocess.Popen[bytes]

    def inside(self, *command: str) -> tuple[str, ...]:
        """Return the command line that runs ``command`` on this host."""
        return ("nsenter", f"--net=/proc/{self.holder.pid}/ns/net", *command)

    def run(self, *command: str) -> None:
        """Run a command on this host. Raises CalledProcessError."""
        _run(self.inside(*command))


@dataclass(frozen=True)
class ListeningPostgres(Postgres):
    """The embedded PostgreSQL on a host of the bench: it listens there, too, and asks for its password."""

    host: Host = field(kw_only=True)

    def prepare(self, **options: int) -> str:
        """Make the cluster and let the bridge's network in."""
        version = Postgres.prepare(self, **options)
        with (self.data / "pg_hba.conf").open("a", encoding="utf-8") as rules:
            rules.write(f"host all all {NETWORK}0/{BITS} scram-sha-256\n")
        return version

    def command(self, record: Path | None = None) -> list[str]:
        """Return the command that runs the server on its host."""
        where = ("-c", f"listen_addresses={self.host.address}", "-c", f"port={POSTGRES_PORT}")
        return [*self.host.inside(*Postgres.command(self, record), *where)]


@dataclass(frozen=True)
class ListeningValkey(Valkey):
    """The embedded Valkey on a host of the bench, open to those on the bridge, of whom all are ours."""

    host: Host = field(kw_only=True)

    def command(self, record: Path | None = None) -> list[str]:
        """Return the command that runs the server on its host."""
        where = ("--bind", self.host.address, "--port", str(VALKEY_PORT), "--protected-mode", "no")
        return [*self.host.inside(*Valkey.command(self, record), *where)]


class HostedServers(services.Servers):
    """Both servers on the first host."""

    def __init__(self, folder: Path, host: Host) -> None:
        super().__init__(folder, is_throw_away=False)
        plain, account = self.postgres, self.postgres.account
        self.postgres = ListeningPostgres(
            plain.folder, plain.sockets, plain.password_file, account, host=host
        )
        self.valkey = ListeningValkey(self.sockets, account, host=host)


@dataclass
class Site:
    """The first host with the servers, and those for workers."""

    stage: Stage
    first: Host
    others: tuple[Host, ...]

    def relay(self, hub: Hub) -> Member:
        """Start the hub's relay on the first host and wait until it listens."""
        member = hub.fleet.start("relay", self.first.inside(*RELAY))
        _wait_for(member, "relay.listening")
        return member

    def workers(self, hub: Hub, plan: tuple[int, ...], round_trip_ms: int = 0) -> list[Member]:
        """Start a worker of reactions on each host that ``plan`` names, and wait until all are ready.

        They reach the servers over their host's cable; ``round_trip_ms`` make it longer.
        """
        if round_trip_ms:
            for host in sorted(set(plan)):
                self._prolong(hub, self.others[host], round_trip_ms)
        by = NEAR if round_trip_ms else FIRST
        database = urlsplit(hub.settings.database_urls["worker"])
        number = parse_qs(urlsplit(hub.settings.redis_url).query)["db"][0]
        login = database.netloc.rpartition("@")[0]
        crew = [
            hub.fleet.start(
                "worker",
                self.others[host].inside(*WORKER, "reactions", "--hostname", f"worker{order}@host{host}"),
                DATABASE_URL=f"postgresql://{login}@{by}:{POSTGRES_PORT}{database.path}",
                REDIS_URL=f"redis://{by}:{VALKEY_PORT}/{number}",
            )
            for order, host in enumerate(plan)
        ]
        for member in crew:
            _wait_for(member, "ready.")
        return crew

    def _prolong(self, hub: Hub, host: Host, round_trip_ms: int) -> None:
        """Put a long cable between a host and the servers."""
        ports = (str(POSTGRES_PORT), str(VALKEY_PORT))
        command = (sys.executable, "-m", "tests.bench.distance", str(round_trip_ms), FIRST, *ports)
        _wait_for(hub.fleet.start("distance", host.inside(*command)), "carrying")


@contextlib.contextmanager
def site(workers: int = 2) -> Iterator[Site]:
    """Yield servers on a first host and so many hosts for workers. Raises SkippedError where it cannot be."""
    with contextlib.ExitStack() as ending:
        try:
            hosts = [_host(number, ending) for number in range(1, workers + 2)]
            first, *others = hosts
            for number, host in enumerate(others):
                _cable(first, host, number)
        except (OSError, subprocess.SubprocessError) as error:
            said = getattr(error, "stderr", None) or str(error)
            raise SkippedError(f"no network namespaces here: {said.strip()}") from error
        folder = Path(ending.enter_context(_folder()))
        servers = HostedServers(folder, first)
        ending.callback(servers.stop)
        servers.start()
        services.make_template(servers.addresses(), folder)
        yield Site(Stage(folder, servers), first, tuple(others))


def demand_namespaces() -> None:
    """Raise SkippedError unless this machine can make network namespaces."""
    if os.geteuid() != 0:
        raise SkippedError("network namespaces need root")
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        raise SkippedError(f"network namespaces need {', '.join(missing)}")


@contextlib.contextmanager
def _folder() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="hub-bench-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield name


def _host(number: int, ending: contextlib.ExitStack) -> Host:
    """Make a namespace by a process that stays in it; the first one gets the bridge."""
    demand_namespaces()
    holder = subprocess.Popen(
        wrapped(["unshare", "--net", "sleep", "infinity"], death_signal="KILL", clean=True),
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        env=as_parent(os.environ),
    )
    ending.callback(_end, holder)
    ours = Path("/proc/self/ns/net").readlink()

    def is_apart() -> bool:
        if holder.poll() is not None:
            raise OSError(f"unshare ended with {holder.returncode}")
        return Path(f"/proc/{holder.pid}/ns/net").readlink() != ours

    wait_until(is_apart, "the namespace is there", COMMAND_SECONDS)
    host = Host(f"{NETWORK}{number}", holder)
    host.run("ip", "link", "set", "lo", "up")
    if number == 1:
        host.run("ip", "link", "add", "bridge0", "type", "bridge")
        host.run("ip", "address", "add", f"{FIRST}/{BITS}", "dev", "bridge0")
        host.run("ip", "link", "set", "bridge0", "up")
    return host


def _cable(first: Host, host: Host, number: int) -> None:
    """Join a host to the bridge by a pair of virtual devices."""
    port = f"port{number}"
    peer = ("peer", "name", "cable0", "netns", str(host.holder.pid))
    first.run("ip", "link", "add", port, "type", "veth", *peer)
    first.run("ip", "link", "set", port, "master", "bridge0", "up")
    host.run("ip", "address", "add", f"{host.address}/{BITS}", "dev", "cable0")
    host.run("ip", "link", "set", "cable0", "up")


def _wait_for(member: Member, words: str) -> None:
    """Wait until a process has said so. Raises RuntimeError if it ended instead."""
    wait_until(lambda: member.said(words) or not member.is_alive, f"{member.name} says {words}")
    if not member.is_alive:
        raise RuntimeError(f"{member.name} ended while it started")


def _end(holder: subprocess.Popen[bytes]) -> None:
    holder.kill()
    holder.wait(STOP_SECONDS)


def _run(command: tuple[str, ...]) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=COMMAND_SECONDS)
