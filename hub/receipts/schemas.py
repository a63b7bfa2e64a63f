"""The shape in which receipts go out."""

from __future__ import annotations

from marshmallow import fields

from hub.collaborations.schemas import EnvelopeSchema
from hub.web.fields import Day, Flag, HubSchema, Line, Moment, Nested, Number


class ReactionSchema(HubSchema):
    """What one consumer made of the event."""

    consumer = Line(dump_only=True)
    state = Line(dump_only=True, metadata={"description": "due, done or parked"})
    attempts = Number(dump_only=True)
    due_at = Moment(dump_only=True)
    done_at = Moment(dump_only=True, allow_none=True)
    took_ms = Number(dump_only=True, allow_none=True)
    summary = fields.Dict(dump_only=True, allow_none=True)
    reason = Line(dump_only=True, allow_none=True)


class ToldSchema(HubSchema):
    """One person who was told, by post and unit."""

    post = Line(dump_only=True)
    unit = Line(dump_only=True, allow_none=True)
    is_overseer = Flag(dump_only=True)
    mail = Line(dump_only=True, allow_none=True, metadata={"description": "due, sent, skipped or failed"})
    mail_reason = Line(dump_only=True, allow_none=True)


class InvitedSchema(HubSchema):
    """One unit that was asked by mail."""

    unit = Line(dump_only=True)
    mail = Line(dump_only=True)
    mail_reason = Line(dump_only=True, allow_none=True)
    attempts = Number(dump_only=True)


class OpenedTaskSchema(HubSchema):
    """One task that the event opened."""

    id = Number(dump_only=True)
    title = Line(dump_only=True)
    facility_id = Number(dump_only=True)
    unit = Line(dump_only=True)
    owner = Line(dump_only=True)
    accountable = Line(dump_only=True)
    due_on = Day(dump_only=True)
    state = Line(dump_only=True)
    reminders = Number(dump_only=True)


class ChangedRecordSchema(HubSchema):
    """One partner record that the event changed."""

    facility_id = Number(dump_only=True)
    facility = Line(dump_only=True)
    partner_id = Number(dump_only=True)
    partner = Line(dump_only=True)


class WaitingSchema(HubSchema):
    """Something that failed, and when it is tried again if it is."""

    what = Line(dump_only=True)
    state = Line(dump_only=True)
    attempts = Number(dump_only=True)
    due_at = Moment(dump_only=True)
    reason = Line(dump_only=True, allow_none=True)


class TotalsSchema(HubSchema):
    """The numbers of the receipt."""

    reactions = Number(dump_only=True)
    reactions_done = Number(dump_only=True)
    reactions_due = Number(dump_only=True)
    reactions_parked = Number(dump_only=True)
    notices = Number(dump_only=True)
    mails = Number(dump_only=True)
    mails_due = Number(dump_only=True)
    mails_sent = Number(dump_only=True)
    mails_skipped = Number(dump_only=True)
    mails_failed = Number(dump_only=True)
    tasks = Number(dump_only=True)
    reminders = Number(dump_only=True)
    records = Number(dump_only=True)
    last_effect_ms = Number(
        dump_only=True,
        allow_none=True,
        metadata={"description": "From the event to the last finished reaction, by the hub's clock"},
    )


class ReceiptSchema(HubSchema):
    """What one event set in motion."""

    event = Nested(EnvelopeSchema, dump_only=True)
    collaboration_id = Number(dump_only=True, allow_none=True)
    reactions = fields.List(Nested(ReactionSchema), dump_only=True)
    told = fields.List(Nested(ToldSchema), dump_only=True)
    invited = fields.List(Nested(InvitedSchema), dump_only=True)
    tasks = fields.List(Nested(OpenedTaskSchema), dump_only=True)
    records = fields.List(Nested(ChangedRecordSchema), dump_only=True)
    waiting = fields.List(Nested(WaitingSchema), dump_only=True)
    is_settled = Flag(dump_only=True)
    totals = Nested(TotalsSchema, dump_only=True)
