"""Every route by every method for every actor on every thing: seen, or as if it were not there."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from hub import factory
from hub.actor import system_actor
from hub.cli.roles import ACTS, NOBODY, ROLES, acts_of, cell
from hub.db.transaction import act_for
from tests.matrix.calls import (
    NOT_FOUND,
    NUMBERS,
    WORDS,
    Call,
    calls,
    faults,
    header_faults,
    lists,
    plain,
    routes,
    without_object,
)
from tests.matrix.layers import needs_both
from tests.matrix.world import PEOPLE
from tests.support.client import HubClient

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hub.actor import Actor
    from hub.web.policy import Policy
    from tests.matrix.world import World

ACTORS = (
    *PEOPLE,
    "nobody",
    "expired token",
    "closed account",
)


def wrong(world: World, name: str, made: list[Call]) -> list[str]:
    """Return what is wrong with the answers to these calls for one actor."""
    client = world.client(name)
    return [fault for call in made for fault in faults(world, name, call, call.send(client))]


@pytest.mark.parametrize("name", ACTORS)
def test_what_one_may_not_know_of_is_not_there(world: World, name: str) -> None:
    made = calls(world)
    assert len(made) > 200
    before = world.digest()
    assert wrong(world, name, made) == []
    assert world.digest() == before


@pytest.mark.parametrize("name", ACTORS)
def test_lists_hold_nothing_of_others(world: World, name: str) -> None:
    assert wrong(world, name, lists(world)) == []


@pytest.mark.parametrize("name", ACTORS)
def test_what_is_hidden_looks_like_what_never_was(world: World, name: str) -> None:
    client = world.client(name)
    hidden = {call.endpoint + call.method: call for call in calls(world) if name not in call.readers}
    for call in hidden.values():
        path = without_object(world, call)
        there, nowhere = call.send(client), call.send(client, path)
        assert plain(there, call.path) == plain(nowhere, path), str(call)


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("guest's head", "unit head"),
        ("guest's pool", "staff"),
        ("host's section", "staff"),
        ("overseer", "regional overseer"),
        ("administrator", "administrator"),
        ("nobody", "facility contact"),
    ],
)
def test_who_sees_is_who_the_page_of_roles_names(world: World, name: str, role: str) -> None:
    """The page asks a rule of its own where a query decides; here both answer about the same things."""
    seen = {act: set[bool]() for act in ACTS if act.is_reading}
    for call in calls(world):
        (act,) = acts_of(call.endpoint)
        if act.is_reading:
            seen[act].add(name in call.readers)
    for act, answers in seen.items():
        # Things of one's own, of the region and of others are among them, so both answers come where one may.
        assert answers, act.what
        assert (True in answers) == (cell(act, ROLES[role]) != NOBODY), act.what
        if cell(act, ROLES[role]) in ("own unit", "own region"):
            assert False in answers, act.what


def test_without_tls_every_answer_has_the_headers_and_cookies_of_that_mode(world: World) -> None:
    settings = dataclasses.replace(
        world.app.settings, base_url="http://hub.lapas.internal", tls="off-intranet", oidc_issuer=""
    )
    app = factory.create_app(settings)
    app.config["SERVER_NAME"] = "hub.lapas.internal"
    client = HubClient(app)
    answers = [client.sign_in(world.stage.cast.guest_head)]
    made = [*lists(world), *calls(world)]
    answers += [call.send(client) for call in made]
    app.database.dispose()
    assert sum(answer.status_code == 200 for answer in answers) > 80
    assert [fault for answer in answers for fault in header_faults(answer, is_without_tls=True)] == []


def test_what_is_no_number_leads_nowhere(world: World) -> None:
    client = world.client("administrator")
    for rule, method in routes(world.app):
        if not rule.arguments or "filename" in rule.arguments:
            continue
        for number in NUMBERS:
            path = rule.rule
            for argument in rule.arguments:
                start = path.index("<")
                path = path[:start] + number + path[path.index(">") + 1 :]
                del argument
            answer = Call(rule.endpoint, method, path, frozenset()).send(client)
            # A text that names one's own sign-in or token may also be refused as no such text.
            is_text = rule.arguments & {"handle", "prefix"}
            allowed = (NOT_FOUND, 405, 308, 422) if is_text else (NOT_FOUND, 405, 308)
            assert answer.status_code in allowed, (method, path, answer.status_code)


@pytest.mark.parametrize("word", [word for word in WORDS if word != "kanari-draf"])
def test_a_link_shows_its_own_invitation_and_no_more(world: World, word: str) -> None:
    client = HubClient(world.app)
    page = client.get(f"/invitations/{world.links[word]}")
    said = page.get_data(as_text=True) + str(page.headers)
    assert page.status_code in (200, 410)
    # The date of one has passed without an answer: the page says so and shows nothing else.
    assert (word in said) == (word != "kanari-diminta")
    assert not [other for other in WORDS if other != word and other in said]
    spoiled = world.links[word][:-1] + ("A" if world.links[word][-1] != "A" else "B")
    assert client.get(f"/invitations/{spoiled}").status_code == NOT_FOUND


def test_numbers_in_bodies_and_queries_open_nothing(world: World) -> None:
    """Name other units' things inside a request that is one's own."""
    cast = world.stage.cast
    client = world.client("head of another region")
    mine = world.stage.proposal(guest_id=cast.elsewhere.id, host_id=cast.host.id)
    item = {"title": "A", "minutes": 5, "owner_post_id": cast.guest_head.post_id}
    tries = [
        client.post("proposals", {**mine, "guest_id": cast.guest.id}),
        client.post("proposals", {**mine, "agenda": [item]}),
        client.get("tasks", query={"scope": "unit", "facility_id": cast.guest.id}),
        client.get("partners", query={"facility_id": cast.guest.id}),
        client.get("/tasks", query={"scope": "unit", "facility_id": cast.guest.id}),
        client.get("/partners", query={"facility_id": cast.guest.id}),
        client.post("operations/replay", {"consumer": "notify"}),
    ]
    hidden = [word for word in WORDS if word not in world.sees["head of another region"]]
    for answer in tries:
        said = answer.get_data(as_text=True)
        assert answer.status_code in (200, 403, 404, 422), said
        assert not [word for word in hidden if word in said]
        if answer.status_code == 200 and answer.is_json:
            assert answer.get_json()["items"] == []


@needs_both
@pytest.mark.parametrize("are_rows_open", [False, True], ids=["rows under policies", "rows open too"])
@pytest.mark.parametrize(
    "endpoint", ["tasks.show_task", "receipts.show_receipt", "collaboration_pages.show_collaboration"]
)
def test_one_check_removed_shows_nothing_and_both_are_found(
    world: World, monkeypatch: pytest.MonkeyPatch, endpoint: str, *, are_rows_open: bool
) -> None:
    """Without its check a route shows a stranger no row. Without policies, too, the matrix must say so."""
    policy = world.app.policies[endpoint]
    check = policy.find
    assert check is not None
    everything = system_actor("a check that was forgotten")

    def find(session: Session, _actor: Actor, **named: object) -> object:
        if are_rows_open:
            act_for(session, everything)
        return check(session, everything, **named)

    open_to_all: Policy = dataclasses.replace(policy, find=find)
    monkeypatch.setattr(world.app, "policies", {**world.app.policies, endpoint: open_to_all})
    made = [call for call in calls(world) if call.endpoint == endpoint]
    assert bool(wrong(world, "head of the same region", made)) == are_rows_open
