"""What the API says of facilities, and how lists of them are asked for.

Everything here is public of an office; nothing is of a person. A facility's mailbox is not shown, only
whether there is one.
"""

from __future__ import annotations

from marshmallow.fields import Float

from hub.accounts.models import POST_ROLES
from hub.facilities.kinds import CLASSES, KINDS
from hub.facilities.models import NAME_KINDS
from hub.facilities.themes import THEMES
from hub.web.fields import Address, Choice, Choices, Day, Flag, HubSchema, Line, ListOf, Nested, Number
from hub.web.paging import page_of, page_query

LONGEST_TEXT = 100
"""Characters of a search; the longest name of a unit has 48."""


class FacilityZoneSchema(HubSchema):
    """A facility's time zone, as the zone database and as people write it."""

    name = Line(metadata={"example": "Asia/Jakarta"})
    label = Choice(("WIB", "WITA", "WIT"))


class FacilityRegionSchema(HubSchema):
    """The regional office a facility belongs to."""

    id = Number(1)
    name = Line()


class FacilityListedSchema(HubSchema):
    """A facility in a list."""

    id = Number(1)
    name = Line()
    kind = Choice(KINDS)
    city = Line(allow_none=True)
    province = Line(allow_none=True)
    region = Nested(FacilityRegionSchema, allow_none=True)
    zone = Nested(FacilityZoneSchema)


class FacilityFoundSchema(FacilityListedSchema):
    """A facility that a search found."""

    class_ = Line(allow_none=True, data_key="class")
    themes = ListOf(Line(), metadata={"description": "What it says it is good at."})
    distance_km = Float(
        allow_none=True,
        metadata={"description": "From the town of one's own unit, when sorted by distance."},
    )


class FacilityNameSchema(HubSchema):
    """A name of a facility, and from when until when it was so called, where that is known."""

    name = Line()
    kind = Choice(NAME_KINDS)
    since = Day(allow_none=True)
    until = Day(allow_none=True, metadata={"description": "The first day on which it no longer was."})


class FacilityPostSchema(HubSchema):
    """A post of a facility: promises belong to posts, whoever serves in them."""

    id = Number(1)
    title = Line()
    role = Choice(POST_ROLES)
    is_pool = Flag(metadata={"description": "A pool of staff: it can own a task, not be accountable for it."})
    reports_to_id = Number(1, allow_none=True)


class FacilityPostsSchema(HubSchema):
    """The posts of a facility: the head first."""

    items = ListOf(Nested(FacilityPostSchema))


class FacilityTownSchema(HubSchema):
    """Where the facility's town lies; never where its building stands."""

    latitude = Float()
    longitude = Float()
    attribution = Line(metadata={"description": "To be shown wherever the coordinates are."})


class FacilitySchema(FacilityListedSchema):
    """A facility with its names and posts."""

    speciality = Line(allow_none=True)
    themes = ListOf(Line(), metadata={"description": "What it says it is good at."})
    class_ = Line(allow_none=True, data_key="class")
    regency_code = Line(allow_none=True)
    town = Nested(FacilityTownSchema, allow_none=True)
    has_mailbox = Flag(metadata={"description": "Whether an invitation needs no address of its own."})
    status = Choice(("active", "historical", "merged"))
    merged_into_id = Number(1, allow_none=True)
    names = ListOf(Nested(FacilityNameSchema))
    posts = ListOf(Nested(FacilityPostSchema))


class DescriptionForm(HubSchema):
    """What a unit says of itself."""

    themes = Choices(THEMES, load_default=list)
    mailbox = Address(load_default=None, allow_none=True)


FacilityQuerySchema = page_query(
    int,
    int,
    int,
    q=Line(LONGEST_TEXT, min_length=0, load_default=""),
    kind=Choice(KINDS, load_default=None),
    class_=Choice(CLASSES, load_default=None, data_key="class"),
    region_id=Number(1, load_default=None),
    zone=Choice(("WIB", "WITA", "WIT"), load_default=None),
    theme=Choice(THEMES, load_default=None),
    sort=Choice(("fit", "distance"), load_default="fit"),
)
FacilityPageSchema = page_of(FacilityFoundSchema)
