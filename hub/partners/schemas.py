"""The shapes in which partner records go out."""

from __future__ import annotations

import datetime as dt
import uuid

from marshmallow import fields

from hub.collaborations.schemas import ThemeSchema
from hub.web.fields import Day, HubSchema, Line, Moment, Nested, Number
from hub.web.paging import page_of, page_query

RecordsQuery = page_query(dt.date, int, facility_id=Number(1, required=True))
TimelineQuery = page_query(uuid.UUID)


class RecordSchema(HubSchema):
    """What a facility has done with one partner; days are those of the facility's own zone."""

    facility_id = Number(dump_only=True)
    partner_id = Number(dump_only=True)
    partner = Line(dump_only=True)
    partner_kind = Line(dump_only=True)
    first_contact_on = Day(dump_only=True, allow_none=True)
    last_contact_on = Day(dump_only=True, allow_none=True)
    collaborations = Number(dump_only=True)
    visits_made = Number(dump_only=True)
    visits_hosted = Number(dump_only=True)
    themes = fields.List(Nested(ThemeSchema), dump_only=True)
    open_follow_ups = Number(dump_only=True)
    closed_follow_ups = Number(dump_only=True)


class EntrySchema(HubSchema):
    """One event of a partnership."""

    event_id = Line(dump_only=True)
    type = Line(dump_only=True)
    occurred_at = Moment(dump_only=True)
    collaboration_id = Number(dump_only=True)
    actor = Line(dump_only=True)
    receipt = Line(dump_only=True)


class RecordWithTimelineSchema(RecordSchema):
    """A partner record and a page of its timeline, the latest first."""

    timeline = Nested(page_of(EntrySchema), dump_only=True)
