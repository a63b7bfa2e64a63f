"""gunicorn's settings: few gevent processes that hold many streams, and stop fast.

Pages and streams share one service, so a worker must be able to hold far more connections than it
answers at a time; and since streams never end by themselves, stopping must not wait for them long.

SIGHUP replaces the workers by new ones that read the code afresh, and fails no request: the old ones answer
until the new ones can (config/rolling.py), and the socket stays open in the master. A worker that is told to
stop answers what it has begun and says ``Connection: close``, and a connection kept alive without a request
ends by itself before its worker does. (docs/operations.md)
"""

from __future__ import annotations

import resource
import sys
from typing import Any

from config import rolling
from config.settings import Settings

MOST_FILES = 65_536
REPLACED_SECONDS = 15

_settings = Settings.from_env()

bind = _settings.web_bind
workers = _settings.web_workers
worker_class = "gevent"
worker_connections = 4000
backlog = 1024
timeout = 30
graceful_timeout = 3  # of the master: everything stops, nobody takes over
keepalive = 5
max_requests = 0
worker_tmp_dir = "/dev/shm"  # noqa: S108 - a nameless file; on a disk its heartbeat can stall
control_socket_disable = True  # it would write into the home of whoever starts it
accesslog = None
proc_name = "hub-web"
# Without a known proxy nobody's X-Forwarded-* is believed; the application counts the proxies itself.
forwarded_allow_ips = "127.0.0.1,::1"
limit_request_line = 8190


def _allow_many_connections() -> None:
    """Every stream is an open file, and many systems begin with 1,024 of them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def on_reload(master: Any) -> None:
    """Keep the old workers until the new ones are ready."""
    rolling.begin(master)


def pre_fork(master: Any, worker: Any) -> None:
    """Let a new worker say when it is ready."""
    rolling.hand_over(master, worker)


def post_fork(_master: Any, _worker: Any) -> None:
    """Let a new worker read our own modules afresh: the master read some of them when it was started."""
    for name in [name for name in sys.modules if name == "config" or name.startswith("config.")]:
        del sys.modules[name]


def post_worker_init(worker: Any) -> None:
    """Let the application know when its worker is told to stop, so that it ends the streams by itself.

    A worker that is replaced has longer than the master gives all of them when everything stops: each
    request may take up to five seconds, and each connection may be kept alive as long again.
    """
    worker.cfg.set("graceful_timeout", REPLACED_SECONDS)
    worker.wsgi.extensions["is_alive"] = lambda: worker.alive
    worker.wsgi.warm_up()
    rolling.say_ready(worker)


_allow_many_connections()
