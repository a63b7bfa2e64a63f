"""Who serves in a unit; hand a post over, name a stand-in, let somebody join or stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from hub.clock import now
from hub.errors import Conflict, Forbidden, Gone, Invalid
from hub.staffing import queries
from hub.staffing.commands import posts, serve
from hub.staffing.commands.newcomers import person_at
from hub.staffing.commands.place import MAY_NOT, lock_place
from hub.staffing.rules import ONE_DAY, may_lend, may_name_stand_in, may_staff
from hub.staffing.schemas import HandOverForm, PostForm, StandInForm, StopForm
from hub.texts.catalogue import lazy
from hub.texts.formats import format_day
from hub.visits.queries.answering import who_may_answer
from hub.web.forms import Form
from hub.web.notices import go
from hub.web.pages import page_blueprint, render_page
from hub.web.request import actor, found, locale, session
from hub.workdays.zones import local_date, zone_label

if TYPE_CHECKING:
    import datetime as dt

    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

    from hub.accounts.models import Appointment, Post
    from hub.facilities.queries import Shown
    from hub.staffing.queries import Seat, Serving

blp = page_blueprint("staffing_pages")

HANDED_OVER = lazy("%(name)s holds the post from %(day)s on. Tasks and invitations follow the post.")
NAMED = lazy("%(name)s stands in until %(day)s.")
JOINED = lazy("%(name)s serves here from %(day)s on.")
STOPPED = lazy("The service ends after %(day)s.")
VACANT = lazy("The service ends after %(day)s. From then on nobody holds the post: hand it over soon.")
ADDED = lazy("The post is there. Now say who holds it.")
ROLES = {
    "section": lazy("Head of a section or subsection"),
    "pool": lazy("Pool: several people, nobody accountable"),
    "contact": lazy("Contact with a mailbox"),
    "head": lazy("Head of the unit"),
}


@blp.route("/facilities/<int:facility_id>/posts", methods=["GET"])
def show_roster(*, facility_id: int) -> Response:
    """Show every post of a unit with who serves in it, who comes next and who is away."""
    shown = cast("Shown", found())
    facility = shown.facility
    today = local_date(now(session()), facility.iana_zone)
    seats = queries.roster(session(), facility_id)
    people = {one.person_id for seat in seats for one in (*seat.now, *seat.next)}
    held = queries.held_with(session(), [seat.post.id for seat in seats])
    return render_page(
        "staffing/roster.html",
        facility=facility,
        zone_name=zone_label(facility.iana_zone),
        rows=[_row(seat, held[seat.post.id], shown) for seat in seats],
        away=queries.away(session(), people, today),
        may_add=_may(facility.id, facility.region_id, "section"),
        answerers=who_may_answer(session(), facility_id),
        coming=queries.lent_later(session(), facility_id),
        may_lend=may_lend(actor(), facility_id),
    )


@blp.route("/facilities/<int:facility_id>/posts/new", methods=["GET"])
def start_post(*, facility_id: int) -> Response:
    """Show the form of a new post."""
    del facility_id
    return _post_form(Form(PostForm, {"role": "section"}))


@blp.route("/facilities/<int:facility_id>/posts/new", methods=["POST"])
def create_post(*, facility_id: int) -> BaseResponse:
    """Add a post and go on to who holds it."""
    form = Form.posted(PostForm)
    try:
        post = posts.create_post(session(), actor=actor(), facility_id=facility_id, **form.load())
    except (Invalid, Conflict, Forbidden) as error:
        return _post_form(form.refused(error))
    if post.role == "contact":
        return go(f"/facilities/{facility_id}/posts", lazy("The post is there."))
    return go(f"/posts/{post.id}/{'join' if post.is_pool else 'hand-over'}", ADDED)


@blp.route("/posts/<int:post_id>/hand-over", methods=["GET"])
def start_handover(*, post_id: int) -> Response:
    """Show what stands in the post's name and ask who holds it next."""
    del post_id
    return _form("hand_over", Form(HandOverForm, {"starts_on": _today()}))


@blp.route("/posts/<int:post_id>/hand-over", methods=["POST"])
def hand_over(*, post_id: int) -> BaseResponse:
    """Hand the post over."""
    form = Form.posted(HandOverForm)
    try:
        asked = form.load()
        person_id, name = _who(post_id, asked)
        serve.hand_over(session(), actor=actor(), post_id=post_id, person_id=person_id, **asked)
    except (Invalid, Conflict, Forbidden) as error:
        return _form("hand_over", form.refused(error, names={"person_id": "email"}))
    return go(_roster_path(), HANDED_OVER, name=name, day=format_day(asked["starts_on"], locale()))


@blp.route("/posts/<int:post_id>/stand-in", methods=["GET"])
def start_stand_in(*, post_id: int) -> Response:
    """Ask who acts in the post and for how long."""
    del post_id
    return _form("stand_in", Form(StandInForm, {"starts_on": _today()}))


@blp.route("/posts/<int:post_id>/stand-in", methods=["POST"])
def name_stand_in(*, post_id: int) -> BaseResponse:
    """Name who acts in the post."""
    form = Form.posted(StandInForm)
    try:
        asked = form.load()
        person_id, name = _who(post_id, asked, for_stand_in=True)
        serve.stand_in(session(), actor=actor(), post_id=post_id, person_id=person_id, **asked)
    except (Invalid, Conflict, Forbidden) as error:
        return _form("stand_in", form.refused(error, names={"person_id": "email"}))
    return go(_roster_path(), NAMED, name=name, day=format_day(asked["ends_on"], locale()))


@blp.route("/posts/<int:post_id>/join", methods=["GET"])
def start_joining(*, post_id: int) -> Response:
    """Ask who joins the pool."""
    del post_id
    return _form("join", Form(HandOverForm, {"starts_on": _today()}))


@blp.route("/posts/<int:post_id>/join", methods=["POST"])
def join_pool(*, post_id: int) -> BaseResponse:
    """Let somebody join the pool."""
    form = Form.posted(HandOverForm)
    try:
        asked = form.load()
        del asked["letter_no"]
        person_id, name = _who(post_id, asked)
        serve.join_pool(session(), actor=actor(), post_id=post_id, person_id=person_id, **asked)
    except (Invalid, Conflict, Forbidden) as error:
        return _form("join", form.refused(error, names={"person_id": "email"}))
    return go(_roster_path(), JOINED, name=name, day=format_day(asked["starts_on"], locale()))


@blp.route("/services/<int:appointment_id>/end", methods=["GET"])
def start_stopping(*, appointment_id: int) -> Response:
    """Ask for the last day, and say what stays with the post."""
    del appointment_id
    return _stop_form(Form(StopForm, {"last_day": _today()}))


@blp.route("/services/<int:appointment_id>/end", methods=["POST"])
def stop_serving(*, appointment_id: int) -> BaseResponse:
    """Let the service end."""
    form = Form.posted(StopForm)
    try:
        asked = form.load()
        _, is_vacant = serve.stop_serving(session(), actor=actor(), appointment_id=appointment_id, **asked)
    except (Invalid, Conflict, Forbidden) as error:
        return _stop_form(form.refused(error))
    text = VACANT if is_vacant else STOPPED
    return go(
        _roster_path(),
        text,
        tone="info" if is_vacant else "done",
        day=format_day(asked["last_day"], locale()),
    )


def _who(post_id: int, asked: dict[str, Any], *, for_stand_in: bool = False) -> tuple[int, str]:
    """Take the person out of what was asked; whoever is new is added. Raises as ``person_at`` does."""
    place = lock_place(session(), actor(), post_id, for_stand_in=for_stand_in)
    email, name = asked.pop("email"), asked.pop("name")
    return person_at(session(), actor=actor(), place=place, email=email, name=name), name or email


def _form(act: str, form: Form) -> Response:
    post, shown = _place()
    facility = shown.facility
    may = (
        may_name_stand_in(actor(), facility_id=facility.id, region_id=facility.region_id)
        if act == "stand_in"
        else _may(facility.id, facility.region_id, post.role)
    )
    if not may:
        raise Forbidden(MAY_NOT)
    (seat,) = (one for one in queries.roster(session(), facility.id) if one.post.id == post.id)
    return render_page(
        "staffing/serve.html",
        status=form.status,
        act=act,
        form=form,
        post=post,
        facility=facility,
        zone_name=zone_label(facility.iana_zone),
        row=_row(seat, queries.Held(), shown),
        held=queries.held_with(session(), [post.id])[post.id],
    )


def _stop_form(form: Form) -> Response:
    service, post, shown = cast("tuple[Appointment, Post, Shown]", found())
    facility = shown.facility
    if not _may(facility.id, facility.region_id, post.role):
        raise Forbidden(MAY_NOT)
    seats = queries.roster(session(), facility.id)
    serving = next((one for seat in seats for one in (*seat.now, *seat.next) if one.id == service.id), None)
    if serving is None:
        raise Gone(serve.HAS_ENDED)
    return render_page(
        "staffing/stop.html",
        status=form.status,
        form=form,
        post=post,
        facility=facility,
        service=service,
        serving=serving_facts(serving, facility.iana_zone),
        held=queries.held_with(session(), [post.id])[post.id],
    )


def _post_form(form: Form) -> Response:
    facility = cast("Shown", found()).facility
    if not _may(facility.id, facility.region_id, "section"):
        raise Forbidden(MAY_NOT)
    roles = [role for role in ROLES if _may(facility.id, facility.region_id, role)]
    return render_page(
        "staffing/post.html",
        status=form.status,
        form=form,
        facility=facility,
        roles=[(role, ROLES[role]) for role in roles],
    )


def _row(seat: Seat, held: queries.Held, shown: Shown) -> dict[str, Any]:
    facility = shown.facility
    is_filled = seat.post.role != "contact"
    return {
        "post": seat.post,
        "is_vacant": seat.is_vacant,
        "now": [serving_facts(one, facility.iana_zone) for one in seat.now],
        "next": [serving_facts(one, facility.iana_zone) for one in seat.next],
        "held": held,
        "may_change": is_filled and _may(facility.id, facility.region_id, seat.post.role),
        "may_stand_in": is_filled
        and not seat.post.is_pool
        and may_name_stand_in(actor(), facility_id=facility.id, region_id=facility.region_id),
    }


def serving_facts(one: Serving, zone: str) -> dict[str, Any]:
    """Return a service with its first and its last day in the unit's zone."""
    return {
        "id": one.id,
        "name": one.name,
        "is_acting": one.is_acting,
        "letter_no": one.letter_no,
        "since": local_date(one.starts_at, zone) if one.starts_at else None,
        "until": local_date(one.ends_at - ONE_DAY, zone) if one.ends_at else None,
    }


def _may(facility_id: int, region_id: int | None, role: str) -> bool:
    return may_staff(actor(), facility_id=facility_id, region_id=region_id, role=role)


def _place() -> tuple[Post, Shown]:
    return cast("tuple[Post, Shown]", found())


def _facility_of_found() -> Any:
    return cast("tuple[Any, ...]", found())[-1].facility


def _roster_path() -> str:
    return f"/facilities/{_facility_of_found().id}/posts"


def _today() -> dt.date:
    return local_date(now(session()), _facility_of_found().iana_zone)
