"""Fixtures: one database with the cast per xdist worker, brought back to its first state for each test.

A fresh copy of the database costs a third of a second; bringing one back, a hundredth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from hub.db.transaction import Database
from tests.support import services as running
from tests.support.cast import build_cast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.settings import Settings
    from tests.support.cast import Cast

BACK = """
    TRUNCATE sign_ins, sign_in_throttles, api_tokens, request_keys, audit, deliveries, recovery_codes,
        passkeys, identities, used_challenges;
    UPDATE clock_offset SET offset_by = '0';
    DELETE FROM grants WHERE id > :grants;
    DELETE FROM appointments WHERE id > :appointments;
    DELETE FROM posts WHERE id > :posts;
    DELETE FROM people WHERE id > :people;
    UPDATE people SET (
        password_hash, is_active, locale, iana_zone, wants_mail, password_generation, password_asked_at,
        totp_secret, totp_last_step
    ) = (
        SELECT password_hash, is_active, locale, iana_zone, wants_mail,
            password_generation, password_asked_at, totp_secret, totp_last_step
        FROM first_people WHERE first_people.id = people.id)
"""
TABLES = ("grants", "appointments", "posts", "people")


@pytest.fixture(scope="session")
def accounts_settings(
    service_addresses: running.Addresses, broker_number: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Yield the settings of the accounts tests' own database."""
    name = running.clone_database(service_addresses)
    yield running.make_settings(service_addresses, name, broker_number, tmp_path_factory.mktemp("home"))
    running.drop_database(service_addresses, name)


@pytest.fixture(scope="session")
def accounts_owner(accounts_settings: Settings) -> Iterator[Database]:
    """Yield that database as its owner."""
    database = Database.connect(accounts_settings, "owner")
    yield database
    database.dispose()


@pytest.fixture(scope="session")
def accounts_cast(accounts_owner: Database) -> Cast:
    """Return the cast in that database."""
    with accounts_owner.transaction() as session:
        built = build_cast(session)
        session.execute(text("CREATE TABLE first_people AS TABLE people"))
        return built


@pytest.fixture(scope="session")
def last_ids(accounts_owner: Database, accounts_cast: Cast) -> dict[str, int]:
    """Return the last number of each table that a test may add to."""
    del accounts_cast
    with accounts_owner.transaction() as session:
        return {
            table: session.scalars(text(f"SELECT max(id) FROM {table}")).one()  # noqa: S608 -- our own names
            for table in TABLES
        }


@pytest.fixture
def settings(accounts_settings: Settings, accounts_owner: Database, last_ids: dict[str, int]) -> Settings:
    """Return the settings, with the database as it was at first."""
    with accounts_owner.transaction() as session:
        for statement in BACK.split(";"):
            names = {name: value for name, value in last_ids.items() if f":{name}" in statement}
            session.execute(text(statement), names)
    return accounts_settings


@pytest.fixture
def cast(settings: Settings, accounts_cast: Cast) -> Cast:
    """Return the cast."""
    del settings
    return accounts_cast
