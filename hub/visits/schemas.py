"""The shapes in which proposals, visits, answers and outcomes come in and go out."""

from __future__ import annotations

from typing import Any

from marshmallow import post_load

from hub.collaborations.models import COLLABORATION_KINDS, PROPOSAL_STATES
from hub.collaborations.schemas import CoverSchema, HappenedSchema, MailLine, PartySchema, themes_field
from hub.collaborations.themes import THEMES
from hub.visits.commands.arranging import AgendaPoint
from hub.visits.commands.conclude import Promise, ThemeOutcome
from hub.visits.models import ANSWER_DOORS, VERDICTS, VISIT_STATES
from hub.web.fields import (
    Address,
    Choice,
    Day,
    HubSchema,
    Line,
    ListOf,
    LocalMoment,
    Moment,
    Nested,
    Number,
    Paragraph,
)

LONGEST_AGENDA = 30
MOST_HEADS = 999
MOST_THEMES = 20
MOST_PROMISES = 20
MOST_WORKING_DAYS = 260

TURNS = ("guest", "host", "both", "nobody")
STEPS = ("submit", "answer", "rearrange", "wait", "hold", "publish", "follow_up", "ended")


class AgendaItemSchema(HubSchema):
    """One point of an agenda."""

    position = Number(dump_only=True)
    title = MailLine(200, required=True)
    minutes = Number(1, 1440, required=True)
    theme = Choice(THEMES, load_default=None, allow_none=True)
    owner_post_id = Number(1, load_default=None, allow_none=True)

    @post_load
    def _point(self, data: dict[str, Any], **_options: object) -> AgendaPoint:
        return AgendaPoint(**data)


def _agenda(**options: Any) -> ListOf:
    return ListOf(Nested(AgendaItemSchema), LONGEST_AGENDA, min_length=1, **options)


class PlanSchema(HubSchema):
    """When, where and what; the times are what the host's clock shows. For a change, all optional."""

    starts_at = LocalMoment(load_default=None)
    ends_at = LocalMoment(load_default=None)
    weekday = Line(40, is_watched=False, load_default=None, allow_none=True)
    place = MailLine(200, load_default=None)
    head_count = Number(1, MOST_HEADS, load_default=None, allow_none=True)
    agenda = _agenda(load_default=None)


class ProposalInSchema(HubSchema):
    """A proposal as somebody writes it; the host by ``host_id`` or, if unambiguous, by ``host_name``."""

    is_draft = True
    guest_id = Number(1, required=True)
    host_id = Number(1, load_default=None, allow_none=True)
    host_name = Line(200, is_watched=False, load_default=None, allow_none=True)
    kind = Choice(COLLABORATION_KINDS, required=True)
    title = MailLine(150, required=True)
    themes = themes_field(required=True)
    urgency = Paragraph(2000, required=True)
    form = MailLine(200, required=True)
    subject = Paragraph(500, required=True)
    duration = MailLine(100, required=True)
    letter_no = MailLine(100, load_default=None, allow_none=True)
    starts_at = LocalMoment(required=True)
    ends_at = LocalMoment(required=True)
    weekday = Line(40, is_watched=False, load_default=None, allow_none=True)
    place = MailLine(200, required=True)
    head_count = Number(1, MOST_HEADS, load_default=None, allow_none=True)
    agenda = _agenda(required=True)


class ProposalDraftSchema(ProposalInSchema):
    """The page of a draft: everything is said again, except between whom it is."""

    class Meta(HubSchema.Meta):
        """The units of a draft are chosen once."""

        exclude = ("guest_id", "host_id", "host_name")


class ProposalEditSchema(PlanSchema):
    """What of a draft is to become different; what is left out stays."""

    is_draft = True
    kind = Choice(COLLABORATION_KINDS)
    title = MailLine(150)
    themes = themes_field()
    urgency = Paragraph(2000)
    form = MailLine(200)
    subject = Paragraph(500)
    duration = MailLine(100)
    letter_no = MailLine(100, allow_none=True)


class SubmitSchema(HubSchema):
    """Where the invitation goes, if not to the host's official mailbox."""

    invitation_address = Address(load_default=None, allow_none=True)


class ReasonSchema(HubSchema):
    """Why."""

    reason = Paragraph(1000, required=True)


class RearrangeSchema(PlanSchema):
    """Another date, place or agenda; what is left out stays as it is."""

    #: The number of the arrangement that the caller has seen.
    replaces = Number(1, 32767, load_default=None, allow_none=True)


class RenewSchema(HubSchema):
    """A better address for the invitation, if the old one was wrong."""

    address = Address(load_default=None, allow_none=True)


class AnswerInSchema(HubSchema):
    """An answer of the invited unit's head; the counter times are what the host's clock shows."""

    number = Number(1, 32767, load_default=None, allow_none=True)
    verdict = Choice(VERDICTS, required=True)
    reason = Paragraph(1000, load_default=None, allow_none=True)
    starts_at = LocalMoment(load_default=None, allow_none=True)
    ends_at = LocalMoment(load_default=None, allow_none=True)


class LinkAnswerSchema(HubSchema):
    """The form of the invitation page: times come as a date and clock times of their own."""

    number = Number(1, 32767, required=True)
    verdict = Choice(VERDICTS, required=True)
    name = MailLine(100, required=True)
    post = MailLine(100, required=True)
    reason = Paragraph(1000, min_length=0, load_default="")
    day = Line(10, min_length=0, is_watched=False, load_default="")
    starts = Line(5, min_length=0, is_watched=False, load_default="")
    ends = Line(5, min_length=0, is_watched=False, load_default="")
    lang = Choice(("id", "en"), load_default="id")


class PromiseSchema(HubSchema):
    """A commitment: which unit does what, which post owns it, within how many working days."""

    id = Number(dump_only=True)
    text = Paragraph(500, required=True)
    facility_id = Number(1, required=True)
    owner_post_id = Number(1, required=True)
    owner = Line(dump_only=True)
    working_days = Number(1, MOST_WORKING_DAYS, required=True)
    due_on = Day(dump_only=True, allow_none=True)

    @post_load
    def _promise(self, data: dict[str, Any], **_options: object) -> Promise:
        return Promise(**data)


class ThemeOutcomeSchema(HubSchema):
    """What one theme brought."""

    theme = Choice(THEMES, required=True)
    seen = Paragraph(2000, required=True)
    will_try = Paragraph(2000, required=True)
    commitments = ListOf(Nested(PromiseSchema), MOST_PROMISES, load_default=list)

    @post_load
    def _outcome(self, data: dict[str, Any], **_options: object) -> ThemeOutcome:
        return ThemeOutcome(**{**data, "commitments": tuple(data["commitments"])})


class OutcomeInSchema(HubSchema):
    """The whole outcome, theme by theme; it replaces the draft that was there."""

    is_draft = True
    themes = ListOf(Nested(ThemeOutcomeSchema), MOST_THEMES, min_length=1, required=True)


# Out -----------------------------------------------------------------------------------------------


class WarningSchema(HubSchema):
    """Something worth a second look that stopped nobody."""

    code = Line(dump_only=True)
    message = Line(dump_only=True)


class ArrangementSchema(HubSchema):
    """When and where, with the host's offset."""

    number = Number(dump_only=True)
    starts_at = Moment(dump_only=True)
    ends_at = Moment(dump_only=True)
    iana_zone = Line(dump_only=True)
    zone = Line(dump_only=True)
    place = Line(dump_only=True)
    head_count = Number(dump_only=True, allow_none=True)
    agenda = ListOf(Nested(AgendaItemSchema), dump_only=True)


class AnswerSchema(HubSchema):
    """What an invited party said."""

    number = Number(dump_only=True)
    verdict = Choice(VERDICTS, dump_only=True)
    reason = Line(dump_only=True, allow_none=True)
    starts_at = Moment(attribute="counter_starts_at", dump_only=True, allow_none=True)
    ends_at = Moment(attribute="counter_ends_at", dump_only=True, allow_none=True)
    door = Choice(ANSWER_DOORS, dump_only=True)
    answered_by = Line(dump_only=True)
    answered_at = Moment(dump_only=True)
    delegated_until = Day(
        dump_only=True,
        allow_none=True,
        metadata={"description": "The last day on which the right to answer is lent to who answered"},
    )


class InvitationSchema(HubSchema):
    """Who was asked, until when, and the answer to the current arrangement."""

    id = Number(dump_only=True)
    facility_id = Number(dump_only=True)
    name = Line(dump_only=True)
    address = Line(dump_only=True, allow_none=True)
    generation = Number(dump_only=True)
    respond_by = Moment(dump_only=True)
    opened_at = Moment(dump_only=True, allow_none=True)
    revoked_at = Moment(dump_only=True, allow_none=True)
    answer = Nested(AnswerSchema, dump_only=True, allow_none=True)


class VisitSchema(HubSchema):
    """A visit with everything its reader may see; ``version`` is its ETag."""

    id = Number(attribute="row.id", dump_only=True)
    collaboration_id = Number(attribute="row.collaboration_id", dump_only=True)
    proposal_id = Number(attribute="row.proposal_id", dump_only=True)
    ref = Line(attribute="row.ref", dump_only=True)
    title = Line(attribute="row.title", dump_only=True)
    kind = Choice(COLLABORATION_KINDS, attribute="row.kind", dump_only=True)
    themes = themes_field(attribute="row.themes", dump_only=True)
    stop_no = Number(attribute="row.stop_no", dump_only=True)
    state = Choice(VISIT_STATES, attribute="row.state", dump_only=True)
    version = Number(attribute="row.version", dump_only=True)
    held_at = Moment(attribute="row.held_at", dump_only=True, allow_none=True)
    published_at = Moment(attribute="row.published_at", dump_only=True, allow_none=True)
    turn = Choice(TURNS, dump_only=True)
    step = Choice(STEPS, dump_only=True)
    parties = ListOf(Nested(PartySchema), dump_only=True)
    arrangement = Nested(ArrangementSchema, dump_only=True)
    invitations = ListOf(Nested(InvitationSchema), dump_only=True)
    outcome = ListOf(Nested(ThemeOutcomeSchema), attribute="themes", dump_only=True)


class DraftedVisitSchema(VisitSchema):
    """A visit whose outcome was just written, and what in it is worth a second look."""

    warnings = ListOf(Nested(WarningSchema), dump_only=True)


class ProposalSchema(HubSchema):
    """A proposal with its visit; ``version`` is its ETag."""

    id = Number(attribute="proposal_id", dump_only=True)
    collaboration_id = Number(attribute="id", dump_only=True)
    ref = Line(dump_only=True)
    state = Choice(PROPOSAL_STATES, attribute="proposal_state", dump_only=True)
    version = Number(attribute="proposal_version", dump_only=True)
    kind = Choice(COLLABORATION_KINDS, dump_only=True)
    title = Line(dump_only=True)
    themes = themes_field(dump_only=True)
    urgency = Line(dump_only=True)
    form = Line(dump_only=True)
    subject = Line(dump_only=True)
    duration = Line(dump_only=True)
    letter_no = Line(dump_only=True, allow_none=True)
    created_at = Moment(dump_only=True)
    submitted_at = Moment(dump_only=True, allow_none=True)
    visit_id = Number(dump_only=True)
    visit = Nested(VisitSchema, dump_only=True)
    warnings = ListOf(Nested(WarningSchema), dump_only=True)


class ProposalEventSchema(HappenedSchema):
    """What submitting or withdrawing caused."""

    invitation_id = Number(dump_only=True)
    proposal = Nested(ProposalSchema, dump_only=True)


class VisitEventSchema(HappenedSchema):
    """What a command on a visit or invitation caused, and the visit as it is now."""

    visit = Nested(VisitSchema, dump_only=True)
    warnings = ListOf(Nested(WarningSchema), dump_only=True)


class CollaborationSchema(CoverSchema):
    """A collaboration in a list: whose turn it is, and for what."""

    parties = ListOf(Nested(PartySchema), dump_only=True)
    turn = Choice(TURNS, dump_only=True)
    step = Choice(STEPS, dump_only=True)
    visit_ids = ListOf(Number(), dump_only=True)
    starts_at = Moment(dump_only=True)


class ThreadSchema(CollaborationSchema):
    """A collaboration with all its visits."""

    visits = ListOf(Nested(VisitSchema), dump_only=True)
