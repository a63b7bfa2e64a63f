"""Compare a list with the registry: which lines are new, which change something, which cannot be taken.

A comparison after two reads, which writes nothing: a dry run and a real one cannot differ.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import aliased

from hub.facilities.models import Facility, FacilityName
from hub.facilities.names import OtherName, other_names, short_name
from hub.texts.plain import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from hub.facilities.lists import FacilityList, ListedFacility, Rejection

FACTS = (
    "iana_zone",
    "speciality",
    "class_",
    "city",
    "regency_code",
    "province",
    "latitude",
    "longitude",
    "mailbox",
)
"""What a list may correct beside name and region; None in a line leaves what is known."""


@dataclass(frozen=True, slots=True)
class Known:
    """An active facility as the registry has it."""

    id: int
    name: str
    kind: str
    region_id: int | None
    facts: dict[str, object]
    names: frozenset[OtherName]


@dataclass(frozen=True, slots=True)
class RegionalOffice:
    """The office a line refers to: one of the registry, or one that the same list brings (no id yet)."""

    key: str
    id: int | None


@dataclass(frozen=True, slots=True)
class Addition:
    """A line that describes a facility the registry does not have."""

    line: ListedFacility
    region: RegionalOffice | None


@dataclass(frozen=True, slots=True)
class Correction:
    """A line that says something else, or more, than the registry."""

    line: ListedFacility
    region: RegionalOffice | None
    known: Known
    #: Facts with their new values.
    facts: dict[str, object]
    #: Aliases and abbreviations the facility lacks.
    names: tuple[OtherName, ...]

    @property
    def is_renamed(self) -> bool:
        """Return whether the official name changes."""
        return self.line.name != self.known.name

    @property
    def is_moved(self) -> bool:
        """Return whether the regional office changes."""
        return self.region is not None and (self.region.id is None or self.region.id != self.known.region_id)


@dataclass(slots=True)
class Plan:
    """What an import does, line by line."""

    new: list[Addition] = field(default_factory=list)
    changed: list[Correction] = field(default_factory=list)
    unchanged: list[ListedFacility] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)


class Registry:
    """The active facilities, by the keys an import looks them up with."""

    def __init__(self, known: Sequence[Known], merged: Mapping[str, str]) -> None:
        #: Folded names of facilities that lead on to another one, and how that is called.
        self.merged = merged
        self.by_official = {fold(one.name): one for one in known}
        self._by_any: dict[str, list[Known]] = {}
        self._by_short: dict[tuple[str, str], list[Known]] = {}
        for one in known:
            for key in {fold(name) for name, _ in one.names}:
                self._by_any.setdefault(key, []).append(one)
            if short := short_name(one.name):
                self._by_short.setdefault((one.kind, fold(short)), []).append(one)

    @classmethod
    def read(cls, session: Session, *, is_kept: bool, keys: Collection[str] | None = None) -> Registry:
        """Return the registry as it stands; ``is_kept``: nobody changes it until the transaction ends.

        With ``keys`` only what bears one of these folded names in any way.
        """
        facts = (getattr(Facility, fact) for fact in FACTS)
        query = (
            select(Facility.id, Facility.name, Facility.kind, Facility.region_id, *facts)
            .where(Facility.status == "active")
            .order_by(Facility.id)
        )
        others = select(FacilityName.facility_id, FacilityName.name, FacilityName.kind)
        if keys is not None:
            bearers = select(FacilityName.facility_id).where(FacilityName.search_key.in_(keys))
            query = query.where(Facility.name_key.in_(keys) | Facility.id.in_(bearers))
        # Rows that refer to a facility may still be written: their locks and this one go together.
        rows = session.execute(query.with_for_update(key_share=True) if is_kept else query).all()
        names: dict[int, set[OtherName]] = {}
        if keys is not None:
            others = others.where(FacilityName.facility_id.in_([row[0] for row in rows]))
        for facility_id, name, kind in session.execute(others):
            names.setdefault(facility_id, set()).add(OtherName(name, kind))
        return cls(
            [
                Known(
                    id=row[0],
                    name=row[1],
                    kind=row[2],
                    region_id=row[3],
                    facts=dict(zip(FACTS, row[4:], strict=True)),
                    names=frozenset(names.get(row[0], ())),
                )
                for row in rows
            ],
            cls._merged(session, keys),
        )

    @staticmethod
    def _merged(session: Session, keys: Collection[str] | None) -> dict[str, str]:
        into = aliased(Facility)
        query = select(Facility.name_key, into.name).join(into, into.id == Facility.merged_into_id)
        if keys is not None:
            query = query.where(Facility.name_key.in_(keys))
        return {key: name for key, name in session.execute(query)}  # noqa: C416 -- rows are no pairs to mypy

    def called(self, name: str) -> Sequence[Known]:
        """Return who bears this name: officially if anybody does, otherwise in any way."""
        key = fold(name)
        official = self.by_official.get(key)
        return self._by_any.get(key, ()) if official is None else (official,)

    def alike(self, kind: str, short: str) -> Sequence[Known]:
        """Return facilities of a kind that bear the same name but for the class."""
        return self._by_short.get((kind, fold(short)), ())


def plan(session: Session, listed: FacilityList, *, is_kept: bool = False) -> Plan:
    """Return what importing the list into the registry as it stands would do.

    ``is_kept`` locks the facilities, for a plan that is to be carried out.
    """
    return plan_lines(Registry.read(session, is_kept=is_kept), listed)


def plan_lines(registry: Registry, listed: FacilityList) -> Plan:
    """Return what importing the list would do, by what is known of the registry."""
    return _Planner(registry, listed).run()


class _RejectedError(ValueError):
    """The line does not fit the registry; the text says why."""

    is_ambiguous = False


class _AmbiguousError(_RejectedError):
    """The line may mean one thing or another."""

    is_ambiguous = True


class _Planner:
    def __init__(self, registry: Registry, listed: FacilityList) -> None:
        self.registry = registry
        self.lines = listed.facilities
        self.plan = Plan(rejected=list(listed.rejected))
        self.keys = {fold(line.name) for line in self.lines} | listed.others
        self.new_offices = {key: RegionalOffice(key, None) for key in listed.offices}
        self.taken: dict[int, ListedFacility] = {}

    def run(self) -> Plan:
        # Regional offices first, wherever they stand in the list: the units refer to them.
        for line in sorted(self.lines, key=lambda line: line.kind != "kanwil"):
            try:
                self._place(line)
            except _RejectedError as error:
                self.plan.rejected.append(line.reject(str(error), is_ambiguous=error.is_ambiguous))
        self.plan.rejected.sort(key=lambda rejection: (rejection.source, rejection.line))
        return self.plan

    def _place(self, line: ListedFacility) -> None:
        known = self._find(line)
        region = self._office(line)
        if known is None:
            self._refuse_lookalike(line)
            self.plan.new.append(Addition(line, region))
            if line.kind == "kanwil":
                key = fold(line.name)
                for name in (line.name, *(other.name for other in other_names(line.name))):
                    self.new_offices.setdefault(fold(name), RegionalOffice(key, None))
            return
        if known.kind != line.kind:
            raise _RejectedError(f"{known.name} is registered as {known.kind}, not as {line.kind}")
        if first := self.taken.get(known.id):
            raise _RejectedError(f"{known.name} is described in {first.source} line {first.line} already")
        self.taken[known.id] = line
        correction = Correction(line, region, known, _facts(known, line), _names(known, line))
        if correction.facts or correction.names or correction.is_renamed or correction.is_moved:
            self.plan.changed.append(correction)
        else:
            self.plan.unchanged.append(line)

    def _find(self, line: ListedFacility) -> Known | None:
        """Return the facility this line describes, or None for a new one."""
        known = self.registry.by_official.get(fold(line.name))
        for name in (line.name, line.former_name):
            into = self.registry.merged.get(fold(name)) if name and known is None else None
            if into is not None:
                raise _RejectedError(f"{name} has been merged into {into}")
        if line.former_name is None:
            return known
        before = self.registry.called(line.former_name)
        if known is not None:
            if known not in before:
                raise _RejectedError(f"former_name: {known.name} was never called {line.former_name}")
            return known  # the same list once more: the renaming has been done
        if not before:
            raise _RejectedError(f"former_name: no active facility is called {line.former_name}")
        if len(before) > 1:
            names = " or ".join(one.name for one in before)
            raise _AmbiguousError(f"former_name: {line.former_name} may be {names}")
        return before[0]

    def _office(self, line: ListedFacility) -> RegionalOffice | None:
        if line.region is None:
            return None
        key = fold(line.region)
        if key in self.new_offices:
            return self.new_offices[key]
        found = [one for one in self.registry.called(line.region) if one.kind == "kanwil"]
        if len(found) != 1:
            raise _RejectedError(f"kanwil: there is no regional office called {line.region}")
        return RegionalOffice(key, found[0].id)

    def _refuse_lookalike(self, line: ListedFacility) -> None:
        """Refuse what is probably a unit under a new class: registered twice, it would have two histories."""
        short = short_name(line.name)
        for known in self.registry.alike(line.kind, short) if short else ():
            if fold(known.name) not in self.keys:
                raise _AmbiguousError(
                    f"{known.name} is registered: if this is its new name, write the old one into the column"
                    " former_name; if there are two such units, list both"
                )


def _facts(known: Known, line: ListedFacility) -> dict[str, object]:
    said = {fact: getattr(line, fact) for fact in FACTS}
    return {fact: value for fact, value in said.items() if value is not None and value != known.facts[fact]}


def _names(known: Known, line: ListedFacility) -> tuple[OtherName, ...]:
    return tuple(_missing(other_names(line.name), known.names))


def _missing(wanted: Iterable[OtherName], present: frozenset[OtherName]) -> Iterable[OtherName]:
    return (name for name in wanted if name not in present)
