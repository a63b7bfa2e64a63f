"""The page of one unit: its names with their days, its place on the map, whom to turn to, what it learned."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import Range

from hub.facilities.models import Facility, FacilityName
from hub.home.profile import dot_of
from tests.hub.home.test_pages import concluded
from tests.hub.visits.test_proposal_pages import page_of
from tests.support.cast import HOST_MAILBOX

if TYPE_CHECKING:
    from tests.hub.visits.stage import Stage


def test_names_are_shown_by_kind_with_their_days(stage: Stage) -> None:
    with stage.owner.transaction() as session:
        for name, kind, valid in (
            ("Lapas Kelas I Banyumas", "former", Range(None, dt.date(2016, 1, 1))),
            ("Penjara Banyumas", "former", Range(dt.date(1908, 3, 1), dt.date(1964, 4, 27))),
            ("LP Pwt", "abbreviation", Range(None, None)),
        ):
            session.add(FacilityName(facility_id=stage.cast.host.id, name=name, kind=kind, valid=valid))
    page = page_of(stage.client(stage.cast.guest_head), f"/facilities/{stage.cast.host.id}")
    assert "Lapas Kelas I Banyumas (sampai 31 Des 2015)" in page
    assert "Penjara Banyumas (1 Mar 1908 sampai 26 Apr 1964)" in page
    assert page.index("Nama resmi") < page.index("Dahulu") < page.index("Singkatan") < page.index("LP Pwt")


@pytest.mark.parametrize(
    ("latitude", "longitude", "x", "y"),
    [(-7.43, 109.25, 295, 279), (5.89, 95.32, 16, 12), (-8.5, 140.4, 918, 300)],
)
def test_dot_lies_on_the_outline_s_scale(latitude: float, longitude: float, x: int, y: int) -> None:
    dot = dot_of(Facility(latitude=latitude, longitude=longitude))
    assert dot == (x, y)


def test_map_has_one_dot_and_its_attribution_or_says_what_is_missing(stage: Stage) -> None:
    reader, path = stage.client(stage.cast.guest_head), f"/facilities/{stage.cast.host.id}"
    assert "Letak kotanya belum diketahui" in page_of(reader, path)
    with stage.owner.transaction() as session:
        town = {"latitude": -7.43, "longitude": 109.25, "city": "Kabupaten Banyumas"}
        session.execute(update(Facility).where(Facility.id == stage.cast.host.id).values(town))
    page = page_of(reader, path)
    assert page.count("<circle") == 1
    assert 'cx="295" cy="279"' in page
    assert "GeoNames (geonames.org), CC BY 4.0" in page
    assert "Peta Indonesia dengan titik di Kabupaten Banyumas" in page
    asset = page.partition('<image href="')[2].partition('"')[0]
    assert reader.inner.get(asset).mimetype == "image/svg+xml"


def test_mail_addresses_are_for_its_people_and_who_looks_after_it(stage: Stage) -> None:
    path = f"/facilities/{stage.cast.host.id}"
    cast = stage.cast
    for who in (cast.host_work, cast.overseer, cast.admin):
        assert HOST_MAILBOX in page_of(stage.client(who), path)
    for who in (cast.guest_head, cast.stranger):
        page = page_of(stage.client(who), path)
        assert HOST_MAILBOX not in page
        assert "Surel resminya tercatat" in page
        assert "Kasi Binadik" in page


def test_what_came_of_visits_is_told_to_those_who_took_part(stage: Stage) -> None:
    concluded(stage)
    host, guest = stage.cast.host, stage.cast.guest
    page = page_of(stage.client(stage.cast.guest_head), f"/facilities/{host.id}")
    assert "Unit Anda 1 kali berkunjung ke sini." in page
    assert f'href="/partners/{guest.id}/{host.id}"' in page
    assert "Pernah mengajar" not in page, "what it did with others is for its own people"
    own = page_of(stage.client(stage.cast.host_head), f"/facilities/{host.id}")
    assert "Pernah mengajar" in own
    assert "Pernah belajar dari" in page_of(stage.client(stage.cast.overseer), f"/facilities/{guest.id}")
    stranger = page_of(stage.client(stage.cast.stranger), f"/facilities/{host.id}")
    assert "kali berkunjung" not in stranger
    assert guest.name not in stranger
