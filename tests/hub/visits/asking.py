"""How each act of a life is asked for: method, address, body."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from tests.hub.lives import Request
from tests.hub.visits.stage import VISIT_AT, accepting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.hub.visits.book import VisitAct
    from tests.support.cast import Cast

ADDRESSES = {
    "edit": ("PATCH", "proposals/{proposal}"),
    "submit": ("POST", "proposals/{proposal}/submit"),
    "withdraw": ("POST", "proposals/{proposal}/withdraw"),
    "rearrange": ("POST", "visits/{visit}/arrangements"),
    "answer": ("POST", "invitations/{invitation}/answer"),
    "follow_link": ("POST", "/invitations/{token}"),
    "renew": ("POST", "invitations/{invitation}/renew"),
    "revoke": ("POST", "invitations/{invitation}/revoke"),
    "hold": ("POST", "visits/{visit}/hold"),
    "write": ("PUT", "visits/{visit}/outcome"),
    "publish": ("POST", "visits/{visit}/outcome/publish"),
}


def request_of(act: VisitAct, ids: Mapping[str, int], cast: Cast, token: str) -> Request:
    """Return the request that an act is; ``ids`` are the numbers of proposal, visit and invitation."""
    method, address = ADDRESSES[act.name]
    path = address.format(**ids, token=token)
    if act.name == "follow_link":
        return Request(method, path, {"data": _form(act)})
    options: dict[str, object] = {"json": _body(act, cast)}
    if method != "POST":
        options["version"] = act.seen
    return Request(method, path, options)


def _body(act: VisitAct, cast: Cast) -> dict[str, object]:
    when: dict[str, object] = {} if act.days is None else {"starts_at": f"{_moment(act):%Y-%m-%dT%H:%M}"}
    bodies: dict[str, dict[str, object]] = {
        "edit": {"title": act.words, **when},
        "withdraw": {"reason": "Tugas mendadak."},
        "rearrange": {"replaces": act.seen, "head_count": 4, **when},
        "answer": {
            "verdict": act.verdict,
            "reason": act.reason,
            "number": act.seen,
            **(when if act.verdict == "countered" else {}),
        },
        "renew": {"address": act.address},
        "write": _outcome(act, cast),
    }
    return bodies.get(act.name, {})


def _form(act: VisitAct) -> dict[str, object]:
    form = accepting(number=act.seen, verdict=act.verdict, reason=act.reason or "")
    if act.verdict == "countered":
        form |= {"day": f"{_moment(act):%Y-%m-%d}", "starts": f"{_moment(act):%H.%M}"}
    return form


def _outcome(act: VisitAct, cast: Cast) -> dict[str, object]:
    promise = {
        "text": "Menyusun jadwal",
        "facility_id": cast.guest.id,
        "owner_post_id": cast.guest_service.post_id,
        "working_days": 10,
    }
    theme = {"theme": "rehabilitasi", "seen": act.words, "will_try": "Kelompok pemulihan."}
    return {"themes": [{**theme, "commitments": [promise] * act.has_promise}]}


def _moment(act: VisitAct) -> dt.datetime:
    return VISIT_AT + dt.timedelta(days=act.days or 0)
