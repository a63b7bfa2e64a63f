"""Read what is new for open streams in one snapshot, and write it as their messages."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import orjson

from hub.clock import now
from hub.notifications.facts import facts_of
from hub.notifications.positions import News, counts_of, news_of_each, news_since, too_far
from hub.notifications.queries import Notice, Unread, position
from hub.notifications.showing import show
from hub.notifications.wording import say
from hub.texts.catalogue import gettext_for, ngettext_for
from hub.texts.formats import format_number
from hub.workdays.zones import local_date

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from sqlalchemy.orm import Session

    from hub.notifications.facts import Facts
    from hub.notifications.showing import Shown

MOST_ITEMS: Final = 50
"""Notifications in one message of a stream; a reader with more of them reads the list anew."""
NOWHERE: Final = ""
"""The position of a stream whose reader named one that cannot be read: too far to go on from."""
MOVED: Final = b"event: moved\ndata: {}\n\n"
"""The last message of a stream that gives way to a newer one of the same person."""


@dataclass(eq=False, slots=True)
class Stream:
    """One open stream, read by iterating over it; ``after`` is where its reader left off, or None."""

    person_id: int
    locale: str
    zone: str
    proof: bytes
    after: str | None
    longest: int
    leave: Callable[[Stream], None]
    is_ended: bool = False
    touched: float = field(default_factory=time.monotonic)
    _frames: deque[bytes] = field(default_factory=deque)
    _ready: threading.Event = field(default_factory=threading.Event)

    def put(self, frame: bytes) -> None:
        """Add a message; a reader that is too slow is dropped, and goes on later from what it has read."""
        if len(self._frames) >= self.longest:
            self.end()
            return
        self._frames.append(frame)
        self.touched = time.monotonic()
        self._ready.set()

    def end(self, last: bytes = b"") -> None:
        """End the stream; what it has not read yet is not sent any more, but ``last``."""
        self._frames.clear()
        if last:
            self._frames.append(last)
        self.is_ended = True
        self._ready.set()

    def __iter__(self) -> Iterator[bytes]:
        """Yield messages as they come, until the stream ends or its reader goes."""
        try:
            while True:
                self._ready.wait()
                self._ready.clear()
                while self._frames:
                    yield self._frames.popleft()
                if self.is_ended:
                    return
        finally:
            self.close()

    def close(self) -> None:
        """Forget the stream."""
        self.is_ended = True
        self.leave(self)


@dataclass(slots=True)
class Told:
    """What one look has found, and the messages made of it: one for all streams of a person alike."""

    position: str
    facts: Mapping[uuid.UUID, Facts]
    counts: Mapping[int, Unread]
    of_live: Mapping[int, list[News]]
    of_joining: Mapping[Stream, list[News]]
    behind: set[Stream]
    changed: set[int]
    moment: dt.datetime
    _shown: dict[tuple[uuid.UUID, bool, str, str], Shown] = field(default_factory=dict)

    @classmethod
    def read(
        cls,
        session: Session,
        reached: str | None,
        live: list[Stream],
        joining: list[Stream],
        changed: set[int],
    ) -> Told:
        """Read it all in the session's one snapshot."""
        here = position(session)
        going_on = [stream for stream in joining if stream.after]
        far = too_far(
            session, {stream.after or "" for stream in going_on} | ({reached} if reached else set())
        )
        behind = {stream for stream in joining if stream.after == NOWHERE or stream.after in far}
        of_live: Mapping[int, list[News]] = {}
        if reached in far:
            behind |= set(live)
        elif reached is not None:
            of_live = news_since(session, reached, {stream.person_id for stream in live})
        near = [stream for stream in going_on if stream not in behind]
        found = news_of_each(session, [(stream.person_id, stream.after or "") for stream in near])
        of_joining = dict(zip(near, found, strict=True))
        everything = [news for many in (*of_live.values(), *found) for news in many[:MOST_ITEMS]]
        concerned = {stream.person_id for stream in (*joining, *behind)} | set(of_live)
        concerned |= changed & {stream.person_id for stream in live}
        return cls(
            position=here,
            facts=facts_of(session, {news.event_id for news in everything}) if everything else {},
            counts=counts_of(session, concerned) if concerned else {},
            of_live=of_live,
            of_joining=of_joining,
            behind=behind,
            changed=changed,
            moment=now(session),
        )

    def frame(self, stream: Stream) -> bytes | None:
        """Return the message for one stream, or None where nothing concerns it."""
        if stream.person_id not in self.counts:
            return None
        news = self.of_joining.get(stream)
        if news is None:
            news = self.of_live.get(stream.person_id, [])
        is_behind = stream in self.behind or len(news) > MOST_ITEMS
        items = [] if is_behind else list(self._items(stream, news))
        unread = self.counts[stream.person_id]
        count = format_number(len(items), stream.locale)
        gettext, ngettext = gettext_for(stream.locale), ngettext_for(stream.locale)
        said = ngettext("%(count)s new notification", "%(count)s new notifications", len(items))
        data = {
            "items": items,
            "said": said % {"count": count} if items else "",
            "unread": {
                "count": unread.count,
                "label": unread.label if unread.count else "",
                "said": gettext("%(count)s unread") % {"count": unread.label},
            },
            "is_behind": is_behind,
        }
        return b"id: %b\nevent: inbox\ndata: %b\n\n" % (self.position.encode(), orjson.dumps(data))

    def _items(self, stream: Stream, news: Iterable[News]) -> Iterator[Shown]:
        for one in news:
            key = (one.event_id, one.is_unread, stream.locale, stream.zone)
            if key not in self._shown:
                facts = self.facts[one.event_id]
                notice = Notice(
                    event_id=one.event_id,
                    type=facts.type,
                    occurred_at=facts.occurred_at,
                    collaboration_id=facts.collaboration_id,
                    is_read=not one.is_unread,
                    said=say(facts, locale=stream.locale, zone=stream.zone),
                )
                today = local_date(self.moment, stream.zone)
                self._shown[key] = show(notice, locale=stream.locale, zone=stream.zone, today=today)
            yield self._shown[key]
