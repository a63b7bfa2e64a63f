"""A folder of the rig's PostgreSQL on a small disk of its own: a tmpfs, mounted and unmounted here."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import SkippedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.faults.rig import Rig

MEGABYTE = 1024 * 1024
STOP_SECONDS = 30
MOST_TRIES = 50


class SmallDisk:
    """The mounted disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self, *, leave_kilobytes: int) -> None:
        """Take all room but so much, while the server takes room, too."""
        with (self.folder / "ballast").open("wb") as file:
            for _ in range(MOST_TRIES):
                free = shutil.disk_usage(self.folder).free
                with contextlib.suppress(OSError):  # the server was faster
                    os.posix_fallocate(file.fileno(), 0, max(1, free - leave_kilobytes * 1024))
                    return
        raise RuntimeError("the disk does not hold still")

    def enlarge(self, megabytes: int) -> None:
        """Make the disk larger under the running server, as an operator would."""
        _run("mount", "-o", f"remount,size={megabytes}m", str(self.folder))


@contextmanager
def small_disk(rig: Rig, folder: Path, *, megabytes: int) -> Iterator[SmallDisk]:
    """Move a folder of the server onto a disk of so many megabytes; move it back when the block ends.

    The server is stopped for both moves, and runs inside and after. Raises SkippedError where nothing can
    be mounted.
    """
    if os.geteuid() != 0:
        raise SkippedError("only root can mount a small disk")
    aside = folder.with_name(f"{folder.name}.aside")
    owner = folder.stat()
    stop_postgres(rig)
    folder.rename(aside)
    folder.mkdir()
    options = f"size={megabytes}m,mode=0700,uid={owner.st_uid},gid={owner.st_gid}"
    try:
        _run("mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder))
    except subprocess.CalledProcessError as error:
        folder.rmdir()
        aside.rename(folder)
        rig.servers.start_one("postgres")
        raise SkippedError(f"a small disk cannot be mounted: {error.stderr.strip()}") from error
    try:
        _run("cp", "-a", f"{aside}/.", str(folder))
        shutil.rmtree(aside)
        rig.servers.start_one("postgres")
        yield SmallDisk(folder)
    finally:
        stop_postgres(rig)
        _run("cp", "-a", str(folder), str(aside))
        _run("umount", str(folder))
        folder.rmdir()
        aside.rename(folder)
        (folder / "ballast").unlink(missing_ok=True)
    rig.servers.start_one("postgres")


def stop_postgres(rig: Rig) -> None:
    """Stop the rig's PostgreSQL in order; at last by force."""
    child = rig.servers.children["postgres"]
    if child.poll() is None:
        rig.send(rig.server_pid("postgres"), signal.SIGINT)
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
