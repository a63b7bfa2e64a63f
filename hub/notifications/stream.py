"""The live inbox: server-sent events (``text/event-stream``), opened by a signed-in browser or a program."""

from __future__ import annotations

import contextlib
import socket
import threading
from functools import partial
from typing import TYPE_CHECKING, Final, cast

from flask import Response, request

from hub.accounts.proofs import secret_hash
from hub.errors import Unauthenticated
from hub.notifications.fanout import FanOut
from hub.notifications.messages import NOWHERE
from hub.notifications.positions import is_position
from hub.texts.catalogue import lazy
from hub.web.application import demand_second_factor
from hub.web.cookies import read_cookie
from hub.web.credential import Credential
from hub.web.request import database, hub_app
from hub.web.scopes import demand_scope

if TYPE_CHECKING:
    from hub.web.application import HubFlask

NAME: Final = "inbox-streams"
SEND_SECONDS: Final = 30
"""A reader that takes nothing for so long is gone."""
_making = threading.Lock()


def answer_stream() -> Response:
    """Return the stream of whoever asks; the policy is bare, so it looks after itself.

    Raises Unauthenticated: a browser does not try again then.
    """
    credential = _credential()
    with database().transaction() as session:
        session.connection(execution_options={"postgresql_readonly": True})
        actor = hub_app().identify(session, credential) if credential else None
        doings = session.info
    hub_app().do_afterwards(doings)
    if credential is None or actor is None or actor.person_id is None:
        raise Unauthenticated(lazy("Sign in to see this."), code="stream-needs-sign-in")
    demand_second_factor(actor, hub_app().settings)
    demand_scope(actor, "read")
    left_off = request.headers.get("Last-Event-ID") or request.args.get("after")
    connection: socket.socket | None = request.environ.get("gunicorn.socket")
    if connection is not None:
        connection.settimeout(SEND_SECONDS)
    stream = fan_out(hub_app()).open(
        person_id=actor.person_id,
        locale=actor.locale,
        zone=actor.zone,
        proof=secret_hash(credential.secret),
        after=left_off if left_off is None or is_position(left_off) else NOWHERE,
    )
    response = Response(stream, mimetype="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"  # a proxy shall pass on what comes, when it comes
    response.call_on_close(stream.close)
    if connection is not None:
        response.call_on_close(partial(_hear_no_more, connection))
    return response


def _hear_no_more(connection: socket.socket) -> None:
    """Take no further request on a stream's connection: a server that stops need not wait for one."""
    with contextlib.suppress(OSError):  # its reader may have gone already
        connection.shutdown(socket.SHUT_RD)


def fan_out(app: HubFlask) -> FanOut:
    """Return the application's fan-out; made when first asked for, so after gunicorn's fork."""
    with _making:
        if NAME not in app.extensions:
            app.extensions[NAME] = FanOut(
                app.database,
                app.settings.database_urls["app"],
                is_alive=app.extensions.get("is_alive", lambda: True),
            )
        return cast("FanOut", app.extensions[NAME])


def _credential() -> Credential | None:
    header = request.headers.get("Authorization")
    if header is not None:
        scheme, _, secret = header.partition(" ")
        return Credential("bearer", secret.strip(), is_change=False) if scheme.lower() == "bearer" else None
    cookie = read_cookie(request)
    return Credential("cookie", cookie, is_change=False) if cookie else None
