"""What the forms about posts take in."""

from __future__ import annotations

from hub.accounts.commands.people import LONGEST_NAME, LONGEST_TITLE
from hub.web.fields import Address, Choice, Day, Flag, HubSchema, Line, Number

LONGEST_LETTER = 120


class WhoForm(HubSchema):
    """A person by their address; the name only for somebody new."""

    email = Address(required=True)
    name = Line(LONGEST_NAME, min_length=0, load_default="")


class HandOverForm(WhoForm):
    """A post passes on."""

    starts_on = Day(required=True)
    letter_no = Line(LONGEST_LETTER, load_default=None, allow_none=True)
    leaves_others = Flag(load_default=False)


class StandInForm(WhoForm):
    """Somebody acts in a post for a term."""

    starts_on = Day(required=True)
    ends_on = Day(required=True)
    letter_no = Line(LONGEST_LETTER, load_default=None, allow_none=True)


class StopForm(HubSchema):
    """A service ends."""

    last_day = Day(required=True)


class PostForm(HubSchema):
    """A new post."""

    title = Line(LONGEST_TITLE, required=True)
    role = Choice(("section", "pool", "contact", "head"), required=True)
    mailbox = Address(load_default=None, allow_none=True)


class AwayForm(HubSchema):
    """Somebody is away."""

    starts_on = Day(required=True)
    ends_on = Day(required=True)
    deputy_email = Address(load_default=None, allow_none=True)


class LendForm(HubSchema):
    """Who may answer for the unit, and for how long."""

    person_id = Number(1, required=True)
    starts_on = Day(required=True)
    ends_on = Day(required=True)
