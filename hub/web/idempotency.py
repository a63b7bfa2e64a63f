"""Carry out a repeated request once: the same key gets the answer that was given the first time.

The key's row is inserted before the work, in the request's own transaction. A second request with the
same key waits at the row until the first has ended: then either the answer stands there, or the first
failed, left nothing, and the second does the work.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from flask import Response
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from hub.errors import Conflict, HubError, Invalid
from hub.messaging.models import RequestKey
from hub.texts.catalogue import lazy
from hub.web.notices import HEADER as NOTICE_HEADER

if TYPE_CHECKING:
    from flask import Request
    from sqlalchemy.orm import Session

HEADER = "Idempotency-Key"
FORM_FIELD = "_key"
REPLAYED = "Idempotency-Replayed"
SHAPE = re.compile(r"[\x21-\x7e]{8,200}")
KEPT_HEADERS = ("Content-Type", "Location", "ETag", NOTICE_HEADER)
FIRST_FAILURE = 400


class KeyMissing(HubError):
    """A request that changes something must carry a key, so that repeating it is harmless."""

    code = "idempotency-key-missing"
    status = 400


def read_key(request: Request) -> str:
    """Return the request's key. Raises KeyMissing, and Invalid for a key of another shape."""
    key = request.headers.get(HEADER) or request.form.get(FORM_FIELD)
    if not key:
        raise KeyMissing(
            lazy("Send an Idempotency-Key header: a new random text for each thing, the same on a retry.")
        )
    if not SHAPE.fullmatch(key):
        raise Invalid(
            lazy("An Idempotency-Key is 8 to 200 printable ASCII characters."),
            code="idempotency-key-malformed",
        )
    return key


def kept_answer(session: Session, scope: str, key: str, request: Request) -> Response | None:
    """Return the answer given to this key before, or None after having taken the key for this request.

    Waits while another request works with the same key. Raises Invalid where the key belongs to a
    different request, Conflict where its answer held a secret and was not kept.
    """
    fingerprint = _fingerprint(request)
    taken = session.execute(
        insert(RequestKey)
        .values(scope=scope, key=key, fingerprint=fingerprint)
        .on_conflict_do_nothing()
        .returning(RequestKey.key)
    ).one_or_none()
    if taken is not None:
        return None
    row = session.execute(
        select(RequestKey.fingerprint, RequestKey.status, RequestKey.headers, RequestKey.body).where(
            RequestKey.scope == scope, RequestKey.key == key
        )
    ).one_or_none()
    if row is None or row.status is None:  # upkeep removed it between the two statements
        raise Conflict(lazy("This request has just been repeated. Send it again."), code="repeated")
    if row.fingerprint != fingerprint:
        raise Invalid(
            lazy("This Idempotency-Key was used for a different request."), code="idempotency-key-reused"
        )
    if row.body is None:
        raise Conflict(
            lazy("This was done already. Its answer held a secret, which is shown only once."),
            code="answer-not-kept",
        )
    response = Response(row.body, row.status)
    response.headers.update(row.headers or {})
    response.headers[REPLAYED] = "true"
    return response


def keep_answer(session: Session, scope: str, key: str, response: Response, *, is_secret: bool) -> None:
    """Keep an answer for whoever repeats the request; of a secret one only that it was given."""
    session.execute(
        update(RequestKey)
        .where(RequestKey.scope == scope, RequestKey.key == key)
        .values(
            status=response.status_code,
            headers={name: response.headers[name] for name in KEPT_HEADERS if name in response.headers},
            body=None if is_secret else response.get_data(),
        )
    )


def _fingerprint(request: Request) -> bytes:
    digest = hashlib.sha256()
    for part in (request.method.encode(), request.full_path.encode(), request.get_data(cache=True)):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()
