"""How Celery is used: as a doorbell, never as the place where work waits.

No result backend, JSON only, no eta or countdown, early acknowledgement. A lost message costs at
most one poll of the relay, because what is due stands in PostgreSQL.
"""

from __future__ import annotations

from typing import Any

from config.queues import ROUTES, UPKEEP

SOCKET_SECONDS = 2
"""Longest wait for the broker in one call; the relay's next poll tries again anyway."""


def celery_config(redis_url: str) -> dict[str, Any]:
    """Return Celery's configuration for this broker."""
    return {
        "broker_url": _broker_url(redis_url),
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        # A broker that is full or can only be read answers with an error; a worker waits for it to be mended.
        "broker_channel_error_retry": True,
        "broker_transport_options": {
            "socket_connect_timeout": SOCKET_SECONDS,
            # A worker waits in BRPOP for one second at a time, so reads may not time out sooner.
            "socket_timeout": 2 * SOCKET_SECONDS,
            "health_check_interval": 5,
            "global_keyprefix": "hub:",
        },
        "result_backend": None,
        "task_ignore_result": True,
        "task_store_errors_even_if_ignored": False,
        "accept_content": ["json"],
        "task_serializer": "json",
        "task_acks_late": False,
        "task_reject_on_worker_lost": False,
        "task_default_queue": UPKEEP,
        "task_create_missing_queues": True,
        "task_routes": {name: {"queue": queue} for name, queue in ROUTES.items()},
        "task_publish_retry": False,
        "worker_prefetch_multiplier": 1,
        "worker_send_task_events": False,
        "worker_enable_remote_control": False,
        "worker_hijack_root_logger": False,
        "worker_max_tasks_per_child": 1000,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        # A file of its own would only remember what a restart sends again anyway.
        "beat_scheduler": "celery.beat:Scheduler",
        "timezone": "UTC",
        "enable_utc": True,
    }


def _broker_url(redis_url: str) -> str:
    """Kombu writes a unix socket and its database's number otherwise than redis-py does."""
    if not redis_url.startswith("unix://"):
        return redis_url
    return redis_url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)
