"""Queries that are put together once ask anew each time; who acts is carried by the query that finds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Text, bindparam, exc, func, literal, select, text

from hub.accounts.commands.tokens import create_token
from hub.accounts.identity import identify
from hub.clock import now
from hub.collaborations.queries import NUMBERS
from hub.db import plans
from hub.db.reading import Reading
from hub.db.transaction import Database, act_for
from hub.facilities.models import Facility
from hub.web.credential import Credential

if TYPE_CHECKING:
    from config.settings import Settings
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
        assert [row[0] for row in reading.rows(session, ids=[host])] == [host]
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


def test_a_stranger_is_carried_nowhere(settings: Settings) -> None:
    web = Database.connect(settings, "app")
    with web.transaction() as session:
        assert identify(session, Credential("bearer", "hub_nobody", is_change=False)) is None
        assert not any(session.execute(TOLD).one())
    web.dispose()


def test_plans_are_kept_for_readings_that_follow_in_a_transaction_that_only_reads(
    as_app: Database, cast: Cast
) -> None:
    head = cast.guest_head
    mode = text("SELECT current_setting('plan_cache_mode')")
    reading = Reading(mode)
    with as_app.transaction() as session:
        secret = create_token(session, actor=head.actor(), person_id=head.id, label="t", days=1).secret
    for is_change in (False, True):
        credential = Credential("bearer", secret, is_change)
        told = plans.AUTO if is_change else plans.KEPT
        with as_app.transaction() as session:
            assert identify(session, credential) is not None
            assert reading.rows(session) == [(told,)]
            assert session.scalars(mode).one() == plans.AUTO
            assert reading.rows(session) == [(plans.AUTO,)]
        with as_app.transaction() as session:
            assert reading.rows(session) == [(plans.AUTO,)]


def test_what_a_query_holds_stands_in_its_text(as_app: Database) -> None:
    name = "100 % 'Lapas'\\"
    reading = Reading(select(literal(name), bindparam("given", type_=Text)))
    with as_app.transaction() as session:
        assert reading.rows(session, given=name) == [(name, name)]


def test_a_failed_reading_raises_as_every_statement_does(as_app: Database) -> None:
    reading = Reading(text("SELECT 1 / CAST(:by AS integer)"))
    with pytest.raises(exc.DataError, match="zero"), as_app.transaction() as session:
        reading.rows(session, by=0)
    with as_app.transaction() as session:
        assert reading.rows(session, by=1) == [(1,)]


def test_a_lost_connection_is_replaced_after_a_reading(as_app: Database) -> None:
    reading = Reading(text("SELECT 1"))

    def lose_it() -> None:
        with as_app.transaction() as session:
            driver = session.connection().connection.dbapi_connection
            assert driver is not None
            driver.close()
            reading.rows(session)

    with pytest.raises(exc.OperationalError) as lost:
        lose_it()
    assert lost.value.connection_invalidated
    with as_app.transaction() as session:
        assert reading.rows(session) == [(1,)]
