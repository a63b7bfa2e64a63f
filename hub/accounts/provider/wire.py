"""Ask the identity provider over HTTP: bounded in time and size, and never led to another place."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import orjson
import urllib3

if TYPE_CHECKING:
    from collections.abc import Mapping

SECONDS = 3.0
"""So long all questions of one request may take together; a request is answered within five seconds."""
CONNECT_SECONDS = 1.5
LARGEST = 262_144
"""Bytes of an answer; a large provider's keys take 20 kB."""
CHUNK = 16_384
OK = 200
FAULTS = 500

_pool = urllib3.PoolManager(num_pools=4, maxsize=4, retries=False)


class ProviderDownError(Exception):
    """The provider cannot be reached, takes too long, or fails by its own account."""


class ProviderAnswerError(Exception):
    """The provider answered, and its answer is not to be believed, or is a refusal."""


def by_now(seconds: float = SECONDS) -> float:
    """Return the moment (monotonic, seconds) at which everything asked from now on must have ended."""
    return time.monotonic() + seconds


def ask(
    method: str,
    url: str,
    *,
    ends_at: float,
    headers: Mapping[str, str] | None = None,
    body: str | None = None,
) -> dict[str, Any]:
    """Return the JSON object that an address answers. No redirect is followed.

    Raises ProviderDownError, and ProviderAnswerError for any status but 200 and for what is no JSON object.
    """
    left = ends_at - time.monotonic()
    if left <= 0:
        raise ProviderDownError("no time is left")
    waiting = urllib3.Timeout(connect=min(CONNECT_SECONDS, left), read=left)
    try:
        answer = _pool.request(
            method,
            url,
            body=body,
            headers={"Accept": "application/json", **(headers or {})},
            timeout=waiting,
            redirect=False,
            preload_content=False,
        )
        try:
            read = _read(answer, ends_at)
        finally:
            answer.close()
    except urllib3.exceptions.HTTPError as error:
        raise ProviderDownError(type(error).__name__) from error
    if answer.status >= FAULTS:
        raise ProviderDownError(f"status {answer.status}")
    if answer.status != OK:
        raise ProviderAnswerError(f"status {answer.status}")
    try:
        found = orjson.loads(read)
    except orjson.JSONDecodeError as error:
        raise ProviderAnswerError("the answer is no JSON") from error
    if not isinstance(found, dict):
        raise ProviderAnswerError("the answer is no object")
    return found


def _read(answer: urllib3.BaseHTTPResponse, ends_at: float) -> bytes:
    """Read bit by bit: a time limit for each wait alone would let an answer drip for hours."""
    read = bytearray()
    while chunk := answer.read1(CHUNK, decode_content=True):
        read += chunk
        if len(read) > LARGEST:
            raise ProviderAnswerError("the answer is too long")
        if time.monotonic() > ends_at:
            raise ProviderDownError("the answer takes too long")
    return bytes(read)
