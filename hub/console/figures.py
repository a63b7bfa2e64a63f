"""What the rows say, as figures for Prometheus: asked at each scrape, by one statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import structlog
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import exc as sql
from sqlalchemy import text

from hub.messaging.heartbeats import BROKER, SILENT
from hub.messaging.subscriptions import consumers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import Row
    from sqlalchemy.orm import Session

log = structlog.get_logger(__name__)

# Each branch reads a partial index, the heartbeats, or the server's own list of sessions: what is done
# long ago costs nothing.
ROWS = text(
    """
    SELECT 'reactions' AS about, consumer AS label,
           count(*) FILTER (WHERE state = 'due' AND due_at <= hub_now()) AS due,
           count(*) FILTER (WHERE state = 'due' AND due_at > hub_now()) AS waiting,
           count(*) FILTER (WHERE state = 'parked') AS given_up,
           extract(epoch FROM hub_now() - min(due_at) FILTER (WHERE state = 'due' AND due_at <= hub_now()))
               AS seconds
    FROM reactions WHERE state = 'due' OR state = 'parked' GROUP BY consumer
    UNION ALL
    SELECT 'deliveries', channel,
           count(*) FILTER (WHERE state = 'due' AND due_at <= hub_now()),
           count(*) FILTER (WHERE state = 'due' AND due_at > hub_now()),
           count(*) FILTER (WHERE state = 'failed'),
           extract(epoch FROM hub_now() - min(due_at) FILTER (WHERE state = 'due' AND due_at <= hub_now()))
    FROM deliveries WHERE state = 'due' OR state = 'failed' GROUP BY channel
    UNION ALL
    SELECT 'heartbeats', process, 0, 0, 0, extract(epoch FROM clock_timestamp() - beat_at) FROM heartbeats
    UNION ALL
    SELECT 'sessions', coalesce(substring(application_name FROM '^hub-([a-z]+)-'), 'other'), count(*), 0, 0, 0
    FROM pg_stat_activity WHERE datname = current_database() GROUP BY 2
    UNION ALL
    SELECT 'sessions_most', '', CAST(current_setting('max_connections') AS bigint), 0, 0, 0
    """
)

LANES: Final = {
    "due": ("{name}_due", "{what} that are due now and not yet answered."),
    "waiting": (
        "{name}_waiting",
        "{what} that are due later: in hand, or after a failed attempt.",
    ),
    "given_up": ("{name}_{word}", "{what} given up, until somebody replays them."),
    "seconds": ("{name}_oldest_due_seconds", "For how long the oldest one has been due; 0 where none is."),
}


class RowFigures(Collector):
    """Asks the database once for everything that its rows can say."""

    def __init__(self, ask: Callable[[], Sequence[Row[Any]]]) -> None:
        """Take ``ask``, which runs ROWS in a transaction that cannot write."""
        self._ask = ask

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Return the figures; where the database is away, only that it is."""
        up = GaugeMetricFamily("hub_database_up", "Whether the database answered the scrape.")
        try:
            rows = self._ask()
        except (sql.DBAPIError, sql.TimeoutError) as error:
            log.warning("metrics.database_away", error=type(error).__name__)
            up.add_metric([], 0)
            return [up]
        up.add_metric([], 1)
        return [
            up,
            *_lanes(rows, "reactions", "consumer", consumers(), word="parked"),
            *_lanes(rows, "deliveries", "channel", ("mail",), word="failed"),
            *_heartbeats(rows),
            *_sessions(rows),
        ]


def read_rows(session: Session) -> Sequence[Row[Any]]:
    """Run the one statement."""
    return session.execute(ROWS).all()


def _lanes(
    rows: Sequence[Row[Any]], about: str, label: str, known: Sequence[str], *, word: str
) -> list[GaugeMetricFamily]:
    """Return one figure per column, for idle lanes, too: a figure that is missing cannot raise an alarm."""
    found = {row.label: row for row in rows if row.about == about}
    families = []
    for column, (name, says) in LANES.items():
        family = GaugeMetricFamily(
            f"hub_{name.format(name=about, word=word)}", says.format(what=about.capitalize()), labels=[label]
        )
        for lane in sorted({*known, *found}):
            value = getattr(found[lane], column) if lane in found else 0
            family.add_metric([lane], float(value or 0))
        families.append(family)
    return families


def _heartbeats(rows: Sequence[Row[Any]]) -> list[GaugeMetricFamily]:
    """Return how long ago each process showed itself; one that never did is infinitely old."""
    ages = {row.label: float(row.seconds) for row in rows if row.about == "heartbeats"}
    beats = GaugeMetricFamily(
        "hub_heartbeat_age_seconds",
        "How long ago a process showed itself; a worker's sign travels through the broker.",
        labels=["process"],
    )
    most = GaugeMetricFamily(
        "hub_heartbeat_most_seconds", "How long a process may be silent.", labels=["process"]
    )
    for process, limit in SILENT.items():
        beats.add_metric([process], ages.get(process, float("inf")))
        most.add_metric([process], limit.total_seconds())
    broker = GaugeMetricFamily("hub_broker_up", "Whether the relay has reached the broker within 20 seconds.")
    broker.add_metric([], float(ages.get(BROKER, float("inf")) <= SILENT["relay"].total_seconds()))
    return [beats, most, broker]


def _sessions(rows: Sequence[Row[Any]]) -> list[GaugeMetricFamily]:
    sessions = GaugeMetricFamily(
        "hub_database_sessions",
        "Connections to the hub's database, by role.",
        labels=["role"],
    )
    most = GaugeMetricFamily("hub_database_sessions_most", "The server's max_connections.")
    for row in rows:
        if row.about == "sessions":
            sessions.add_metric([row.label], row.due)
        elif row.about == "sessions_most":
            most.add_metric([], row.due)
    return [sessions, most]
