"""gunicorn's settings: few gevent processes that hold many streams, and stop fast.

Pages and streams share one service, so a worker must be able to hold far more connections than it
answers at a time; and since streams never end by themselves, stopping must not wait for them long.
"""

from __future__ import annotations

import resource
from typing import Any

from config.settings import Settings

MOST_FILES = 65_536

_settings = Settings.from_env()

bind = _settings.web_bind
workers = _settings.web_workers
worker_class = "gevent"
worker_connections = 4000
backlog = 1024
timeout = 30
graceful_timeout = 3
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


def post_worker_init(worker: Any) -> None:
    """Let the application know when its worker is told to stop, so that it ends the streams by itself."""
    worker.wsgi.extensions["is_alive"] = lambda: worker.alive


_allow_many_connections()
