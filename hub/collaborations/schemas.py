"""The shapes in which collaborations and what happens to them come in and go out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError, fields

from hub.collaborations.models import COLLABORATION_KINDS, PARTY_ROLES, PROPOSAL_STATES
from hub.collaborations.themes import THEMES
from hub.texts.catalogue import lazy
from hub.texts.headers import is_safe
from hub.web.complaints import Said
from hub.web.fields import Choice, Choices, HubSchema, Line, ListOf, Moment, Nested, Number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hub.collaborations.commands.happened import Happened

NOT_FOR_HEADERS = lazy(
    "This text contains an encoded word or a sign that turns the reading direction; please type it plainly."
)


class MailLine(Line):
    """One line that may stand in a mail's header: no encoded words such as ``=?UTF-8?Q?=0A?=``."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        text = super()._deserialize(value, attr, data, **options)
        if not is_safe(text):
            raise ValidationError(Said(NOT_FOR_HEADERS))
        return text


def themes_field(*, min_length: int = 1, **options: Any) -> Choices:
    """Return the field of a list of theme codes, each once."""
    return Choices(THEMES, min_length=min_length, **options)


class EventLinkSchema(HubSchema):
    """An event that was caused: where its receipt is, and how many reactions it is owed."""

    id = Line(dump_only=True)
    type = Line(dump_only=True)
    receipt = Line(dump_only=True)
    pending = Number(dump_only=True)


class HappenedSchema(HubSchema):
    """What a command caused: its first event, and all of them.

    ``event_id`` is null when the same had been done before and nothing new happened.
    """

    event_id = Line(dump_only=True, allow_none=True)
    receipt = Line(dump_only=True, allow_none=True)
    pending = Number(dump_only=True)
    events = ListOf(Nested(EventLinkSchema), dump_only=True)


class PartySchema(HubSchema):
    """One side of a collaboration."""

    role = Choice(PARTY_ROLES, dump_only=True)
    facility_id = Number(dump_only=True)
    name = Line(dump_only=True)
    kind = Line(dump_only=True)
    iana_zone = Line(dump_only=True)
    follow_up_post_id = Number(dump_only=True, allow_none=True)


class CoverSchema(HubSchema):
    """A collaboration and where its proposal stands."""

    id = Number(dump_only=True)
    ref = Line(dump_only=True)
    title = Line(dump_only=True)
    kind = Choice(COLLABORATION_KINDS, dump_only=True)
    themes = themes_field(dump_only=True)
    created_at = Moment(dump_only=True)
    proposal_id = Number(dump_only=True)
    proposal_state = Choice(PROPOSAL_STATES, dump_only=True)
    submitted_at = Moment(dump_only=True, allow_none=True)


class EnvelopeSchema(HubSchema):
    """An event as a CloudEvents 1.0 envelope."""

    specversion = Line(dump_only=True)
    id = Line(dump_only=True)
    type = Line(dump_only=True)
    source = Line(dump_only=True)
    subject = Line(dump_only=True)
    time = Line(dump_only=True)
    datacontenttype = Line(dump_only=True)
    actorkind = Line(dump_only=True)
    actor = Line(dump_only=True)
    correlationid = Line(dump_only=True)
    causationid = Line(dump_only=True)
    data = fields.Dict(dump_only=True)


class ThemeSchema(HubSchema):
    """A theme's code and its name in the reader's language."""

    code = Line(dump_only=True)
    name = Line(dump_only=True)


class ThemesSchema(HubSchema):
    """All themes, in the order in which people choose."""

    items = ListOf(Nested(ThemeSchema), dump_only=True)


def told(happened: Sequence[Happened]) -> dict[str, Any]:
    """Return the values of HappenedSchema for the events that a command caused."""
    events = [
        {
            "id": str(one.id),
            "type": one.event.TYPE,
            "receipt": f"/api/v1/events/{one.id}/receipt",
            "pending": one.pending,
        }
        for one in happened
    ]
    return {
        "event_id": events[0]["id"] if events else None,
        "receipt": events[0]["receipt"] if events else None,
        "pending": sum(one.pending for one in happened),
        "events": events,
    }
