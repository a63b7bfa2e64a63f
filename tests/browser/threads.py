"""Collaborations brought to where a test begins, through the API: a draft, an open invitation, a held visit.

The clock of a town only goes forward. ``furnish`` plays a month in one go and leaves the town on
TODAY with a collaboration at every step; tests that need one of their own add it from there.
"""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from tests.browser.town import Town
    from tests.support.cast import Member

WIB = ZoneInfo("Asia/Jakarta")
FIRST_DAY = dt.datetime(2024, 11, 18, 8, 30, tzinfo=WIB)
ACCEPTED = dt.datetime(2024, 11, 19, 10, 15, tzinfo=WIB)
THE_VISIT = dt.datetime(2024, 11, 28, 9, 0, tzinfo=WIB)
PUBLISHED = dt.datetime(2024, 11, 29, 10, 0, tzinfo=WIB)
CLOSED = dt.datetime(2024, 12, 5, 14, 0, tzinfo=WIB)
SECOND_VISIT = dt.datetime(2024, 12, 12, 9, 0, tzinfo=WIB)
TODAY = dt.datetime(2024, 12, 16, 9, 0, tzinfo=WIB)
"""A Monday on which one follow-up of the first visit is late, and the others are not yet."""
COMING = dt.datetime(2025, 1, 9, 9, 0, tzinfo=WIB)
"""A Thursday to plan for."""
TITLE = "Studi tiru rehabilitasi dan ketahanan pangan"
LONG_TITLE = (
    "Pendampinganberkelanjutanketahananpangandanrehabilitasi: belajar bersama tentang pertanian, "
    "perikanan, pakan alternatif, dan pascarehabilitasi selama"
).ljust(150, "!")
PARKED = "LookupError: the post that is to be told has no holder"
NAMED = "Kami berbicara dengan WBP a.n. Fulan Saputra, register B.I 45/2023, di bengkel kayu."
"""Invented, as all of it."""
SEEN = "Program berjalan terstruktur dengan pendekatan terapeutik dan pemulihan perilaku."
WILL_TRY = "Rehabilitasi berbasis komunitas dalam kelompok kecil, dimulai dengan delapan peserta."

_numbers = itertools.count(1001)


def new_title(about: str = "Studi tiru") -> str:
    """Return a title that no other collaboration of this town has, nor begins with."""
    return f"{about} nomor {next(_numbers)}"


@dataclass(slots=True)
class Thread:
    """One collaboration, its proposal and its visit."""

    title: str
    collaboration_id: int
    proposal_id: int
    visit_id: int
    event_id: str = ""
    """The last event of its own."""


@dataclass(frozen=True, slots=True)
class Furniture:
    """A collaboration at every step."""

    draft: Thread
    open: Thread
    countered: Thread
    declined: Thread
    scheduled: Thread
    held: Thread
    concluded: Thread
    late_task: int
    """Of Kasubsi Pengelolaan at the guest: due on 13 December."""
    open_task: int
    """Of Kasi Giatja at the host."""
    closed_task: int
    """Of Kasubsi Pelayanan Tahanan at the guest."""
    agreed: Thread
    """Accepted and held, with nothing written down yet."""
    long: Thread
    """Proposed by the unit with the longest name, under the longest title."""
    named_draft: Thread
    """A draft that seems to tell who is in custody."""
    named: Thread
    """Held, with a draft of its outcome that seems to tell who is in custody."""


def furnish(town: Town) -> Furniture:
    """Play a month and return what came of it; the town's clock then shows TODAY."""
    town.travel(FIRST_DAY)
    concluded = submitted(town, TITLE, THE_VISIT)
    held = submitted(town, "Berbagi pengalaman layanan kesehatan", SECOND_VISIT)
    agreed = submitted(town, "Studi tiru pembinaan kemandirian", SECOND_VISIT)
    named = submitted(town, "Studi tiru bengkel kerja", SECOND_VISIT)
    town.travel(ACCEPTED)
    for thread in (concluded, held, agreed, named):
        answer(town, thread, "accepted")
    town.travel(THE_VISIT + dt.timedelta(hours=3, minutes=15))
    hold(town, concluded)
    town.travel(PUBLISHED)
    write_outcome(town, concluded, days=(10, 10, 20))
    publish(town, concluded)
    town.travel(CLOSED)
    closed = tasks_of(town, concluded, town.cast.guest_service)[0]
    close_task(town, closed)
    town.travel(SECOND_VISIT + dt.timedelta(hours=4))
    for thread in (held, agreed, named):
        hold(town, thread)
    write_outcome(town, held)
    write_outcome(town, named, seen=NAMED)
    town.travel(TODAY)
    scheduled, countered, declined = (
        submitted(town, f"{TITLE} {which}", COMING) for which in ("kedua", "ketiga", "keempat")
    )
    answer(town, scheduled, "accepted")
    answer(
        town,
        countered,
        "countered",
        reason="Pada hari itu aula dipakai.",
        starts_at="2025-01-14T10:00",
        ends_at="2025-01-14T12:00",
    )
    answer(town, declined, "declined", reason="Seluruh petugas bersiap untuk pergantian tahun.")
    town.park(declined.event_id, "notify", PARKED)
    return Furniture(
        draft=draft(town, "Berbagi modul rehabilitasi sosial", COMING),
        open=submitted(town, f"{TITLE} kelima", COMING),
        countered=countered,
        declined=declined,
        scheduled=scheduled,
        held=held,
        concluded=concluded,
        late_task=tasks_of(town, concluded, town.cast.guest_assets)[0],
        open_task=tasks_of(town, concluded, town.cast.host_work)[0],
        closed_task=closed,
        agreed=agreed,
        long=submitted(town, LONG_TITLE, COMING, head=town.long_head),
        named_draft=draft(town, "Belajar dari bengkel kerja", COMING, urgency=NAMED),
        named=named,
    )


def plan(town: Town, title: str, starts_at: dt.datetime, guest_id: int = 0) -> dict[str, Any]:
    """Return a proposal of the guest (or another unit) to the host, as the API takes it."""
    cast = town.cast
    return {
        "guest_id": guest_id or cast.guest.id,
        "host_id": cast.host.id,
        "kind": "studi_tiru",
        "title": title,
        "themes": ["rehabilitasi", "ketahanan_pangan"],
        "urgency": "Program serupa di Rutan Purbalingga perlu diperkuat pada tahun ini.",
        "form": "Kunjungan studi tiru: pemaparan, peninjauan, dan diskusi.",
        "subject": "Pelaksanaan program rehabilitasi dan ketahanan pangan.",
        "duration": "Satu hari kunjungan, dengan tindak lanjut selama enam bulan.",
        "starts_at": f"{starts_at:%Y-%m-%dT%H:%M}",
        "ends_at": f"{starts_at + dt.timedelta(hours=3):%Y-%m-%dT%H:%M}",
        "place": "Aula Lapas Kelas IIA Purwokerto",
        "head_count": 8,
        "agenda": [
            {"title": "Sambutan", "minutes": 15, "owner_post_id": cast.host_head.post_id},
            {
                "title": "Pemaparan program rehabilitasi",
                "minutes": 75,
                "theme": "rehabilitasi",
                "owner_post_id": cast.host_training.post_id,
            },
            {
                "title": "Peninjauan area ketahanan pangan",
                "minutes": 75,
                "theme": "ketahanan_pangan",
                "owner_post_id": cast.host_work.post_id,
            },
            {"title": "Diskusi penutup", "minutes": 15},
        ],
    }


def draft(
    town: Town, title: str, starts_at: dt.datetime = COMING, head: Member | None = None, **changes: str
) -> Thread:
    """Write a draft as the guest's head, or as another unit's."""
    author = head or town.cast.guest_head
    written = {**plan(town, title, starts_at, author.facility_id), **changes}
    made = town.person(author).post("/proposals", written).body
    return Thread(title, made["collaboration_id"], made["id"], made["visit_id"])


def submitted(town: Town, title: str, starts_at: dt.datetime = COMING, head: Member | None = None) -> Thread:
    """Write and submit a proposal; the host is being invited by mail."""
    thread, author = draft(town, title, starts_at, head), town.person(head or town.cast.guest_head)
    _keep(town, thread, author.post(f"/proposals/{thread.proposal_id}/submit").body)
    return thread


def answer(town: Town, thread: Thread, verdict: str, **more: str) -> None:
    """Answer as the host's head, signed in."""
    head = town.person(town.cast.host_head)
    (invitation,) = head.get(f"/visits/{thread.visit_id}").body["invitations"]
    _keep(
        town,
        thread,
        head.post(f"/invitations/{invitation['id']}/answer", {"verdict": verdict, **more}).body,
    )


def hold(town: Town, thread: Thread) -> None:
    """Note that the visit took place."""
    _keep(town, thread, town.person(town.cast.guest_head).post(f"/visits/{thread.visit_id}/hold").body)


def write_outcome(
    town: Town, thread: Thread, *, days: tuple[int, int, int] = (10, 10, 20), seen: str = SEEN
) -> None:
    """Write the outcome with three commitments of both units, due within so many working days."""
    cast, writer = town.cast, town.person(town.cast.guest_service)
    path = f"/visits/{thread.visit_id}"
    themes = [
        {
            "theme": "rehabilitasi",
            "seen": seen,
            "will_try": WILL_TRY,
            "commitments": [_promise("Menyusun jadwal dan tim rehabilitasi.", cast.guest_service, days[0])],
        },
        {
            "theme": "ketahanan_pangan",
            "seen": "Pertanian dan perikanan dikelola sebagai kegiatan kerja.",
            "will_try": "Budidaya sayur dan lele di lahan sempit.",
            "commitments": [
                _promise("Menyiapkan dua kolam terpal.", cast.guest_assets, days[1]),
                _promise("Mendampingi penyiapan kolam dan menyediakan benih lele.", cast.host_work, days[2]),
            ],
        },
    ]
    writer.put(f"{path}/outcome", {"themes": themes}, etag=writer.get(path).etag)


def publish(town: Town, thread: Thread) -> None:
    """Publish the outcome as the guest's head and wait until everybody knows."""
    head = town.person(town.cast.guest_head)
    _keep(town, thread, head.post(f"/visits/{thread.visit_id}/outcome/publish").body)


def held(town: Town, title: str) -> Thread:
    """Bring a collaboration to a visit that took place; moves the clock by some minutes only."""
    starts_at = town.now() + dt.timedelta(minutes=5)
    thread = submitted(town, title, starts_at)
    answer(town, thread, "accepted")
    town.travel(starts_at + dt.timedelta(minutes=5))
    hold(town, thread)
    return thread


def concluded(town: Town, title: str) -> Thread:
    """Bring a collaboration to its published outcome; moves the clock by some minutes only."""
    thread = held(town, title)
    write_outcome(town, thread)
    publish(town, thread)
    return thread


def tasks_of(town: Town, thread: Thread, owner: Member) -> list[int]:
    """Return the open tasks that a collaboration gave somebody."""
    found = town.person(owner).every("/tasks")
    return [task["id"] for task in found if task["collaboration_id"] == thread.collaboration_id]


def close_task(town: Town, task_id: int) -> None:
    """Close a task as Kasubsi Pelayanan Tahanan of the guest."""
    owner = town.person(town.cast.guest_service)
    version = owner.get(f"/tasks/{task_id}").etag
    note = "Jadwal dan tim telah ditetapkan; kelompok pertama dimulai pada bulan Januari."
    closing = owner.post(f"/tasks/{task_id}/close", {"note": note}, etag=version).body
    town.settle(closing["event_id"])


def _promise(text: str, owner: Member, days: int) -> dict[str, Any]:
    return {
        "text": text,
        "facility_id": owner.facility_id,
        "owner_post_id": owner.post_id,
        "working_days": days,
    }


def _keep(town: Town, thread: Thread, happened: dict[str, Any]) -> None:
    """Note the last event and wait for its reactions: the clock must not move past them."""
    for event in happened["events"]:
        thread.event_id = event["id"]
        town.settle(event["id"])
