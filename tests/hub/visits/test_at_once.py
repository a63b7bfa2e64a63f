"""Many people act at once: one answer, one event, whoever comes first."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import pytest

from hub.errors import Conflict
from hub.visits.commands.arranging import PlanChanges, rearrange
from hub.visits.commands.conclude import publish_outcome
from tests.hub.visits.stage import accepting, declining
from tests.support.client import HubClient
from tests.support.unhurried import unhurried

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.hub.visits.stage import Stage

MANY = 50


@pytest.fixture(autouse=True)
def _in_their_own_time(stage: Stage) -> Iterator[None]:
    with unhurried(stage.app):
        yield


def at_once(acts: Sequence[Callable[[], int]], threads: int) -> list[int]:
    """Run the acts in threads that all start together; return what each returned."""
    gate = threading.Barrier(threads)

    def act(one: Callable[[], int]) -> int:
        gate.wait(30)
        return one()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(act, acts))


def test_fifty_equal_answers_at_once_are_one_answer_and_one_event(stage: Stage) -> None:
    path = stage.path(stage.submit()["invitation_id"])
    statuses = at_once([lambda: HubClient(stage.app).post_form(path, accepting()).status_code] * MANY, MANY)
    assert statuses == [303] * MANY
    assert stage.count("answers") == 1
    assert stage.count("events", "type = 'invitation.accepted'") == 1
    assert stage.count("events", "type = 'visit.scheduled'") == 1


def test_yes_and_no_at_once_keep_the_first_and_refuse_the_other(stage: Stage) -> None:
    path = stage.path(stage.submit()["invitation_id"])

    def answer(form: dict[str, object]) -> int:
        return HubClient(stage.app).post_form(path, form).status_code

    acts = [partial(answer, form) for form in [accepting(), declining()] * 4]
    statuses = at_once(acts, len(acts))
    assert sorted(statuses) == [303] * 4 + [409] * 4
    assert stage.count("answers") == 1
    assert stage.count("events", "type IN ('invitation.accepted', 'invitation.declined')") == 1


def test_two_heads_who_publish_at_once_cause_one_event(stage: Stage) -> None:
    visit = stage.held()
    guest = stage.client(stage.cast.guest_head)
    assert (
        guest.put(f"visits/{visit['id']}/outcome", stage.outcome(), version=visit["version"]).status_code
        == 200
    )

    def publish(actor_name: str) -> int:
        try:
            with stage.transaction() as session:
                actor = getattr(stage.cast, actor_name).actor()
                publish_outcome(session, actor=actor, visit_id=visit["id"])
        except Conflict:
            return 409
        return 200

    statuses = at_once([lambda: publish("guest_head"), lambda: publish("host_head")], 2)
    assert sorted(statuses) == [200, 409]
    assert stage.count("events", "type = 'outcome.published'") == 1


def test_new_date_and_answer_at_once_never_schedule_the_old_date(stage: Stage) -> None:
    submitted = stage.submit()
    path, visit_id = stage.path(submitted["invitation_id"]), submitted["proposal"]["visit_id"]

    def move() -> int:
        with stage.transaction() as session:
            changes = PlanChanges(head_count=4)
            rearrange(session, actor=stage.cast.guest_head.actor(), visit_id=visit_id, changes=changes)
        return 201

    statuses = at_once([move, lambda: HubClient(stage.app).post_form(path, accepting()).status_code], 2)
    assert statuses[0] == 201
    assert statuses[1] in (303, 409)
    visit = stage.visit(visit_id)
    assert visit["state"] == "proposed"
    assert visit["arrangement"]["number"] == 2
    assert visit["invitations"][0]["answer"] is None
