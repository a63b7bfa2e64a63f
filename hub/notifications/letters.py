"""Write the mails: a notice of an event, and the invitation with its link."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hub.notifications.wording import say
from hub.texts.catalogue import translate
from hub.texts.formats import format_moment_range
from hub.texts.rendering import render

if TYPE_CHECKING:
    from hub.notifications.facts import Facts


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail without its envelope: what everybody gets who reads this language in this zone."""

    subject: str
    text: str
    html: str
    locale: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What an invitation asks: who comes, how many, why, when and where."""

    facts: Facts
    subject: str
    urgency: str
    head_count: int | None
    place: str
    respond_by: dt.datetime
    agenda: tuple[str, ...]


def notice(facts: Facts, *, locale: str, zone: str, base_url: str) -> Letter:
    """Return the mail that tells of an event."""
    said = say(facts, locale=locale, zone=zone)
    values = {"said": said, "facts": facts, "url": base_url + said.path, "heading": said.heading}
    return Letter(
        subject=f"[{facts.ref}] {said.heading}" if facts.ref else f"Sinergi Hub: {said.heading}",
        text=render("notifications/mail/notice.txt", locale=locale, **values),
        html=render("notifications/mail/notice.html", locale=locale, **values),
        locale=locale,
    )


def invitation(asked: Asked, *, url: str, locale: str) -> Letter:
    """Return the mail that asks a host to answer, with the link at which it does so."""
    facts = asked.facts
    heading = translate(
        locale, "Invitation: %(guest)s asks to visit %(host)s", guest=facts.guest, host=facts.host
    )
    values = {
        "asked": asked,
        "facts": facts,
        "url": url,
        "heading": heading,
        "moment": format_moment_range(facts.starts_at, facts.ends_at, facts.zone, locale),
    }
    return Letter(
        subject=f"[{facts.ref}] {heading}",
        text=render("notifications/mail/invitation.txt", locale=locale, **values),
        html=render("notifications/mail/invitation.html", locale=locale, **values),
        locale=locale,
    )


def new_password(*, url: str, name: str, locale: str) -> Letter:
    """Return the mail with the link at which somebody sets a new password."""
    heading = translate(locale, "Set a new password")
    values = {"url": url, "name": name, "heading": heading}
    return Letter(
        subject=f"Sinergi Hub: {heading}",
        text=render("notifications/mail/password.txt", locale=locale, **values),
        html=render("notifications/mail/password.html", locale=locale, **values),
        locale=locale,
    )
