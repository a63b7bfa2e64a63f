"""What kinds of facilities there are, their classes and specialities, and what people call them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hub.texts.catalogue import lazy

if TYPE_CHECKING:
    from collections.abc import Mapping

UNIT_KINDS = ("lapas", "rutan", "bapas", "lpka", "rs")
"""Kinds of corrections units; ``rs`` is the corrections hospital."""
OFFICE_KINDS = ("kanwil", "ditjenpas")
"""The offices above the units."""
PARTNER_KINDS = (
    "bnn",
    "puskesmas",
    "hospital",
    "dinas",
    "local_government",
    "university",
    "foundation",
    "police",
    "court",
    "prosecutor",
    "kemenag",
    "blk",
    "company",
    "cooperative",
    "bank",
    "community_group",
    "foreign_delegation",
    "council",
    "rupbasan",
    "partner",
)
"""Kinds of partners outside corrections, as real cooperation has them; ``partner`` is any other.

``rupbasan`` left corrections in 2025.
"""
KINDS = (*UNIT_KINDS, *OFFICE_KINDS, *PARTNER_KINDS)

CLASSES = ("I", "IIA", "IIB", "II", "III")
SPECIALITIES = ("umum", "narkotika", "perempuan", "terbuka", "pemuda", "khusus", "anak")

KIND_NAMES: Final[Mapping[str, str]] = {
    "lapas": lazy("Prison (lapas)"),
    "rutan": lazy("Detention centre (rutan)"),
    "bapas": lazy("Probation office (bapas)"),
    "lpka": lazy("Juvenile institution (LPKA)"),
    "rs": lazy("Corrections hospital"),
    "kanwil": lazy("Regional office (kanwil)"),
    "ditjenpas": lazy("Directorate General of Corrections"),
    "bnn": lazy("Narcotics agency (BNN)"),
    "puskesmas": lazy("Community health centre (puskesmas)"),
    "hospital": lazy("Hospital"),
    "dinas": lazy("Local agency (dinas)"),
    "local_government": lazy("Local government"),
    "university": lazy("University or school"),
    "foundation": lazy("Foundation or association"),
    "police": lazy("Police"),
    "court": lazy("Court"),
    "prosecutor": lazy("Prosecutor's office"),
    "kemenag": lazy("Religious affairs office (Kemenag)"),
    "blk": lazy("Vocational training centre (BLK)"),
    "company": lazy("Company"),
    "cooperative": lazy("Cooperative"),
    "bank": lazy("Bank"),
    "community_group": lazy("Community group (Pokmas)"),
    "foreign_delegation": lazy("Foreign delegation"),
    "council": lazy("Council (DPR, DPRD)"),
    "rupbasan": lazy("Confiscated goods storage (former rupbasan)"),
    "partner": lazy("Partner outside corrections"),
}
SPECIALITY_NAMES: Final[Mapping[str, str]] = {
    "umum": lazy("General"),
    "narkotika": lazy("Narcotics"),
    "perempuan": lazy("Women"),
    "terbuka": lazy("Open (terbuka)"),
    "pemuda": lazy("Young adults"),
    "khusus": lazy("Special (khusus)"),
    "anak": lazy("Juveniles"),
}
