"""What can go wrong in a command, said in the hub's own words.

Commands raise these; the edges translate them: the API into ``application/problem+json`` (RFC 9457),
a page into a message beside the field, the CLI into one line. ``message`` is an English msgid with
``%(name)s`` placeholders; the edge translates it into the reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar


class HubError(Exception):
    """Something the caller can understand and mend.

    ``code`` is stable and machine-readable, ``status`` the HTTP status it becomes, ``fields`` the
    messages per input field (a dotted path), when the fault lies in one.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400

    def __init__(
        self,
        message: str,
        *,
        fields: Mapping[str, str] | None = None,
        code: str | None = None,
        **values: object,
    ) -> None:
        super().__init__(message % values if values else message)
        self.message = message
        self.values = values
        self.fields = dict(fields or {})
        if code:
            self.code = code  # type: ignore[misc]


class Invalid(HubError):
    """The input cannot be accepted; ``fields`` says where."""

    code = "invalid"
    status = 422


class NotFound(HubError):
    """There is no such thing, or the actor may not know of it: the two look alike."""

    code = "not-found"
    status = 404


class Unauthenticated(HubError):
    """Nobody knows who the caller is: there is no sign-in, or what proves it is wrong or has ended."""

    code = "sign-in-required"
    status = 401


class Forbidden(HubError):
    """The actor sees the thing but may not do this to it."""

    code = "forbidden"
    status = 403


class Conflict(HubError):
    """The thing is not in a state in which this can be done (any more)."""

    code = "conflict"
    status = 409


class Stale(HubError):
    """Somebody else changed the thing since the caller read it."""

    code = "stale"
    status = 412


class Gone(HubError):
    """The thing existed and has ended: an expired or revoked link."""

    code = "gone"
    status = 410


class Throttled(HubError):
    """Too many tries; ``seconds`` in ``values`` says how long to wait."""

    code = "throttled"
    status = 429
