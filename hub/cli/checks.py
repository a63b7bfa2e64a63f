"""What ``hub doctor`` looks at: each check is a function that returns findings, with how to mend them."""

from __future__ import annotations

import datetime as dt
import shutil
import smtplib
import ssl
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from config.settings import RUN_FILE
from config.without_tls import GIVEN_UP, WAY_OUT
from hub.cli.broker import broker_version
from hub.db.engine import make_engine
from hub.db.migrate import current_revision, head_revision
from hub.messaging.heartbeats import SILENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from config.settings import Role, Settings

Status = Literal["OK", "warn", "fail"]

MAJOR = 18
LATE = dt.timedelta(seconds=30)
VERY_LATE = dt.timedelta(minutes=5)
LITTLE_MEGABYTES = 1024
SMTP_OK = 250
TOO_LITTLE_MEGABYTES = 200
ANSWER_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's report."""

    check: str
    status: Status
    says: str
    mend: str = ""
    """What to do; empty if nothing has to be done."""


def database(settings: Settings) -> Iterator[Finding]:
    """Connect as each role that processes take."""
    roles: tuple[Role, ...] = ("owner", "app", "worker")
    version = ""
    for role in roles:
        try:
            with _connected(settings, role) as connection:
                version = str(connection.execute(text("SHOW server_version")).scalar_one())
        except SQLAlchemyError as error:
            yield Finding(
                "database",
                "fail",
                f"no connection as hub_{role}: {_reason(error)}",
                "Is the hub up (hub up), or DATABASE_URL right? The login must be a member of every role; "
                "hub migrate makes them.",
            )
            return
    if int(version.split(".")[0]) < MAJOR:
        yield Finding("database", "fail", f"PostgreSQL {version}", f"Upgrade it to PostgreSQL {MAJOR}.")
        return
    yield Finding("database", "OK", f"PostgreSQL {version}, as {', '.join(roles)}")


def migrations(settings: Settings) -> Iterator[Finding]:
    """Compare the database's revision with the newest."""
    try:
        here, newest = current_revision(settings), head_revision()
    except SQLAlchemyError as error:
        yield Finding("migrations", "fail", _reason(error), "First mend the database.")
        return
    if here == newest:
        yield Finding("migrations", "OK", f"at {here}")
    else:
        yield Finding("migrations", "fail", f"at {here or 'nothing'}, newest is {newest}", "Run: hub migrate")


def clock(settings: Settings) -> Iterator[Finding]:
    """Demand that the hub's clock is the database's, except in the demo and in tests."""
    with _connected(settings, "worker") as connection:
        offset = connection.execute(text("SELECT offset_by FROM clock_offset")).scalar_one()
        away = connection.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one()
    if offset and settings.mode == "production":
        yield Finding(
            "clock",
            "fail",
            f"the hub's clock is off by {offset}",
            "Was this a demo's database? Then use another. Otherwise, as the owner: "
            "UPDATE clock_offset SET offset_by = '0'",
        )
    elif offset:
        yield Finding("clock", "OK", f"moved by {offset}, as the {settings.mode} may")
    else:
        yield Finding("clock", "OK", "the database's own")
    drift = abs(dt.datetime.now(dt.UTC).timestamp() - float(away))
    if drift > LATE.total_seconds():
        yield Finding(
            "clock",
            "warn",
            f"this machine's clock differs from the database's by {drift:.0f} s",
            "Nothing is judged by it, but logs will mislead: synchronise both by NTP.",
        )


def broker(settings: Settings) -> Iterator[Finding]:
    """Ask the broker for its version."""
    try:
        yield Finding("broker", "OK", broker_version(settings.redis_url))
    except OSError as error:
        yield Finding(
            "broker",
            "fail",
            f"no answer: {error}",
            "Start it, or correct REDIS_URL. Until then nothing is lost; what is due waits.",
        )


def processes(settings: Settings) -> Iterator[Finding]:
    """Compare each process's last sign of life with how often it gives one."""
    with _connected(settings, "worker") as connection:
        rows = connection.execute(
            text("SELECT process, clock_timestamp() - beat_at AS age FROM heartbeats")
        ).all()
    ages: dict[str, dt.timedelta] = {row.process: row.age for row in rows}
    for process, limit in SILENT.items():
        age = ages.get(process)
        if age is not None and age <= limit:
            yield Finding(process, "OK", f"alive {_spoken(age)} ago")
            continue
        yield Finding(
            process,
            "fail",
            "has never shown itself" if age is None else f"silent for {_spoken(age)}",
            "Start it (hub up, or docker compose up), and read its log. Just started? Ask again in 5 s."
            + ("" if process == "relay" else " If every worker is silent, it is beat or the broker."),
        )


def lag(settings: Settings) -> Iterator[Finding]:
    """Look for work that is due and not done, and for work that was given up."""
    with _connected(settings, "worker") as connection:
        for check, gone, table in (
            ("reactions", "parked", "reactions"),
            ("deliveries", "failed", "deliveries"),
        ):
            due, oldest, given_up = connection.execute(_LAG[table]).one()
            age = oldest or dt.timedelta()
            if age > LATE:
                yield Finding(
                    check,
                    "fail" if age > VERY_LATE else "warn",
                    f"{due} due, the oldest for {_spoken(age)}",
                    "Do relay and workers run? More workers: docker compose up --scale worker-reactions=4",
                )
            else:
                yield Finding(check, "OK", f"{due} due")
            if given_up:
                yield Finding(
                    check, "warn", f"{given_up} {gone}", "Read why in the events' receipts, mend it, replay."
                )


def audit(settings: Settings) -> Iterator[Finding]:
    """Look whether the audit log is being sealed; whether it fits is for ``hub audit verify`` to say."""
    with _connected(settings, "worker") as connection:
        waiting, oldest = connection.execute(_UNSEALED).one()
    if oldest is not None and oldest > VERY_LATE:
        says = f"{waiting} entries wait for their seal, the oldest for {_spoken(oldest)}"
        yield Finding("audit", "warn", says, "Do beat and worker-reactions run? They seal once a minute.")
    else:
        yield Finding("audit", "OK", f"{waiting} entries wait for their seal")


def mail(settings: Settings) -> Iterator[Finding]:
    """Greet the mail server; nothing is sent."""
    url = urlsplit(settings.smtp_url)
    kind = smtplib.SMTP_SSL if url.scheme == "smtps" else smtplib.SMTP
    port = url.port or {"smtps": 465, "smtp+starttls": 587}.get(url.scheme, 25)
    place = f"{url.hostname}:{port}"
    try:
        with kind(url.hostname or "localhost", port, timeout=ANSWER_SECONDS) as server:
            server.ehlo_or_helo_if_needed()
            if url.scheme == "smtp+starttls":
                server.starttls(context=ssl.create_default_context())
            code, _ = server.noop()
    except (OSError, smtplib.SMTPException) as error:
        yield Finding("mail", "fail", f"no answer at {place}: {error}", "Start it, or correct SMTP_URL.")
        return
    yield Finding("mail", "OK" if code == SMTP_OK else "warn", f"{place} answers {code}")


def web(settings: Settings) -> Iterator[Finding]:
    """Ask for the health page at the address that people use."""
    url = f"{settings.base_url}/healthz"
    try:
        with urllib.request.urlopen(url, timeout=ANSWER_SECONDS) as answer:  # noqa: S310 - http(s) by Settings
            yield Finding("web", "OK", f"{settings.base_url} answers {answer.status}")
    except (OSError, urllib.error.URLError) as error:
        yield Finding(
            "web", "fail", f"{url}: {error}", "Start the web process, or correct HUB_BASE_URL and the proxy."
        )


def tls(settings: Settings) -> Iterator[Finding]:
    """Say what is given up where browsers reach the hub without TLS."""
    if settings.is_without_tls:
        yield Finding("tls", "warn", f"off, as HUB_TLS says: {'; '.join(GIVEN_UP)}", WAY_OUT)
    else:
        yield Finding("tls", "OK", "not needed on this machine" if settings.is_local else "demanded")


def disk(settings: Settings) -> Iterator[Finding]:
    """Look at the room left under HUB_HOME, and where PostgreSQL's data or log lie on disks of their own."""
    home = settings.home
    while not home.exists():
        home = home.parent
    cluster = home / "postgres" / str(MAJOR)
    places: dict[int, Path] = {}
    for place in (home, home / "postgres", cluster, cluster / "pg_wal"):
        with suppress(OSError):  # no embedded PostgreSQL, or a folder closed to us
            places.setdefault(place.stat().st_dev, place)
    for place in places.values():
        free = shutil.disk_usage(place).free // (1024 * 1024)
        if free >= LITTLE_MEGABYTES:
            yield Finding("disk", "OK", f"{free // 1024} GB free under {place}")
        else:
            yield Finding(
                "disk",
                "fail" if free < TOO_LITTLE_MEGABYTES else "warn",
                f"{free} MB free under {place}",
                "Make room before PostgreSQL has to stop.",
            )


def secrets(settings: Settings) -> Iterator[Finding]:
    """Look whether somebody else on this machine can read the keys."""
    open_files = [
        path
        for path in (
            settings.home / RUN_FILE,
            settings.home / "secrets" / "secret_keys",
            settings.home / "secrets" / "postgres_password",
        )
        if path.exists() and path.stat().st_mode & 0o077
    ]
    for path in open_files:
        yield Finding("secrets", "fail", f"others may read {path}", f"Run: chmod 600 {path}")
    if not open_files:
        yield Finding("secrets", "OK", f"{len(settings.secret_keys)} key(s), closed to others")


CHECKS: dict[str, Callable[[Settings], Iterator[Finding]]] = {
    check.__name__: check
    for check in (database, migrations, clock, broker, processes, lag, audit, mail, web, tls, disk, secrets)
}
"""Every check by its name, in the order of the report."""

_UNSEALED = text("SELECT count(*), hub_now() - min(at) FROM audit_unsealed JOIN audit ON id = entry_id")
_LAG = {
    "reactions": text(
        "SELECT count(*) FILTER (WHERE state = 'due' AND due_at <= hub_now()),"
        " hub_now() - min(due_at) FILTER (WHERE state = 'due' AND due_at <= hub_now()),"
        " count(*) FILTER (WHERE state = 'parked') FROM reactions WHERE state IN ('due', 'parked')"
    ),
    "deliveries": text(
        "SELECT count(*) FILTER (WHERE state = 'due' AND due_at <= hub_now()),"
        " hub_now() - min(due_at) FILTER (WHERE state = 'due' AND due_at <= hub_now()),"
        " count(*) FILTER (WHERE state = 'failed') FROM deliveries WHERE state IN ('due', 'failed')"
    ),
}


def examine(settings: Settings, only: tuple[str, ...] = ()) -> Iterator[Finding]:
    """Yield every check's findings; a check that breaks is a finding, too.

    ``only`` names the checks wanted, or processes, which stand for their line of that check.
    """
    for name, check in CHECKS.items():
        wanted = set(only) & ({name, *SILENT} if check is processes else {name})
        if only and not wanted:
            continue
        try:
            for finding in check(settings):
                if not only or name in only or finding.check in wanted:
                    yield finding
        except SQLAlchemyError as error:
            yield Finding(name, "fail", f"cannot be asked: {_reason(error)}", "First mend the database.")


@contextmanager
def _connected(settings: Settings, role: Role) -> Iterator[Connection]:
    """Yield a connection of its own as a role."""
    engine = make_engine(settings, role, pool_size=1)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _reason(error: SQLAlchemyError) -> str:
    """Return the first line of what the database said."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return str(cause).strip().split("\n", 1)[0]


def _spoken(age: dt.timedelta) -> str:
    """Return a length of time for a person: '12 s', '3 min', '2 h', '5 days'."""
    seconds = max(0, int(age.total_seconds()))
    for size, unit in ((86_400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
