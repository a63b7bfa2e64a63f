"""The pages of privacy: what the hub holds of oneself, to see and take along; and erasing somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from flask import Response

from hub import clock
from hub.errors import Conflict, Invalid, Unauthenticated
from hub.privacy.commands import erase_person, plan_erasure
from hub.privacy.queries import count_held, find_people, held_of
from hub.privacy.register import ERASED, KEPT
from hub.privacy.retention import LIMITS
from hub.privacy.schemas import EraseForm, FindPeopleQuery
from hub.texts.catalogue import lazy, ngettext_for, translate
from hub.texts.formats import format_number
from hub.web.errors import said
from hub.web.forms import Form
from hub.web.notices import go
from hub.web.pages import page_blueprint, render_page
from hub.web.parsing import read_query
from hub.web.request import actor, locale, session

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from hub.privacy.queries import Counted

blp = page_blueprint("privacy_pages")

ERASED_NOW = lazy("The person is erased. What the office did stays, without the name.")


@blp.route("/me/data", methods=["GET"])
def show_own() -> Response:
    """Show what the hub holds of who asks: how much, what for, and for how long."""
    held = count_held(session(), _own_id())
    return render_page("privacy/own.html", rows=[_row(one) for one in held])


@blp.route("/me/data.json", methods=["GET"])
def download_own() -> Response:
    """Give out everything the hub holds of who asks, as a file."""
    held = held_of(session(), _own_id())
    body = {
        "written_at": clock.now(session()).isoformat(),
        "holdings": [
            {
                "table": one.holding.table,
                "what": translate(locale(), one.holding.what),
                "purpose": translate(locale(), one.holding.purpose),
                "kept": kept_for(one.holding.kept),
                "rows": one.rows,
                "is_cut": one.is_cut,
            }
            for one in held
        ],
    }
    response = Response(orjson.dumps(body, option=orjson.OPT_INDENT_2), mimetype="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="sinergi-hub-data.json"'
    return response


@blp.route("/privacy/people", methods=["GET"])
def list_people() -> Response:
    """Find somebody who asks to be erased."""
    words: str = read_query(FindPeopleQuery)["q"]
    found = find_people(session(), words) if words else []
    return render_page("privacy/people.html", words=words, found=found)


@blp.route("/people/<int:person_id>/erase", methods=["GET"])
def confirm_erasure(*, person_id: int) -> Response:
    """Show what erasing would do, or why it cannot be done now."""
    return _erase_page(person_id, Form(EraseForm))


@blp.route("/people/<int:person_id>/erase", methods=["POST"])
def erase(*, person_id: int) -> BaseResponse:
    """Erase a person, as it was shown."""
    form = Form.posted(EraseForm)
    try:
        erase_person(session(), actor=actor(), person_id=person_id, reason=form.load()["reason"])
    except Invalid as error:
        return _erase_page(person_id, form.refused(error))
    except Conflict as error:
        return _erase_page(person_id, form, status=error.status)
    return go("/privacy/people", ERASED_NOW)


def kept_for(kept: str) -> str:
    """Return how long something is kept, in the reader's language."""
    if kept in KEPT:
        return translate(locale(), KEPT[kept])
    limit = next(one for one in LIMITS if one.name == kept)
    days = limit.age.days
    ngettext = ngettext_for(locale())
    written = ngettext("%(count)s day", "%(count)s days", days)
    return f"{written % {'count': format_number(days, locale())}} {translate(locale(), limit.after)}"


def _row(one: Counted) -> dict[str, object]:
    return {
        "what": translate(locale(), one.holding.what),
        "rows": one.rows,
        "purpose": translate(locale(), one.holding.purpose),
        "kept": kept_for(one.holding.kept),
        "erased": translate(locale(), ERASED[one.holding.erased]),
    }


def _erase_page(person_id: int, form: Form, *, status: int | None = None) -> Response:
    plan = plan_erasure(session(), actor=actor(), person_id=person_id)
    return render_page(
        "privacy/erase.html",
        status=status or form.status,
        form=form,
        person=plan.person,
        rows=[_row(one) for one in plan.held if one.rows],
        obstacle=said(plan.obstacle.message, plan.obstacle.values) if plan.obstacle else None,
        posts=plan.posts,
    )


def _own_id() -> int:
    person_id = actor().person_id
    if person_id is None:
        raise Unauthenticated(lazy("Sign in to see this."))
    return person_id
