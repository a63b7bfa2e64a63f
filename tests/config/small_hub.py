"""A hub whose application is two tiny processes: what `hub up` does around it, without its weight.

``python -m tests.config.small_hub HOME [--stubborn]``: with ``--stubborn`` one of them ignores TERM.
"""

from __future__ import annotations

import sys

from config.embedded.failure import EmbeddedError
from config.processes import Process
from config.supervision import running_hub

IDLE = "import signal; signal.pause()"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.pause()"


def application(*, stubborn: bool = False) -> list[Process]:
    """Return two processes that do nothing."""
    other = STUBBORN if stubborn else IDLE
    return [
        Process("idle", (sys.executable, "-S", "-c", IDLE), stop_seconds=3),
        Process("other", (sys.executable, "-S", "-c", other), stop_seconds=3),
    ]


def main(arguments: list[str]) -> int:
    """Run it until a signal; return the exit code."""
    try:
        with running_hub(
            arguments[0],
            mode="test",
            web_port=0,
            mail_port=0,
            application=application(stubborn="--stubborn" in arguments),
            on_progress=lambda line: print(line, flush=True),  # noqa: T201 -- its test reads this
        ) as hub:
            hub.watch()
    except EmbeddedError as error:
        print(f"Error: {error}", flush=True)  # noqa: T201 -- its test reads this
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
