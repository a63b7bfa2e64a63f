"""Every event is said in one sentence, in either language, with the host's time and the reader's own."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from hub.messaging.append import append
from hub.notifications.facts import Facts, OfUnit, facts_of
from hub.notifications.letters import notice
from hub.notifications.wording import MANNERS, say
from hub.visits.events import InvitationCountered, InvitationDeclined
from hub.visits.models import Answer
from tests.support import world

if TYPE_CHECKING:
    from hub.db.transaction import Database

FACTS = Facts(
    event_id=uuid.UUID(int=7),
    type="",
    occurred_at=dt.datetime(2024, 11, 28, 5, 30, tzinfo=dt.UTC),
    actor="Sekar Wijayanti, Karutan",
    collaboration_id=12,
    ref="SH-000012",
    title="Studi tiru 100% <nyata>",
    guest="Rutan Kelas IIB Purbalingga",
    host="Lapas Kelas IIA Purwokerto",
    visit_id=34,
    starts_at=dt.datetime(2024, 11, 28, 2, 0, tzinfo=dt.UTC),
    ends_at=dt.datetime(2024, 11, 28, 5, 0, tzinfo=dt.UTC),
    zone="Asia/Jakarta",
    commitments=3,
    reason="Bersamaan dengan kegiatan lain",
    task_id=56,
    task="Menyusun modul",
    task_unit="Rutan Kelas IIB Purbalingga",
    task_note="Modul selesai",
)
UNIT = OfUnit(id=3, post_id=8, post="Kalapas", person="Tari Lestari", tasks=3, invitations=1, visits=2)
OF_UNITS = ("post.handed_over", "stand_in.named", "stand_in.ended", "delegation.given", "delegation.ended")
SAID = {
    "proposal.submitted": (
        (
            "Rutan Kelas IIB Purbalingga mengajukan kunjungan ke Lapas Kelas IIA Purwokerto:"
            " “Studi tiru 100% <nyata>”, Kamis, 28 November 2024 pukul 09.00–12.00 WIB."
            " Diajukan oleh Sekar Wijayanti, Karutan."
        ),
        "/collaborations/12",
    ),
    "outcome.published": (
        (
            "Hasil kunjungan Rutan Kelas IIB Purbalingga ke Lapas Kelas IIA Purwokerto telah diterbitkan,"
            " dengan 3 komitmen."
        ),
        "/tasks",
    ),
    "task.closed": (
        "Rutan Kelas IIB Purbalingga menutup tindak lanjut “Menyusun modul”: Modul selesai",
        "/visits/34",
    ),
}


@pytest.mark.parametrize("locale", ["id", "en"])
@pytest.mark.parametrize("name", [*MANNERS, "something.newer"])
def test_every_type_is_said_in_both_languages(name: str, locale: str) -> None:
    facts = dataclasses.replace(FACTS, type=name, unit=UNIT if name in OF_UNITS else None)
    said = say(facts, locale=locale, zone="Asia/Jakarta")
    assert "%(" not in said.heading + said.sentence
    assert "None" not in said.sentence
    other = say(facts, locale="en" if locale == "id" else "id", zone="Asia/Jakarta")
    assert said.sentence != other.sentence
    assert said.action != other.action


@pytest.mark.parametrize("name", SAID)
def test_sentence_and_next_step(name: str) -> None:
    said = say(dataclasses.replace(FACTS, type=name), locale="id", zone="Asia/Jakarta")
    assert (said.sentence, said.path) == SAID[name]
    assert said.when == "Kamis, 28 November 2024 pukul 12.30 WIB"


def test_reader_in_another_zone_sees_their_own_time_beside() -> None:
    said = say(dataclasses.replace(FACTS, type="visit.scheduled"), locale="id", zone="Asia/Jayapura")
    assert "09.00–12.00 WIB (11.00–14.00 WIT)" in said.sentence
    assert said.when.endswith("14.30 WIT")


def test_letter_escapes_in_html_and_not_in_text() -> None:
    letter = notice(
        dataclasses.replace(FACTS, type="visit.held"),
        locale="id",
        zone="Asia/Jakarta",
        base_url="https://hub",
    )
    assert letter.subject == "[SH-000012] Kunjungan terlaksana: Studi tiru 100% <nyata>"
    assert "<nyata>" in letter.text
    assert "&lt;nyata&gt;" in letter.html
    assert "<nyata>" not in letter.html
    assert 'href="https://hub/visits/34"' in letter.html


def test_facts_are_those_of_the_events_own_time(as_app: Database) -> None:
    with as_app.transaction() as session:
        guest, host = world.facility(session), world.facility(session)
        head, _ = world.holder(session, guest, role="head")
        story = world.story(session, guest, host, opened_by=head)
        asked = world.invitation(session, story)
        submitted = world.submitted(session, story, by=head)
    times = {
        "counter_starts_at": dt.datetime(2030, 1, 7, 2, tzinfo=dt.UTC),
        "counter_ends_at": dt.datetime(2030, 1, 7, 5, tzinfo=dt.UTC),
    }
    common = {"collaboration_id": story.collaboration.id, "visit_id": story.visit.id}
    with as_app.transaction() as session:
        answer = Answer(
            invitation_id=asked.id,
            visit_id=story.visit.id,
            number=1,
            verdict="countered",
            reason="Ada upacara",
            door="link",
            answered_by="Kalapas",
            **times,
        )
        session.add_all([answer, story.visit])
        countered = append(
            session,
            InvitationCountered(
                invitation_id=asked.id,
                arrangement_no=1,
                door="link",
                starts_at=times["counter_starts_at"],
                ends_at=times["counter_ends_at"],
                **common,
            ),
            actor=world.acting(None),
        )
        first = session.execute(text("SELECT starts_at FROM arrangements")).scalar_one()
    with as_app.transaction() as session:
        session.add(story.visit)
        world.arrange(session, story.visit, host, number=2, starts_at=times["counter_starts_at"], owner=None)
        declined = append(
            session,
            InvitationDeclined(invitation_id=asked.id, arrangement_no=1, door="link", **common),
            actor=world.acting(None),
        )
    with as_app.transaction() as session:
        facts = facts_of(session, [submitted, countered, declined, uuid.uuid4()])
    assert set(facts) == {submitted, countered, declined}
    assert facts[submitted].starts_at == first
    assert facts[countered].starts_at == times["counter_starts_at"]
    assert facts[declined].starts_at == first
    assert facts[declined].reason == "Ada upacara"
    assert (facts[submitted].guest, facts[submitted].host) == (guest.name, host.name)
