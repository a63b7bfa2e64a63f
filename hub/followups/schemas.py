"""The shapes in which tasks come in and go out."""

from __future__ import annotations

import datetime as dt

from marshmallow import fields

from hub.collaborations.schemas import HappenedSchema
from hub.followups.models import REMINDER_KINDS, REMINDER_STATES, TASK_STATES
from hub.followups.rules import DUE_STATES
from hub.web.fields import Choice, Day, Flag, HubSchema, Line, Moment, Nested, Number, Paragraph
from hub.web.paging import page_query

TaskQuery = page_query(
    dt.date,
    int,
    scope=Choice(
        ("mine", "unit"),
        load_default="mine",
        metadata={"description": "What your posts own or answer for, or everything of your units"},
    ),
    facility_id=Number(
        1, load_default=None, metadata={"description": "With scope=unit: another unit you may see"}
    ),
    state=Choice((*TASK_STATES, "all"), load_default="open"),
)


class ReminderSchema(HubSchema):
    """One reminder of a task: planned, or how it ended."""

    kind = Choice(REMINDER_KINDS, dump_only=True)
    slot_on = Day(dump_only=True)
    due_at = Moment(dump_only=True)
    state = Choice(REMINDER_STATES, dump_only=True)
    reason = Line(dump_only=True, allow_none=True)


class TaskSchema(HubSchema):
    """A follow-up task."""

    id = Number(dump_only=True)
    title = Line(dump_only=True)
    state = Choice(TASK_STATES, dump_only=True)
    due_on = Day(dump_only=True)
    due_state = Choice(DUE_STATES, dump_only=True)
    due_text = Line(dump_only=True, metadata={"description": "How far away it is, in the reader's language"})
    collaboration_id = Number(dump_only=True)
    commitment_id = Number(dump_only=True)
    event_id = Line(dump_only=True)
    facility_id = Number(dump_only=True)
    unit = Line(dump_only=True)
    owner_post_id = Number(dump_only=True)
    owner = Line(dump_only=True)
    accountable_post_id = Number(dump_only=True)
    accountable = Line(dump_only=True)
    opened_at = Moment(dump_only=True)
    closed_at = Moment(dump_only=True, allow_none=True)
    closing_note = Line(dump_only=True, allow_none=True)
    version = Number(dump_only=True)
    may_close = Flag(dump_only=True)
    may_return = Flag(dump_only=True)


class TaskWithRemindersSchema(TaskSchema):
    """A follow-up task with its reminders."""

    reminders = fields.List(Nested(ReminderSchema), dump_only=True)


class CloseTaskSchema(HubSchema):
    """What was done."""

    note = Paragraph(2000, min_length=3, required=True)


class ReturnTaskSchema(HubSchema):
    """Why it is not mine."""

    reason = Paragraph(500, min_length=3, required=True)


class TaskEventSchema(HappenedSchema):
    """The event that was caused, and the task as it is now."""

    task = Nested(TaskWithRemindersSchema, dump_only=True)
