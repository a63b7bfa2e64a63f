"""Read instants, local times and dates as API and forms write them, and nothing that only resembles them."""

from __future__ import annotations

import datetime as dt
import re

from marshmallow import ValidationError

from hub.web.complaints import NOT_A_DAY, NOT_A_LOCAL_MOMENT, NOT_A_MOMENT, Said

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
LOCAL_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d", re.ASCII)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def read_moment(value: object) -> dt.datetime:
    """Return the instant of an ISO 8601 text with its offset, as UTC. Raises ValidationError."""
    if not isinstance(value, str) or not MOMENT.fullmatch(value):
        raise ValidationError(Said(NOT_A_MOMENT))
    try:
        # Outside the years 1 to 9999 the conversion overflows, although the text is well formed.
        return dt.datetime.fromisoformat(value).astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise ValidationError(Said(NOT_A_MOMENT)) from error


def read_local_moment(value: object) -> dt.datetime:
    """Return ``YYYY-MM-DDTHH:MM`` as a time without a zone. Raises ValidationError."""
    if not isinstance(value, str) or not LOCAL_MOMENT.fullmatch(value):
        raise ValidationError(Said(NOT_A_LOCAL_MOMENT))
    try:
        return dt.datetime.fromisoformat(value)
    except ValueError as error:
        raise ValidationError(Said(NOT_A_LOCAL_MOMENT)) from error


def read_day(value: object) -> dt.date:
    """Return the date of ``YYYY-MM-DD``. Raises ValidationError."""
    if not isinstance(value, str) or not DAY.fullmatch(value):
        raise ValidationError(Said(NOT_A_DAY))
    try:
        return dt.date.fromisoformat(value)
    except ValueError as error:
        raise ValidationError(Said(NOT_A_DAY)) from error
