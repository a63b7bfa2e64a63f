"""The shapes in which the inbox goes out."""

from __future__ import annotations

from hub.web.fields import Flag, HubSchema, Line, Moment, Nested, Number


class ActionSchema(HubSchema):
    """The next thing to do, and where."""

    label = Line(dump_only=True)
    href = Line(dump_only=True)


class NoticeSchema(HubSchema):
    """One notification, in the reader's language and zone."""

    event_id = Line(dump_only=True)
    type = Line(dump_only=True)
    occurred_at = Moment(dump_only=True)
    collaboration_id = Number(dump_only=True, allow_none=True)
    heading = Line(dump_only=True)
    sentence = Line(dump_only=True)
    when = Line(dump_only=True)
    action = Nested(ActionSchema, dump_only=True)
    is_read = Flag(dump_only=True)


class UnreadSchema(HubSchema):
    """How many notifications are unread: counted up to 99, then the label says "99+"."""

    count = Number(0, 99, dump_only=True)
    label = Line(dump_only=True)
