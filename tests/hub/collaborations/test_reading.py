"""Queries that are put together once ask anew each time; who acts is carried by the query that finds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import bindparam, exc, func, select, text

from hub.accounts.commands.tokens import create_token
from hub.accounts.identity import identify
from hub.clock import now
from hub.collaborations.queries import NUMBERS
from hub.db.reading import Reading
from hub.db.transaction import act_for
from hub.facilities.models import Facility
from hub.web.credential import Credential

if TYPE_CHECKING:
    from hub.db.transaction import Database
    from tests.support.cast import Cast

UNITS = (
    select(Facility.id)
    .where(Facility.id == func.any(bindparam("ids", type_=NUMBERS)), Facility.kind.in_(("rutan", "lapas")))
    .order_by(Facility.id)
)
TOLD = text("SELECT current_setting('app.person', true), current_setting('app.units', true)")


def test_a_reading_takes_other_values_each_time(as_app: Database, cast: Cast) -> None:
    reading = Reading(UNITS)
    guest, host, region = cast.guest.id, cast.host.id, cast.region.id
    with as_app.transaction() as session:
        assert [row[0] for row in reading.rows(session, ids=[guest, host, region])] == sorted([guest, host])
        assert [row.id for row in reading.rows(session, ids=[host])] == [host]
        assert reading.rows(session, ids=[]) == []
        with pytest.raises(exc.ProgrammingError, match="ids"):
            reading.rows(session)


def test_who_acts_is_in_the_transaction_with_the_hubs_time(as_app: Database, cast: Cast) -> None:
    head = cast.guest_head
    with as_app.transaction() as session:
        secret = create_token(session, actor=head.actor(), person_id=head.id, label="t", days=1).secret
    with as_app.transaction() as session:
        moment = now(session)
        found = identify(session, Credential("bearer", secret, is_change=False))
        assert found is not None
        assert tuple(session.execute(TOLD).one()) == (str(head.id), f"{{{cast.guest.id}}}")
        assert now(session) == moment
        act_for(session, cast.host_head.actor())
        assert tuple(session.execute(TOLD).one()) == (str(cast.host_head.id), f"{{{cast.host.id}}}")


def test_a_stranger_is_carried_nowhere(as_app: Database) -> None:
    with as_app.transaction() as session:
        assert identify(session, Credential("bearer", "hub_nobody", is_change=False)) is None
        assert not any(session.execute(TOLD).one())
