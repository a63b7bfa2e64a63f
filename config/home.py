"""HUB_HOME as ``hub up`` uses it: folders of ours, a lock, secrets, and what a killed hub left behind."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
from typing import TYPE_CHECKING

from config.embedded.failure import EmbeddedError
from config.embedded.places import own_folder
from config.leftovers import end_leftovers
from config.metrics import FOLDER as METRICS
from config.settings import RUN_FILE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TOLD = ("DATABASE_URL", "REDIS_URL", "SMTP_URL", "HUB_SECRET_KEYS", "HUB_BASE_URL", "HUB_MODE")
"""The variables that other commands on this machine learn from a running hub."""


class Home:
    """One home, held by one hub at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.logs = path / "logs"
        self.mail = path / "mail"
        self.postgres = path / "postgres"
        self.password_file = path / "secrets" / "postgres_password"
        self.records = path / "run" / "pids"
        self.supervisor_file = path / "run" / "supervisord.conf"
        self._lock: int | None = None

    def take(self) -> list[str]:
        """Make the folders, hold the home, end a killed hub's processes and return their names.

        Raises EmbeddedError if the home cannot be used, or another hub holds it.
        """
        try:
            # Root lets its servers' user walk through; what lies inside is closed by itself.
            self.path.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise EmbeddedError(f"HUB_HOME {self.path} cannot be made: {error.strerror}.") from error
        for folder in (self.records.parent, self.records, self.logs, self.password_file.parent):
            own_folder(folder, 0o700)
        lock = os.open(self.path / "run" / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(lock, 200, 0).decode(errors="replace").strip() or "just starting"
            os.close(lock)
            raise EmbeddedError(
                f"A hub runs in {self.path} already ({holder}). Use that one, stop it with "
                "Ctrl-C, or set HUB_HOME to another folder for a second hub."
            ) from None
        self._lock = lock
        self._sign("")
        self._run_file.unlink(missing_ok=True)
        ended = self.end_leftovers()
        shutil.rmtree(self.path / METRICS, ignore_errors=True)
        return ended

    def end_leftovers(self) -> list[str]:
        """End every process recorded in this home that is still there; return their names."""
        return end_leftovers(self.records)

    def release(self) -> None:
        """Let go of the home. Harmless if it is not held."""
        if self._lock is not None:
            self._run_file.unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None

    def secret_keys(self) -> str:
        """Return this home's own keys, made at the first start."""
        path = self.path / "secrets" / "secret_keys"
        if not path.exists():
            _write_whole(path, secrets.token_urlsafe(48) + "\n")
        return path.read_text(encoding="ascii").strip()

    def tell(self, environment: Mapping[str, str]) -> None:
        """Write down where the running hub is (read by ``config.settings.running_environment``)."""
        _write_whole(
            self._run_file, json.dumps({name: environment[name] for name in TOLD if name in environment})
        )
        self._sign(f", {environment['HUB_BASE_URL']}")

    @property
    def _run_file(self) -> Path:
        return self.path / RUN_FILE

    def _sign(self, more: str) -> None:
        """Note in the lock who holds it, for the message to a second hub."""
        if self._lock is not None:
            os.ftruncate(self._lock, 0)
            os.pwrite(self._lock, f"pid {os.getpid()}{more}\n".encode(), 0)


def _write_whole(path: Path, content: str) -> None:
    """Write a file that nobody else may read; a crash leaves the old one or the new one."""
    making = path.with_name(f"{path.name}.making")
    making.unlink(missing_ok=True)
    making.touch(mode=0o600)
    making.write_text(content, encoding="utf-8")
    making.rename(path)
