"""Becomes another program that cannot outlive its parent: ``python child.py [options] -- program …``.

Every process of ``hub up`` is started through this file. It notes its own pid, gives up root's
rights where asked to, asks the kernel for a signal at its parent's death, and then executes the
program in its own place. Standard library only, so it costs 25 ms and runs under ``python -I -S``.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PARENT = "HUB_PARENT_PID"
"""Variable by which a child of ours knows whose child it is."""
HELD_FD = 9
"""Number under which ``--hold`` keeps a folder open: the program reaches it as /proc/self/fd/9."""
HELD_PATH = f"/proc/self/fd/{HELD_FD}"

_PR_SET_PDEATHSIG = 1
_START_TICKS = 19
"""Position of the start time in /proc/<pid>/stat, counted after the closing bracket of the name."""


def start_ticks(pid: int) -> int | None:
    """Return when a process started, in clock ticks since boot; None if there is no such process.

    With the pid this names one process for as long as the machine is up.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    return int(stat.rpartition(")")[2].split()[_START_TICKS])


def boot_id() -> str:
    """Return the kernel's name for this boot: a record from an earlier one means nothing."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def as_parent(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for a child of ours that starts through this file."""
    return {**environ, PARENT: str(os.getpid())}


def wrapped(
    command: list[str],
    *,
    death_signal: str = "TERM",
    record: Path | None = None,
    user: tuple[int, int] | None = None,
    hold: Path | None = None,
    clean: bool = False,
) -> list[str]:
    """Return the command line that starts ``command`` through this file.

    ``record`` is where the pid is noted; ``user`` a (uid, gid) to become; ``hold`` a folder that
    the program reaches as HELD_PATH even where it may not walk there; ``clean`` keeps the hub's
    variables (and so its secrets) from it.
    """
    options = ["--signal", death_signal]
    if record:
        options += ["--record", str(record)]
    if user:
        options += ["--uid", str(user[0]), "--gid", str(user[1])]
    if hold:
        options += ["--hold", str(hold)]
    if clean:
        options += ["--clean"]
    return [sys.executable, "-I", "-S", str(Path(__file__).resolve()), *options, "--", *command]


def _note(path: Path) -> None:
    """Write the pid and start of this process, whole or not at all."""
    pid = os.getpid()
    fresh = path.with_name(f"{path.name}.{pid}")
    fresh.write_text(
        json.dumps({"pid": pid, "start_ticks": start_ticks(pid), "boot_id": boot_id()}), encoding="utf-8"
    )
    fresh.replace(path)


def _become(uid: int, gid: int) -> None:
    if (os.geteuid(), os.getegid()) == (uid, gid):
        return
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def _die_with_parent(number: int, parent: int) -> None:
    """Ask for the signal; leave at once if the parent died before we could ask."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if parent and os.getppid() != parent:
        raise SystemExit(f"parent {parent} is gone")


def main(arguments: list[str]) -> None:
    """Do what the file's docstring says; does not return."""
    parser = argparse.ArgumentParser(prog="child.py")
    parser.add_argument("--signal", default="TERM")
    parser.add_argument("--record", type=Path)
    parser.add_argument("--uid", type=int)
    parser.add_argument("--gid", type=int)
    parser.add_argument("--hold", type=Path)
    parser.add_argument("--clean", action="store_true")
    parser.add_argument("program", nargs="+")
    options = parser.parse_args(arguments)

    environ = dict(os.environ)
    parent = int(environ.get(PARENT, "0"))
    if options.clean:
        environ = {key: environ[key] for key in ("PATH", "TZ") if key in environ}
    environ[PARENT] = str(os.getpid())
    if options.record:
        _note(options.record)
    if options.hold:
        fd = os.open(options.hold, os.O_RDONLY | os.O_DIRECTORY)
        os.dup2(fd, HELD_FD, inheritable=True)
    if options.uid is not None:
        _become(options.uid, options.gid)
    # After the change of user, which would have cleared it.
    _die_with_parent(getattr(signal, f"SIG{options.signal}"), parent)
    os.execvpe(options.program[0], options.program, environ)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main(sys.argv[1:])
