"""``hub events``: watch what happens, read receipts, replay what was parked, backfill a consumer."""

from __future__ import annotations

import datetime as dt
import json
import time
import uuid
from typing import TYPE_CHECKING

import click

from hub.actor import system_actor
from hub.audit.record import record
from hub.cli.connection import connected
from hub.console.commands import replay_all
from hub.errors import NotFound
from hub.messaging import reactions
from hub.messaging.read import envelope, events_after, find_event
from hub.messaging.subscriptions import SUBSCRIPTIONS, consumers
from hub.receipts.queries import receipt as read_receipt

if TYPE_CHECKING:
    from hub.messaging.models import EventRow

LOOK_SECONDS = 1
PAGE = 100
OPERATOR = system_actor("operator at the command line")


@click.group()
def events() -> None:
    """Watch events, read their receipts, replay and backfill reactions."""


@events.command()
@click.option("--after", type=click.UUID, help="Start after this event's id.")
@click.option("--follow/--once", default=True, help="Go on until Ctrl-C, or stop at the last event.")
@click.option("--json", "as_json", is_flag=True, help="One CloudEvents envelope a line.")
def tail(after: uuid.UUID | None, *, follow: bool, as_json: bool) -> None:
    """Show events in the order of time.

    For looking only: an event that commits late may carry an earlier id than one already shown.
    """
    with connected() as database:
        while True:
            with database.transaction() as session:
                found = events_after(session, after=after, limit=PAGE)
            for row in found:
                click.echo(json.dumps(envelope(row)) if as_json else _line(row))
                after = row.id
            if len(found) < PAGE:
                if not follow:
                    return
                time.sleep(LOOK_SECONDS)


def _line(row: EventRow) -> str:
    when = f"{row.occurred_at:%Y-%m-%d %H:%M:%SZ}"
    return f"{when}  {row.id}  {row.type} v{row.version}  {row.subject}  {row.actor_label}"


@events.command()
@click.option("--event", "event_id", type=click.UUID, help="Only this event's reactions.")
@click.option("--consumer", type=click.Choice(consumers()), help="Only this consumer's reactions.")
@click.option("--dry-run", is_flag=True, help="Say what would be replayed; change nothing.")
def replay(event_id: uuid.UUID | None, consumer: str | None, *, dry_run: bool) -> None:
    """Make parked reactions due again, with a fresh count of attempts."""
    with connected() as database, database.transaction() as session:
        if dry_run:
            parked = reactions.parked(session, event_id=event_id, consumer=consumer)
        else:
            parked = replay_all(session, actor=OPERATOR, event_id=event_id, consumer=consumer)
    for item in parked:
        click.echo(f"{item.event_id}  {item.consumer}  parked because: {item.reason}")
    click.echo(f"{len(parked)} parked reaction(s) {'would be' if dry_run else 'are'} due again.")


@events.command()
@click.argument("consumer", type=click.Choice(consumers()))
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), required=True, help="First day (UTC) of the events to add."
)
def backfill(consumer: str, since: dt.datetime) -> None:
    """Add the reactions that CONSUMER is owed for past events. Running it again adds nothing."""
    types = [name for name, names in SUBSCRIPTIONS.items() if consumer in names]
    with connected() as database, database.transaction() as session:
        added = reactions.backfill(
            session, consumer=consumer, types=types, since=since.replace(tzinfo=dt.UTC)
        )
        record(
            session,
            actor=OPERATOR,
            action="consumer.backfilled",
            subject=f"consumers/{consumer}",
            since=since.date().isoformat(),
            added=added,
        )
    click.echo(f"{added} reaction(s) added for {consumer}.")


@events.command()
@click.argument("event_id", type=click.UUID)
def receipt(event_id: uuid.UUID) -> None:
    """Show what one event set in motion, as JSON: whom it told, which tasks and records, what waits."""
    with connected() as database, database.transaction() as session:
        if find_event(session, event_id) is None:
            raise NotFound("There is no event %(event_id)s.", event_id=event_id)
        found = read_receipt(session, event_id)
    click.echo(json.dumps(found, indent=2, ensure_ascii=False, default=str))
