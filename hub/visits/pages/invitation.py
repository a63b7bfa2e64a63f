"""The one page of somebody without an account: an invitation, and the answer to it.

GET shows, POST acts: mail scanners and previews that open the link change nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from flask import Response, redirect, request
from marshmallow import ValidationError

from hub.actor import Actor
from hub.collaborations.themes import kind_name, theme_name
from hub.errors import Conflict, Gone, HubError, Invalid
from hub.texts.catalogue import lazy
from hub.visits.commands.answer import CHECK_ANSWER, GIVE_A_REASON, Reply, answer_by_link
from hub.visits.commands.invite import pass_on
from hub.visits.policy import find_card_of_link
from hub.visits.schemas import LinkAnswerSchema
from hub.web.complaints import Said
from hub.web.errors import said
from hub.web.fields import LocalMoment
from hub.web.guarding import show_suspected
from hub.web.pages import page_blueprint, render_page
from hub.web.parsing import read_form
from hub.web.request import actor, found, locale, session

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from werkzeug.wrappers import Response as BaseResponse

    from hub.visits.queries.card import Card

blp = page_blueprint("invitation_page")

LABELS = {
    "name": lazy("Your name"),
    "post": lazy("Your post"),
    "reason": lazy("Reason"),
    "day": lazy("Day"),
    "starts": lazy("Starts at"),
    "ends": lazy("Ends at"),
}
"""The form's fields, as the summary of errors names them; what was typed in them survives an error."""
WATCHED = ("name", "post", "reason")
"""Those that the no-inmate-data guard watches."""
LONGEST_KEPT = 2000
"""Characters of a field that are shown again; nobody wants two megabytes back."""
FIELDS_OF_TIMES = {"starts_at": "day", "ends_at": "ends"}
GIVE_DAY_AND_TIME = lazy("Please give a day and a time, such as 28 November 2024 and 09.00.")
CHECK_END = lazy("Please give the time of the end, such as 12.00, or leave it empty.")
CHANGED_WHILE_OPEN = lazy(
    "The date or agenda has changed while this page was open, so nothing was sent. Please look again."
)
NOBODY = "Sinergi Hub"
"""Who gives a link a successor, in the timeline: whoever presses the button says no name."""
KEPT = lazy("This invitation has been answered before, so your new answer was not taken.")


@blp.route("/invitations/<token>", methods=["GET"])
def show_invitation(token: str) -> Response:
    """Show the invitation with the three answers, the answer given, or why the link has ended."""
    del token
    return _page(cast("Card", found()))


@blp.route("/invitations/<token>", methods=["POST"])
def answer_invitation(token: str) -> BaseResponse:
    """Take the answer, then show the page again."""
    card = cast("Card", found())
    if card.state not in ("open", "answered"):
        return _page(card)
    try:
        form = read_form(LinkAnswerSchema, subject=f"invitations/{card.invitation_id}")
    except Invalid as error:
        # Say everything at once, so that nobody mends one field after the other.
        return _page(card, error=Invalid(error.message, fields={**_missing(request.form), **error.fields}))
    try:
        _answer(card, form)
    except Invalid as error:
        return _page(card, error=error)
    except (Conflict, Gone) as error:
        return _page(find_card_of_link(session(), actor(), token=token), error=error)
    # A reload of what follows asks nothing again.
    return redirect(request.path + ("?lang=en" if locale() == "en" else ""), code=303)


@blp.route("/invitations/<token>/pass-on", methods=["POST"])
def pass_link_on(token: str) -> BaseResponse:
    """Send a new link to who has the post now; a second time does nothing."""
    pass_on(session(), actor=_holder(NOBODY), invitation_id=cast("Card", found()).invitation_id)
    return redirect(f"/invitations/{token}" + ("?lang=en" if locale() == "en" else ""), code=303)


def _holder(label: str) -> Actor:
    return Actor(kind="link", label=label, locale=locale(), correlation_id=actor().correlation_id)


def _answer(card: Card, form: dict[str, Any]) -> None:
    label = f"{form['name']}, {form['post']}"
    if faults := _missing(form):
        raise Invalid(CHECK_ANSWER, fields=faults)
    answer_by_link(
        session(),
        actor=_holder(label),
        invitation_id=card.invitation_id,
        generation=card.generation,
        number=form["number"],
        reply=Reply(
            verdict=form["verdict"],
            answered_by=label,
            reason=form["reason"] or None,
            counter_starts_at=_local(form["day"], form["starts"]),
            counter_ends_at=_local(form["day"], form["ends"]),
        ),
    )


def _missing(form: Mapping[str, str]) -> dict[str, str]:
    """Return messages for what an answer of this verdict needs and the form does not have."""
    faults: dict[str, str] = {}
    if form.get("verdict") == "countered":
        if _local(form.get("day", ""), form.get("starts", "")) is None:
            faults["starts" if _local(form.get("day", ""), "00:00") else "day"] = GIVE_DAY_AND_TIME
        elif form.get("ends") and _local(form["day"], form["ends"]) is None:
            faults["ends"] = CHECK_END
    if form.get("verdict") in ("countered", "declined") and not form.get("reason", "").strip():
        faults["reason"] = GIVE_A_REASON
    return faults


def _local(day: str, clock: str) -> dt.datetime | None:
    """Return the moment on the host's clock; "09.00" is how people here write 09:00."""
    try:
        moment: dt.datetime = LocalMoment().deserialize(f"{day}T{clock.replace('.', ':').zfill(5)}")
    except ValidationError:
        return None
    return moment


def _page(card: Card, *, error: HubError | None = None) -> Response:
    language = locale()
    if card.state not in ("open", "answered"):
        return render_page("visits/invitation_ended.html", status=410, card=card)
    verdict = request.form.get("verdict", "")
    return render_page(
        "visits/invitation.html",
        status=200 if error is None else error.status,
        card=card,
        kind=kind_name(card.kind, language),
        themes=[theme_name(code, language) for code in card.themes],
        not_working=card.not_working(language),
        chosen=verdict if verdict in ("accepted", "countered", "declined") else "accepted",
        typed={name: _shown(request.form.get(name, "")) for name in LABELS},
        labels={name: said(label) for name, label in LABELS.items()},
        suspected={name: show_suspected(name, request.form.get(name, "")[:LONGEST_KEPT]) for name in WATCHED},
        errors=_field_messages(error),
        notice=_notice(error),
    )


def _shown(typed: str) -> str:
    """Return what was typed as it can stand in a page again: bounded, without control characters."""
    return "".join(sign for sign in typed[:LONGEST_KEPT] if sign.isprintable() or sign in "\r\n\t")


def _field_messages(error: HubError | None) -> dict[str, str]:
    """Return a message per field of the form, in the reader's language."""
    if not isinstance(error, Invalid):
        return {}
    fields = error.fields or {"": error.message}
    return {FIELDS_OF_TIMES.get(name, name): said(message, error.values) for name, message in fields.items()}


def _notice(error: HubError | None) -> str | None:
    if error is None or isinstance(error, Invalid):
        return None
    message = {"arrangement-changed": CHANGED_WHILE_OPEN, "answered-otherwise": KEPT}.get(error.code)
    return said(Said(message) if message else error.message)
