"""Folders for data and sockets: ours alone, near enough for a socket, with room left.

Nothing here changes a folder that we did not make: what does not fit is reported.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from config.embedded.failure import EmbeddedError

if TYPE_CHECKING:
    from config.embedded.account import Account

LONGEST_SOCKET_PATH = 107
"""Bytes of sun_path without its closing NUL (unix(7))."""
LONGEST_SOCKET_NAME = "postgres/.s.PGSQL.5432"
MEGABYTE = 1024 * 1024


def own_folder(path: Path, mode: int, account: Account | None = None) -> Path:
    """Make a folder for ``account`` (or ourselves), or check that an existing one is that.

    Raises EmbeddedError if something else stands there, or somebody else owns it.
    """
    owner = account.uid if account else os.geteuid()
    try:
        path.mkdir(mode=mode)
    except FileExistsError:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode):
            raise EmbeddedError(f"{path} should be a folder of ours, but is something else.") from None
        if found.st_uid != owner:
            raise EmbeddedError(
                f"{path} belongs to uid {found.st_uid}, but must belong to uid {owner}. It was left alone: "
                "start the hub as the user who made it, or move it away."
            ) from None
        return path
    except OSError as error:
        raise EmbeddedError(f"{path} cannot be made: {error.strerror}.") from error
    path.chmod(mode)  # whatever the umask is
    if account and account.is_other:
        os.chown(path, account.uid, account.gid)
    return path


def socket_folder(home: Path, wished: str | None = None) -> Path:
    """Return the private folder for this home's sockets, made if need be.

    It lies in /tmp (or ``wished``), because HUB_HOME may be too deep for a socket's path and
    XDG_RUNTIME_DIR need not exist. Raises EmbeddedError if the path is too long or not ours alone.
    """
    base = Path(wished) if wished else _shallow_folder()
    name = hashlib.sha256(f"{os.geteuid()}:{home}".encode()).hexdigest()[:12]
    path = base / f"sinergi-hub-{name}"
    length = len(os.fsencode(path / LONGEST_SOCKET_NAME))
    if length > LONGEST_SOCKET_PATH:
        raise EmbeddedError(
            f"The path of a socket in {path} would have {length} bytes; the system allows "
            f"{LONGEST_SOCKET_PATH}. Set HUB_SOCKET_DIR to a shorter folder."
        )
    # Root lets its servers' user pass through, and nobody list it; each server's own folder is 0700.
    private = own_folder(path, 0o711 if os.geteuid() == 0 else 0o700)
    if private.lstat().st_mode & 0o066:
        raise EmbeddedError(f"{path} can be read by others. It was left alone: remove it, then start again.")
    return private


def _shallow_folder() -> Path:
    usual = Path("/tmp")  # noqa: S108 - the folder inside is made 0700 and checked for its owner
    return usual if os.access(usual, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())


def demand_space(folder: Path, megabytes: int, purpose: str) -> None:
    """Raise EmbeddedError unless the disk under ``folder`` has so many megabytes left."""
    free = shutil.disk_usage(folder).free // MEGABYTE
    if free < megabytes:
        raise EmbeddedError(
            f"The disk under {folder} is full: {free} MB are left and {purpose} needs {megabytes} MB. "
            "Make room, or set HUB_HOME to a folder on another disk. Nothing was changed."
        )
