"""The shapes in which an operator asks and is answered."""

from __future__ import annotations

import re
import uuid
from typing import Any

from marshmallow import ValidationError, fields

from hub.messaging.subscriptions import consumers
from hub.texts.catalogue import lazy
from hub.web.complaints import Said
from hub.web.fields import Choice, Flag, HubField, HubSchema, Line, ListOf, Moment, Nested, Number

EVENT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
NOT_AN_EVENT_ID = lazy("This is not an event's id.")


class EventId(HubField, fields.UUID):
    """An event's id, in the one form in which the hub writes it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> uuid.UUID:
        del attr, data, options
        if not isinstance(value, str) or not EVENT_ID.fullmatch(value):
            raise ValidationError(Said(NOT_AN_EVENT_ID))
        return uuid.UUID(value)


class LaneSchema(HubSchema):
    """Work of one kind."""

    name = Line(dump_only=True, metadata={"description": "a consumer, or mail"})
    due = Number(dump_only=True)
    waiting = Number(dump_only=True, metadata={"description": "due later, after a failed attempt"})
    oldest = Moment(dump_only=True, allow_none=True)
    lag_seconds = Number(dump_only=True)
    given_up = Number(dump_only=True, metadata={"description": "parked reactions, or failed mails"})


class ProcessSchema(HubSchema):
    """One process and how long ago it showed itself."""

    process = Line(dump_only=True)
    seconds_ago = Number(dump_only=True, allow_none=True)
    is_missing = Flag(dump_only=True)
    what_to_do = Line(dump_only=True)


class ParkedSchema(HubSchema):
    """One parked reaction."""

    event_id = Line(dump_only=True)
    consumer = Line(dump_only=True)
    type = Line(dump_only=True)
    occurred_at = Moment(dump_only=True)
    attempts = Number(dump_only=True)
    reason = Line(dump_only=True)


class FailedMailSchema(HubSchema):
    """One mail that could not be sent."""

    id = Number(dump_only=True)
    event_id = Line(dump_only=True, allow_none=True)
    kind = Line(dump_only=True)
    attempts = Number(dump_only=True)
    settled_at = Moment(dump_only=True)
    reason = Line(dump_only=True)


class OperationsSchema(HubSchema):
    """How the hub is doing; of what was given up the first hundred."""

    at = Moment(dump_only=True)
    consumers = ListOf(Nested(LaneSchema), dump_only=True)
    mail = Nested(LaneSchema, dump_only=True)
    processes = ListOf(Nested(ProcessSchema), dump_only=True)
    parked = ListOf(Nested(ParkedSchema), dump_only=True)
    failed_mails = ListOf(Nested(FailedMailSchema), dump_only=True)


class ReplayQuery(HubSchema):
    """Which parked reactions: an event's, a consumer's, or one of both."""

    event_id = EventId(load_default=None, allow_none=True)
    consumer = Choice(consumers(), load_default=None, allow_none=True)


class ReplayInput(ReplayQuery):
    """The same, and whether only to say what would happen."""

    dry_run = Flag(load_default=False)


class ReplayedReactionSchema(HubSchema):
    """One reaction that is due again, and why it had been given up."""

    event_id = Line(dump_only=True)
    consumer = Line(dump_only=True)
    reason = Line(dump_only=True)


class ReplayedSchema(HubSchema):
    """What is due again, or would be."""

    count = Number(dump_only=True)
    is_dry_run = Flag(dump_only=True)
    items = ListOf(Nested(ReplayedReactionSchema), dump_only=True)
