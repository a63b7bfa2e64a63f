"""The operator's broker check: the one place of the command line that speaks to Redis."""

from __future__ import annotations

import redis

ANSWER_SECONDS = 3


PROBE = "hub:doctor"


def broker_version(url: str) -> str:
    """Return name and version of the broker. Raises OSError if it does not answer or takes nothing in."""
    try:
        with redis.Redis.from_url(
            url, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS
        ) as client:
            told = client.info("server")
            # A broker that is full or can only be read answers, but no ring gets through it.
            client.set(PROBE, 1, px=1000)
    except redis.exceptions.RedisError as error:
        raise OSError(str(error)) from error
    if "valkey_version" in told:
        return f"Valkey {told['valkey_version']}"
    return f"Redis {told['redis_version']}"
