"""What the pages of privacy take in."""

from __future__ import annotations

from hub.web.fields import HubSchema, Line, Paragraph


class FindPeopleQuery(HubSchema):
    """Who is looked for."""

    q = Line(100, min_length=0, is_watched=False, load_default="")


class EraseForm(HubSchema):
    """Why somebody is erased: it stands in the audit log."""

    reason = Paragraph(500, min_length=3, required=True)
