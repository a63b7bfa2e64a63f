"""A small capability with every kind of route, so that the web layer is tested without the real ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import redirect
from sqlalchemy import func, select, text

from hub.accounts.identity import identify
from hub.accounts.models import Post
from hub.accounts.policy import POLICIES as ACCOUNTS
from hub.errors import Conflict, NotFound
from hub.web import site
from hub.web.api import api_blueprint, make_api
from hub.web.application import HubFlask
from hub.web.fields import (
    Address,
    Choice,
    Choices,
    Day,
    Flag,
    HubSchema,
    Line,
    ListOf,
    LocalMoment,
    Moment,
    Nested,
    Number,
    Paragraph,
)
from hub.web.pages import page_blueprint, render_page
from hub.web.paging import page, page_of, page_query
from hub.web.parsing import read_form
from hub.web.policy import Policy, demand_policies, joined
from hub.web.request import actor, client_address, found, require_match, session, set_etag

if TYPE_CHECKING:
    from flask import Response
    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response as AnyResponse

    from config.settings import Settings
    from hub.actor import Actor

VERSION = 3


class ItemInput(HubSchema):
    """One item inside a list."""

    title = Line(20, required=True)
    minutes = Number(1, 600)


class ThingInput(HubSchema):
    """One field of every kind."""

    name = Line(40, required=True)
    story = Paragraph(100)
    count = Number(0, 9)
    is_open = Flag()
    at = Moment()
    local_at = LocalMoment()
    on = Day()
    kind = Choice(("lapas", "rutan"))
    themes = Choices(("farming", "rehabilitation"))
    address = Address()
    items = ListOf(Nested(ItemInput), 3)


class FormInput(HubSchema):
    """A page's form."""

    name = Line(40, required=True)
    count = Number(0, 9)
    is_open = Flag(load_default=False)
    themes = Choices(("farming", "rehabilitation"))


class PostItem(HubSchema):
    """A post in a list."""

    id = Number()
    title = Line()


blp = api_blueprint("toy")
pages = page_blueprint("toy_pages")


@blp.route("/things", methods=["POST"])
@blp.arguments(ThingInput)
@blp.response(201, ThingInput)
def create_thing(data: dict[str, Any]) -> dict[str, Any]:
    """Give back what was read, and leave a trace in the database."""
    session().execute(
        text("INSERT INTO heartbeats (process, beat_at) VALUES (:name, hub_now())"), {"name": data["name"]}
    )
    if data["name"].startswith("fails"):
        raise Conflict("It failed after it wrote.")
    return data


@blp.route("/things/<int:thing_id>", methods=["PUT"])
@blp.arguments(ThingInput)
@blp.response(200, ThingInput)
def edit_thing(data: dict[str, Any], thing_id: int) -> dict[str, Any]:
    """Edit a thing of version 3."""
    assert found() == {"id": thing_id}
    require_match(VERSION)
    set_etag(VERSION + 1)
    return data


@blp.route("/things/<int:thing_id>", methods=["GET"])
@blp.response(200, PostItem)
def show_thing(thing_id: int) -> dict[str, Any]:
    """Show a thing with its version."""
    set_etag(VERSION)
    return {"id": thing_id, "title": actor().label}


@blp.route("/writes", methods=["GET"])
def write_in_get() -> str:
    """Do what no GET may."""
    session().execute(text("UPDATE sign_ins SET user_agent = 'written by a GET'"))
    return "written"


@blp.route("/admins", methods=["GET"])
def only_admins() -> str:
    """Answer administrators."""
    return "yes"


@blp.route("/posts", methods=["GET"])
@blp.arguments(page_query(str, int), location="query")
@blp.response(200, page_of(PostItem))
def list_posts(query: dict[str, Any]) -> Any:
    """List posts by title."""
    rows = select(Post).order_by(Post.title, Post.id).limit(query["limit"] + 1)
    if query["after"] is not None:
        title, number = query["after"]
        rows = rows.where(func.row(Post.title, Post.id) > func.row(title, number))
    return page(session().scalars(rows).all(), query["limit"], lambda post: (post.title, post.id))


@blp.route("/context", methods=["GET"])
def show_context() -> dict[str, Any]:
    """Say what the database knows of the actor and the transaction."""
    row = session().execute(
        text(
            "SELECT current_setting('app.person', true) AS person,"
            " current_setting('app.units', true) AS units,"
            " current_setting('transaction_read_only') AS read_only, current_user AS role"
        )
    )
    return {**row.mappings().one(), "address": client_address()}


@blp.route("/crash", methods=["GET"])
def crash() -> str:
    """Fail in a way that nobody expected."""
    raise ZeroDivisionError("a secret detail")


@pages.route("/answers/<token>", methods=["GET"])
def show_answer(token: str) -> Response:
    """Show a page that a link leads to."""
    return render_page(
        "web/error.html", problem={"title": token, "detail": "", "errors": [], "status": 200, "code": ""}
    )


@pages.route("/answers/<token>", methods=["POST"])
def give_answer(token: str) -> AnyResponse:
    """Take a form by a link."""
    data = read_form(FormInput)
    session().execute(
        text("INSERT INTO heartbeats (process, beat_at) VALUES (:name, hub_now())"), {"name": repr(data)}
    )
    if data["name"].startswith("again"):
        return render_page("web/landing.html", status=422)
    return redirect(f"/answers/{token}", 303)


@pages.route("/forms", methods=["POST"])
def post_form() -> AnyResponse:
    """Take a form from somebody signed in."""
    return redirect(f"/?name={read_form(FormInput)['name']}", 303)


def find_thing(_session: Session, _actor: Actor, thing_id: int) -> dict[str, int]:
    """Find the things numbered below 100."""
    if thing_id >= 100:
        raise NotFound("There is no such thing.")
    return {"id": thing_id}


def find_link(_session: Session, current: Actor, token: str) -> str:
    """Know one link."""
    assert current.person_id is None
    if token != "good":
        raise NotFound("There is no such link.")
    return token


POLICIES = {
    "toy.create_thing": Policy("signed_in", scope="proposals:write"),
    "toy.edit_thing": Policy("signed_in", find_thing, scope="proposals:write"),
    "toy.show_thing": Policy("signed_in", find_thing),
    "toy.write_in_get": Policy("anyone"),
    "toy.only_admins": Policy("admin"),
    "toy.list_posts": Policy("signed_in"),
    "toy.show_context": Policy("anyone"),
    "toy.crash": Policy("anyone"),
    "toy_pages.show_answer": Policy("link", find_link),
    "toy_pages.give_answer": Policy("link", find_link),
    "toy_pages.post_form": Policy("signed_in"),
}


def toy_app(settings: Settings, **changes: Any) -> HubFlask:
    """Return an application with the toy, accounts and the site; ``changes`` are of the settings."""
    import hub.factory  # noqa: F401, PLC0415 -- it imports every module of routes
    from hub import accounts  # noqa: PLC0415

    policies = joined(site.POLICIES, ACCOUNTS, POLICIES)
    app = HubFlask(replace(settings, **changes), policies, identify)
    api = make_api(app)
    for blueprint in (accounts.api.blp, blp):
        api.register_blueprint(blueprint)
    account_pages = [module.blp for name, module in vars(accounts).items() if name.endswith("pages")]
    for page_routes in (site.blp, *account_pages, pages):
        app.register_blueprint(page_routes)
    demand_policies(app, policies)
    return app
