"""Say on the next page what was just done: Post/Redirect/Get without a session on the server.

The sentence travels in a cookie of one showing. Until the answer leaves, it stands in a header of the
response, so that a repeated form, which gets its first answer again, says the same.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import orjson
from flask import redirect, request

from hub.texts.catalogue import translate
from hub.web.cookies import cookie_name, forget_cookie, held_cookie, keep_cookie
from hub.web.request import locale, settings

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

Tone: TypeAlias = Literal["done", "info", "caution"]

COOKIE = "hub-notice"
HEADER = "Hub-Notice"
LONGEST = 1500
SECONDS = 60
TONES = ("done", "info", "caution")


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence about what was done; ``undo`` is the path that a button takes it back by."""

    tone: str
    text: str
    undo: str | None = None


def go(
    path: str,
    message: str | None = None,
    /,
    *,
    tone: Tone = "done",
    undo: str | None = None,
    **values: object,
) -> BaseResponse:
    """Return the redirect (303) after a form, with a message (an English msgid) for the page it leads to.

    ``undo`` is a path of the hub that a POST takes the deed back by.
    """
    response = redirect(path, 303)
    if message is not None:
        facts = {
            name: value if isinstance(value, (int, str)) else str(value) for name, value in values.items()
        }
        kept = base64.urlsafe_b64encode(orjson.dumps([tone, message, facts, undo])).decode("ascii")
        if len(kept) <= LONGEST:
            response.headers[HEADER] = kept
    return response


def read_notice() -> Notice | None:
    """Return what the last page left to be said, in the reader's language; anything odd is nothing."""
    kept = held_cookie(request, COOKIE, longest=LONGEST)
    if not kept:
        return None
    try:
        tone, message, values, undo = orjson.loads(base64.urlsafe_b64decode(kept))
        text = translate(locale(), message, **values)
    except (ValueError, TypeError, KeyError, AttributeError, binascii.Error):
        # Only this host can set the cookie; whatever else stands in it is not worth an error.
        return None
    is_path = isinstance(undo, str) and undo.startswith("/") and not undo.startswith("//")
    return Notice(tone if tone in TONES else "info", str(text), undo if is_path else None)


def carry_notice(response: Response) -> None:
    """Turn the answer's notice into its cookie; take the cookie back once a page has shown it."""
    kept = response.headers.pop(HEADER, None)
    if kept is not None:
        keep_cookie(response, COOKIE, kept, seconds=SECONDS)
    elif (
        cookie_name(COOKIE, settings()) in request.cookies
        and response.mimetype == "text/html"
        and "Location" not in response.headers
    ):
        forget_cookie(response, COOKIE)
