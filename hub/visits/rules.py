"""What holds for visits, whoever asks: times, deadlines, whose turn it is, which link still opens.

Pure: moments come in as arguments, nothing is read. Moments are aware datetimes, zones are names.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Literal, NamedTuple

from hub.audit.guard import suspected_in
from hub.texts.catalogue import lazy
from hub.texts.formats import format_day
from hub.workdays.calendar import add_working_days, why_not_working
from hub.workdays.weekdays import parse_weekday
from hub.workdays.zones import at_local, local_date

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

RESPOND_WITHIN = 7
"""Working days the host has for its answer, unless the visit begins before they are over."""
LAST_MINUTE = dt.time(23, 59)
LONGEST_VISIT = dt.timedelta(days=14)
FURTHEST_AHEAD = dt.timedelta(days=2 * 366)

IN_THE_PAST = lazy("This time is in the past.")
TOO_FAR_AHEAD = lazy("This time is more than two years ahead; please check the year.")
ENDS_BEFORE_START = lazy("The visit must end after it starts.")
LOOK_AGAIN = lazy("This may tell who is in custody: %(fields)s. Before it is shared, you will be asked.")
TOO_LONG = lazy("A visit lasts at most 14 days; please check the end.")

Turn = Literal["guest", "host", "both", "nobody"]
Step = Literal["submit", "answer", "rearrange", "wait", "hold", "publish", "follow_up", "ended"]
LinkState = Literal["open", "answered", "replaced", "passed_on", "revoked", "ended", "expired"]


class Warned(NamedTuple):
    """Something worth a second look that does not stop anybody."""

    code: str
    message: str
    values: dict[str, str]


class Whose(NamedTuple):
    """Whose turn it is, and for what."""

    turn: Turn
    step: Step


def faults_of_times(
    starts_at: dt.datetime, ends_at: dt.datetime, now: dt.datetime, *, prefix: str = ""
) -> dict[str, str]:
    """Return messages by field for times that cannot be: past, far ahead, backwards or endless."""
    faults: dict[str, str] = {}
    if starts_at <= now:
        faults[f"{prefix}starts_at"] = IN_THE_PAST
    elif starts_at > now + FURTHEST_AHEAD:
        faults[f"{prefix}starts_at"] = TOO_FAR_AHEAD
    if ends_at <= starts_at:
        faults[f"{prefix}ends_at"] = ENDS_BEFORE_START
    elif ends_at - starts_at > LONGEST_VISIT:
        faults[f"{prefix}ends_at"] = TOO_LONG
    return faults


def respond_by(now: dt.datetime, starts_at: dt.datetime, zone: str) -> dt.datetime:
    """Return until when the host may answer: the end of the 7th working day there, or the visit's start."""
    last_day = add_working_days(local_date(now, zone), RESPOND_WITHIN)
    return min(at_local(last_day, LAST_MINUTE, zone), starts_at)


def warnings_of_day(day: dt.date, weekday: str | None, locale: str) -> list[Warned]:
    """Return what looks odd about a day: another weekday than was written, or no working day.

    Raises UnknownWeekdayError when ``weekday`` is no name of a weekday.
    """
    found: list[Warned] = []
    if weekday and (written := parse_weekday(weekday)) != day.weekday():
        # Any Monday serves to name a weekday in the reader's language.
        monday = dt.date(2024, 1, 1)
        name = format_day(monday + dt.timedelta(days=written), locale).partition(",")[0]
        found.append(
            Warned(
                "weekday-disagrees",
                lazy("You wrote %(written)s, but the date is %(day)s. Please check which one is right."),
                {"written": name, "day": format_day(day, locale)},
            )
        )
    reason = why_not_working(day, locale)
    if reason:
        found.append(
            Warned(
                "not-a-working-day",
                lazy("%(day)s is not a working day (%(reason)s)."),
                {"day": format_day(day, locale), "reason": reason},
            )
        )
    return found


def warnings_of_texts(texts: Mapping[str, str]) -> list[Warned]:
    """Return a warning where a draft's texts may tell who is in custody: nobody may be told that."""
    fields = suspected_in(texts)
    return [Warned("inmate-data-suspected", LOOK_AGAIN, {"fields": ", ".join(fields)})] if fields else []


def whose_turn(proposal_state: str, visit_state: str, verdicts: Collection[str], *, has_begun: bool) -> Whose:
    """Return whose turn it is; ``verdicts`` are the current answers to the current arrangement."""
    if proposal_state == "draft":
        return Whose("guest", "submit")
    if visit_state == "proposed" and proposal_state == "submitted":
        return Whose("guest", "rearrange") if "countered" in verdicts else Whose("host", "answer")
    if visit_state == "scheduled":
        return Whose("both", "hold") if has_begun else Whose("nobody", "wait")
    if visit_state == "held":
        return Whose("both", "publish")
    if visit_state == "concluded":
        return Whose("both", "follow_up")
    return Whose("nobody", "ended")


def link_state(
    *,
    link_generation: int,
    generation: int,
    respond_by: dt.datetime,
    is_revoked: bool,
    is_withdrawn: bool,
    visit_state: str,
    is_answered: bool,
    now: dt.datetime,
    has_passed_on: bool = False,
) -> LinkState:
    """Return what a link with a true signature still opens.

    An answered invitation keeps showing its answer, also after its deadline; a link that was
    replaced or taken back, or has passed on with the post, shows nothing of the visit any more.
    """
    if is_revoked and not is_withdrawn:
        return "revoked"
    if has_passed_on and not is_withdrawn:
        return "passed_on"
    if link_generation != generation and not is_withdrawn:
        return "replaced"
    if is_answered and not is_withdrawn:
        return "answered"
    if is_withdrawn or visit_state != "proposed":
        return "ended"
    return "expired" if now >= respond_by else "open"


def on_behalf(label: str, post: str) -> str:
    """Return how somebody is called who answers for the head: "Bayu (Kasubsi Giatja, a.n. Kalapas)".

    "a.n." (atas nama) is how letters say it, whatever the reader's language; kept as it was then.
    """
    if not label.endswith(")"):
        return f"{label} (a.n. {post})"
    return f"{label[:-1]}, a.n. {post})"


def everybody_accepted(invited: Collection[int], accepted: Collection[int]) -> bool:
    """Return whether each invited party (ids) has accepted the current arrangement."""
    return bool(invited) and set(invited) <= set(accepted)
