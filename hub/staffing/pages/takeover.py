"""What somebody takes over with a post: its tasks, invitations and visits, as far as the reader may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from hub.followups.queries import open_tasks
from hub.followups.wording import task_row
from hub.staffing import queries
from hub.staffing.pages.roster import serving_facts
from hub.web.pages import page_blueprint, render_page
from hub.web.request import actor, found, locale, session

if TYPE_CHECKING:
    from flask import Response

    from hub.accounts.models import Post
    from hub.facilities.queries import Shown

blp = page_blueprint("takeover_pages")


@blp.route("/posts/<int:post_id>/takeover", methods=["GET"])
def show_takeover(*, post_id: int) -> Response:
    """Show what stands in a post's name now. Whoever holds it from a later day on reads the titles then."""
    post, shown = cast("tuple[Post, Shown]", found())
    facility = shown.facility
    (seat,) = (one for one in queries.roster(session(), facility.id) if one.post.id == post_id)
    tasks = open_tasks(
        session(), actor(), facility_ids=None, post_ids=[post_id], after=None, limit=queries.MOST_SHOWN
    )
    return render_page(
        "staffing/takeover.html",
        post=post,
        facility=facility,
        now=[serving_facts(one, facility.iana_zone) for one in seat.now],
        next=[serving_facts(one, facility.iana_zone) for one in seat.next],
        held=queries.held_with(session(), [post_id])[post_id],
        visit_count=queries.count_visits(session(), post),
        tasks=[task_row(task, locale(), is_own=True) for task in tasks],
        visits=queries.visits_with(session(), actor(), post),
    )
