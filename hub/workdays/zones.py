"""Turn moments into local days and back, in the four zones Indonesia writes as WIB, WITA and WIT.

Moments are aware datetimes and are stored in UTC; days and clock times belong to a facility's zone.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

ZONES = ("Asia/Jakarta", "Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura")
LABELS = {
    "Asia/Jakarta": "WIB",
    "Asia/Pontianak": "WIB",
    "Asia/Makassar": "WITA",
    "Asia/Jayapura": "WIT",
}


class UnknownZoneError(ValueError):
    """The name is none of the four zones."""


class NaiveMomentError(ValueError):
    """The moment does not say which zone it is in, so it could be off by hours."""


def zone_info(zone: str) -> ZoneInfo:
    """Return the rules of one of the four zones. Raises UnknownZoneError."""
    if zone not in ZONES:
        raise UnknownZoneError(f"not one of Indonesia's zones: {zone!r}")
    return _load(zone)


def local_moment(moment: datetime, zone: str) -> datetime:
    """Return the same moment on the clock of a zone. Raises UnknownZoneError, NaiveMomentError."""
    if moment.tzinfo is None:
        raise NaiveMomentError(f"a moment needs a zone: {moment.isoformat()}")
    return moment.astimezone(zone_info(zone))


def local_date(moment: datetime, zone: str) -> date:
    """Return the day it is in the zone at this moment. Raises UnknownZoneError, NaiveMomentError."""
    return local_moment(moment, zone).date()


def at_local(day: date, clock: time, zone: str) -> datetime:
    """Return the moment, in UTC, at which the zone's clock shows this time on this day.

    Raises UnknownZoneError, and ValueError when the clock time carries a zone of its own.
    """
    if clock.tzinfo is not None:
        raise ValueError("a local clock time has no zone of its own")
    return datetime.combine(day, clock, tzinfo=zone_info(zone)).astimezone(UTC)


def zone_label(zone: str) -> str:
    """Return WIB, WITA or WIT. Raises UnknownZoneError."""
    try:
        return LABELS[zone]
    except KeyError:
        raise UnknownZoneError(f"not one of Indonesia's zones: {zone!r}") from None


@lru_cache(maxsize=len(ZONES))
def _load(zone: str) -> ZoneInfo:
    return ZoneInfo(zone)
