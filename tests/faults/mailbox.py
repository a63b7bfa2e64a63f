"""The rig's side of the mail sink: set its mode, read what it took."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.sink import MODES, OF_CONNECTIONS

SWITCH_SECONDS = 5
LEAVE_SECONDS = 20
"""No worker keeps a connection for so long, however busy the machine."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One message as the sink took it."""

    at: float
    to: str
    message_id: str
    subject: str
    mode: str
    digest: str


class Mailbox:
    """The sink's folder."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        folder.mkdir(exist_ok=True)
        self._write("ok")

    @property
    def url(self) -> str:
        """Where the sink listens."""
        return f"smtp://127.0.0.1:{self.port}"

    def be(self, mode: str) -> None:
        """Let the sink behave as ``mode`` (tests.faults.sink.MODES) from now on; returns when it does.

        That is, where the mode belongs to connections, when those of the mode before have ended.
        """
        assert mode in MODES, mode
        before = len(self.log("mode"))
        current = self._path.read_text(encoding="ascii")
        self._write(mode)
        deadline = time.monotonic() + SWITCH_SECONDS
        while mode != current and len(self.log("mode")) == before:
            assert time.monotonic() < deadline, "the sink does not obey"
            time.sleep(0.01)
        deadline = time.monotonic() + LEAVE_SECONDS
        while mode != current and mode in OF_CONNECTIONS and self._is_served_as_before():
            assert time.monotonic() < deadline, "a connection does not end"
            time.sleep(0.05)

    def _is_served_as_before(self) -> bool:
        """Return whether anybody is still served who came before the last change of mode."""
        lines = self.log()
        changed = max(place for place, line in enumerate(lines) if line["what"] == "mode")
        came = {line["number"] for line in lines[:changed] if line["what"] == "connected"}
        return not came <= {line["number"] for line in lines if line["what"] == "left"}

    def log(self, what: str = "") -> list[dict[str, Any]]:
        """Return the lines of the sink's log, all or of one kind; a last line cut off by a kill is none."""
        path = self.folder / "log.jsonl"
        if not path.exists():
            return []
        lines = path.read_bytes().split(b"\n")[:-1]
        entries: list[dict[str, Any]] = [json.loads(line) for line in lines]
        return [entry for entry in entries if not what or entry["what"] == what]

    def received(self) -> list[Mail]:
        """Return every message that was taken, in order of arrival, repeats too."""
        return [
            Mail(entry["at"], entry["to"], entry["id"], entry["subject"], entry["mode"], entry["digest"])
            for entry in self.log("message")
        ]

    @property
    def _path(self) -> Path:
        return self.folder / "mode"

    def _write(self, mode: str) -> None:
        fresh = self.folder / "mode.making"
        fresh.write_text(mode, encoding="ascii")
        fresh.replace(self._path)
