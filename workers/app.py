"""The Celery application: four tasks whose names never change.

A task carries no work, only the hint that there is some; what is to be done stands in PostgreSQL.
So a lost, doubled or late message changes nothing but the moment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog
from celery import Celery, signals
from kombu.exceptions import OperationalError as BrokerError

from config.celery import celery_config
from config.logs import configure_logs
from config.metrics import open_figures
from config.queues import DELIVER, IMPORT, KEEP, RING
from hub.clock import now
from hub.imports.working import work
from hub.workdays.calendar import is_working_day
from workers import process
from workers.delivery.deliver import deliver_due
from workers.drain.drain import drain
from workers.drain.lanes import LANES
from workers.reconnecting import SteadyAMQP
from workers.relay.bell import Bell
from workers.upkeep.chores import CHORES
from workers.upkeep.schedule import SCHEDULE
from workers.watchdog import watch

if TYPE_CHECKING:
    from collections.abc import Mapping


def configuration() -> Mapping[str, Any]:
    """Return Celery's configuration; asked for when it is needed, not when this module is imported."""
    return {**celery_config(process.settings().redis_url), "beat_schedule": SCHEDULE}


app = Celery("sinergi-hub", set_as_current=True, amqp=SteadyAMQP)
app.add_defaults(configuration)
log = structlog.get_logger(__name__)


@signals.setup_logging.connect
def set_up_logging(**_: object) -> None:
    """Keep Celery from configuring logging by itself."""
    configure_logs(process.settings(), "worker")


@signals.worker_init.connect
def warm_up(**_: object) -> None:
    """Load the holidays now: the first outcome's tasks should not wait for them."""
    open_figures(process.settings(), "worker")
    database = process.database()
    with database.transaction() as session:
        is_working_day(now(session).date())
    # A pool of processes forks next, and a connection belongs to one process.
    database.dispose()


@signals.worker_ready.connect
def show_and_watch(sender: Any, **_: object) -> None:
    """Show that the worker hears the broker, without waiting for beat; from now on watch that it does."""
    queues = sorted(sender.app.amqp.queues.consume_from)
    for queue in queues:
        try:
            app.send_task(KEEP, ("heartbeat",), {"process": f"worker-{queue}"}, queue=queue)
        except (BrokerError, OSError) as error:
            log.warning("worker.broker_away", queue=queue, error=str(error))
    watched = watch(Bell(process.settings()).redis, queues)
    signals.task_received.connect(lambda **_: watched.hear(), weak=False)


@app.task(name=RING)
def ring() -> int:
    """Drain what is due; return how many reactions were answered."""
    # The flag goes first: whatever becomes due from here on rings again.
    Bell(process.settings()).clear(RING)
    return drain(process.database(), LANES)


@app.task(name=DELIVER)
def deliver() -> int:
    """Send the deliveries that are due; return how many were settled."""
    Bell(process.settings()).clear(DELIVER)
    settled: int = deliver_due(process.database(), process.settings())
    return settled


@app.task(name=IMPORT)
def work_on_imports() -> int:
    """Read, compare, apply or undo what is due of imports, for a while; return how many rows."""
    Bell(process.settings()).clear(IMPORT)
    worked: int = work(process.database())
    return worked


@app.task(name=KEEP)
def upkeep(chore: str, **options: str) -> int:
    """Do one chore by its name; return how many rows it touched."""
    touched: int = CHORES[chore](process.database(), process.settings(), **options)
    return touched
