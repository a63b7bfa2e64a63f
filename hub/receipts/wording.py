"""Say a receipt in words: what happened, what each consumer did, where a mail stands, what waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hub.notifications.facts import facts_of
from hub.notifications.wording import say
from hub.texts.catalogue import gettext_for, lazy, ngettext_for, translate
from hub.texts.formats import format_list, format_number

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

HEADINGS: Final[Mapping[str, str]] = {
    "invitation.renewed": lazy("A new link was sent to the invited unit"),
    "invitation.revoked": lazy("The invitation was taken back"),
}
"""Events that nobody is told of, but that have a receipt."""
CONSUMERS: Final[Mapping[str, str]] = {
    "notify": lazy("Tell everybody it concerns"),
    "invite": lazy("Send the invitation"),
    "open-tasks": lazy("Open the follow-up tasks"),
    "partner-record": lazy("Update the partner records"),
    "mail:notification": lazy("A mail to somebody who is told"),
    "mail:invitation": lazy("The mail with the invitation"),
}
MAILS: Final[Mapping[str, tuple[str, str]]] = {
    "due": (lazy("mail on its way"), "wait"),
    "sent": (lazy("mail sent"), "done"),
    "skipped": (lazy("no mail sent"), "off"),
    "failed": (lazy("mail failed"), "late"),
}
STATES: Final[Mapping[str, tuple[str, str]]] = {
    "due": (lazy("under way"), "wait"),
    "done": (lazy("done"), "done"),
    "parked": (lazy("stopped"), "late"),
    "failed": (lazy("failed"), "late"),
}


def what_happened(
    session: Session, event_id: uuid.UUID, event_type: str, *, locale: str, zone: str
) -> tuple[str, str]:
    """Return an event as a heading and a sentence (which may be empty)."""
    facts = facts_of(session, [event_id]).get(event_id)
    if event_type in HEADINGS:
        heading = translate(locale, HEADINGS[event_type])
        return heading, f"{facts.title} ({facts.ref})" if facts else ""
    if facts is None:
        return event_type, ""
    said = say(facts, locale=locale, zone=zone)
    return said.heading, said.sentence


def consumer_name(name: str, locale: str) -> str:
    """Return what a consumer or a kind of mail does; the name of one that newer code brought."""
    return translate(locale, CONSUMERS[name]) if name in CONSUMERS else name


def mail_state(state: str | None, locale: str) -> tuple[str, str]:
    """Return where somebody's mail stands, and the tone of its chip."""
    if state is None:
        gettext = gettext_for(locale)
        return gettext("inbox only"), "info"
    words, tone = MAILS[state]
    return translate(locale, words), tone


def reaction_state(state: str, locale: str) -> tuple[str, str]:
    """Return where a reaction stands, and the tone of its chip."""
    words, tone = STATES[state]
    return translate(locale, words), tone


def duration(milliseconds: int | None, locale: str) -> str:
    """Return "0,42 detik"; empty for None."""
    if milliseconds is None:
        return ""
    gettext = gettext_for(locale)
    return gettext("%(count)s seconds") % {"count": format_number(round(milliseconds / 1000, 2), locale)}


def summary(counts: Mapping[str, Any] | None, locale: str) -> str:
    """Return what a reaction did: "24 pemberitahuan dan 5 surel"; empty where it says nothing."""
    ngettext = ngettext_for(locale)
    said = []
    for name, number in (counts or {}).items():
        if not isinstance(number, int):
            continue
        if name == "notices":
            text = ngettext("%(count)s notification", "%(count)s notifications", number)
        elif name == "mails":
            text = ngettext("%(count)s mail", "%(count)s mails", number)
        elif name == "tasks":
            text = ngettext("%(count)s task", "%(count)s tasks", number)
        elif name == "reminders":
            text = ngettext("%(count)s reminder", "%(count)s reminders", number)
        elif name == "records":
            text = ngettext("%(count)s partner record", "%(count)s partner records", number)
        else:
            continue
        said.append(text % {"count": format_number(number, locale)})
    return format_list(said, locale) if said else ""
