"""Write what an import has planned: a handful of statements, however long the list."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sqlalchemy import Date, bindparam, insert, text, update
from sqlalchemy.dialects.postgresql import Range

from hub.clock import now
from hub.facilities.models import Facility
from hub.facilities.names import other_names
from hub.facilities.planning import FACTS
from hub.facilities.words import area_text, name_text
from hub.texts.plain import fold
from hub.workdays.zones import local_date

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Table
    from sqlalchemy.orm import Session

    from hub.facilities.planning import Addition, Correction, Plan, RegionalOffice

COLUMNS = {fact: fact.removesuffix("_") for fact in FACTS}
"""The column of each fact: ``class_`` is ``class`` in the table."""
ALWAYS: Range[dt.date] = Range(None, None)

# The official name of until now becomes a former one. A facility that takes up an old name and leaves it
# again has this former name already: the two spans then become one.
RETIRE = text(
    """
    WITH retired AS (
        DELETE FROM facility_names WHERE facility_id = :facility_id AND kind = 'official' RETURNING *
    )
    INSERT INTO facility_names (facility_id, name, search_key, kind, valid)
    SELECT facility_id, name, search_key, 'former',
           daterange(lower(valid), greatest(lower(valid), CAST(:today AS date)))
    FROM retired
    ON CONFLICT (facility_id, kind, name)
    DO UPDATE SET valid = range_merge(facility_names.valid, excluded.valid)
    """
).bindparams(bindparam("today", type_=Date))

# An alias may be there already; an official name in the way is an error, never passed over.
NAME = text(
    """
    INSERT INTO facility_names (facility_id, name, search_key, kind, valid)
    SELECT facility_id, name, search_key, kind, daterange(since, NULL)
    FROM unnest(CAST(:facility_id AS bigint[]), CAST(:name AS text[]), CAST(:search_key AS text[]),
                CAST(:kind AS text[]), CAST(:since AS date[]))
        AS given(facility_id, name, search_key, kind, since)
    ON CONFLICT (facility_id, kind, name) DO NOTHING
    """
)

TABLE = cast("Table", Facility.__table__)

CORRECT = (
    update(TABLE)
    .where(TABLE.c.id == bindparam("facility_id"))
    .values(
        {
            "name": bindparam("new_name"),
            "name_key": bindparam("new_name_key"),
            "search_text": bindparam("new_search_text"),
            "area_text": bindparam("new_area_text"),
            "region_id": bindparam("new_region_id"),
            "version": TABLE.c.version + 1,
        }
        | {column: bindparam(f"new_{column}") for column in COLUMNS.values()}
    )
)


def write(session: Session, plan: Plan) -> None:
    """Write every addition and correction of the plan."""
    ids = _insert(session, [addition for addition in plan.new if addition.line.kind == "kanwil"], {})
    ids |= _insert(session, [addition for addition in plan.new if addition.line.kind != "kanwil"], ids)
    names = [row for addition in plan.new for row in _names_of_new(addition, ids)]
    if plan.changed:
        moment = now(session)
        days = {change.known.id: local_date(moment, change.line.iana_zone) for change in plan.changed}
        renamed = [change.known.id for change in plan.changed if change.is_renamed]
        if renamed:
            session.execute(RETIRE, [{"facility_id": id_, "today": days[id_]} for id_ in renamed])
        session.execute(CORRECT, [_corrected(change, ids) for change in plan.changed])
        names += [row for change in plan.changed for row in _names_of_changed(change, days[change.known.id])]
    if names:
        columns = {key: [row[key] for row in names] for key in ("facility_id", "name", "search_key", "kind")}
        valid = [cast("Range[dt.date]", row["valid"]) for row in names]
        session.execute(NAME, columns | {"since": [span.lower for span in valid]})
    session.expire_all()


def _insert(session: Session, additions: Sequence[Addition], offices: Mapping[str, int]) -> dict[str, int]:
    """Insert facilities; return their ids by folded name."""
    if not additions:
        return {}
    rows = [
        {
            "name": addition.line.name,
            "kind": addition.line.kind,
            "region_id": _office_id(addition.region, offices),
            "name_key": fold(addition.line.name),
            "search_text": name_text(
                [addition.line.name, *(other.name for other in other_names(addition.line.name))]
            ),
            "area_text": area_text(addition.line.city, addition.line.province),
            **{column: getattr(addition.line, fact) for fact, column in COLUMNS.items()},
        }
        for addition in additions
    ]
    inserted = session.execute(insert(TABLE).returning(TABLE.c.id, TABLE.c.name_key), rows)
    return {row.name_key: row.id for row in inserted}


def _office_id(office: RegionalOffice | None, offices: Mapping[str, int]) -> int | None:
    if office is None:
        return None
    return offices[office.key] if office.id is None else office.id


def _corrected(change: Correction, offices: Mapping[str, int]) -> dict[str, object]:
    known, line = change.known, change.line
    facts = known.facts | change.facts
    texts = [line.name, *(name for name, _ in sorted(known.names)), *(name for name, _ in change.names)]
    return {
        "facility_id": known.id,
        "new_name": line.name,
        "new_name_key": fold(line.name),
        "new_search_text": name_text(texts),
        "new_area_text": area_text(cast("str | None", facts["city"]), cast("str | None", facts["province"])),
        "new_region_id": _office_id(change.region, offices) if change.is_moved else known.region_id,
        **{f"new_{column}": facts[fact] for fact, column in COLUMNS.items()},
    }


def _names_of_new(addition: Addition, ids: Mapping[str, int]) -> Iterator[dict[str, object]]:
    name = addition.line.name
    facility_id = ids[fold(name)]
    yield _name(facility_id, name, "official", ALWAYS)
    for other in other_names(name):
        yield _name(facility_id, other.name, other.kind, ALWAYS)


def _names_of_changed(change: Correction, today: dt.date) -> Iterator[dict[str, object]]:
    if change.is_renamed:
        yield _name(change.known.id, change.line.name, "official", Range(today, None))
    for other in change.names:
        yield _name(change.known.id, other.name, other.kind, ALWAYS)


def _name(facility_id: int, name: str, kind: str, valid: Range[dt.date]) -> dict[str, object]:
    return {"facility_id": facility_id, "name": name, "search_key": fold(name), "kind": kind, "valid": valid}
