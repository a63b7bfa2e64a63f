"""As whom the embedded servers run: PostgreSQL refuses root, so root hands it to another user."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.embedded.failure import EmbeddedError

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT_USER = "nobody"


@dataclass(frozen=True, slots=True)
class Account:
    """The user of the embedded servers."""

    name: str
    uid: int
    gid: int

    @property
    def is_other(self) -> bool:
        """Return whether this is somebody else than we are (we are root then)."""
        return self.uid != os.geteuid()

    @property
    def user(self) -> tuple[int, int] | None:
        """Return (uid, gid) to change to, or None to stay oneself."""
        return (self.uid, self.gid) if self.is_other else None

    def can_enter(self, folder: Path) -> bool:
        """Return whether this user may walk to a folder and into it."""
        if not self.is_other:
            return os.access(folder, os.X_OK)
        asked = subprocess.run(  # noqa: S603 - the path is an argument, not part of the script
            ["/bin/sh", "-c", '[ -x "$1" ]', "sh", folder],
            check=False,
            cwd="/",
            user=self.uid,
            group=self.gid,
            extra_groups=[],
        )
        return asked.returncode == 0


def service_account(wished: str | None = None) -> Account:
    """Return the user to run servers as: oneself, or for root the ``wished`` one (default nobody).

    Raises EmbeddedError if there is no such user, or if it is root.
    """
    if os.geteuid() != 0:
        return Account(_own_name(), os.geteuid(), os.getegid())
    name = wished or DEFAULT_USER
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise EmbeddedError(
            f"There is no user {name!r} to run PostgreSQL as (it refuses root). "
            "Set HUB_EMBEDDED_USER to an existing unprivileged user, or start the hub as one."
        ) from None
    if entry.pw_uid == 0:
        raise EmbeddedError("HUB_EMBEDDED_USER is root, and PostgreSQL refuses root. Name another user.")
    return Account(name, entry.pw_uid, entry.pw_gid)


def _own_name() -> str:
    """Return our name; a container may run under a uid that has none."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
