"""What cooperation is called: its kinds and its two-level themes, with Indonesian and English names.

A code is data (it stands in rows, events and records) and never changes; its names may.
"""

from __future__ import annotations

from typing import Final

NAMES: Final[dict[str, tuple[str, str]]] = {
    "kepribadian": ("Pembinaan kepribadian", "Character building"),
    "kepribadian.keagamaan": ("Keagamaan", "Religion"),
    "kepribadian.pendidikan": ("Pendidikan", "Education"),
    "kepribadian.seni": ("Seni", "Arts"),
    "kepribadian.kesadaran_hukum": ("Kesadaran hukum", "Legal awareness"),
    "kemandirian": ("Pembinaan kemandirian", "Skills and work"),
    "kemandirian.pertanian": ("Pertanian", "Agriculture"),
    "kemandirian.perkebunan": ("Perkebunan", "Plantation crops"),
    "kemandirian.perikanan": ("Perikanan", "Fishery"),
    "kemandirian.peternakan": ("Peternakan", "Livestock"),
    "kemandirian.manufaktur": ("Manufaktur", "Manufacturing"),
    "kemandirian.kuliner": ("Kuliner", "Food preparation"),
    "kemandirian.kerajinan": ("Kerajinan", "Crafts"),
    "kemandirian.jasa": ("Jasa", "Services"),
    "kemandirian.pelatihan_bersertifikat": ("Pelatihan bersertifikat", "Certified training"),
    "rehabilitasi": ("Rehabilitasi", "Rehabilitation"),
    "rehabilitasi.sosial": ("Rehabilitasi sosial", "Social rehabilitation"),
    "rehabilitasi.medis": ("Rehabilitasi medis", "Medical rehabilitation"),
    "rehabilitasi.pascarehabilitasi": ("Pascarehabilitasi", "Aftercare"),
    "ketahanan_pangan": ("Ketahanan pangan", "Food security"),
    "ketahanan_pangan.pertanian": ("Pertanian", "Agriculture"),
    "ketahanan_pangan.perikanan": ("Perikanan", "Fishery"),
    "ketahanan_pangan.peternakan": ("Peternakan", "Livestock"),
    "ketahanan_pangan.pakan": ("Pakan alternatif", "Alternative feed"),
    "ketahanan_pangan.sae": (
        "Sarana asimilasi dan edukasi (SAE)",
        "Assimilation and education facility (SAE)",
    ),
    "layanan": ("Layanan", "Care and services"),
    "layanan.kesehatan": ("Layanan kesehatan", "Health care"),
    "layanan.dapur_sehat": ("Dapur sehat", "Healthy kitchen"),
    "layanan.kunjungan": ("Layanan kunjungan", "Family visits"),
    "keamanan": ("Keamanan", "Security"),
    "keamanan.pengamanan": ("Pengamanan", "Safeguarding"),
    "keamanan.p4gn": ("Pencegahan narkoba (P4GN)", "Drug prevention (P4GN)"),
    "tata_kelola": ("Tata kelola", "Governance"),
    "tata_kelola.zona_integritas": ("Zona integritas (WBK/WBBM)", "Integrity zone (WBK/WBBM)"),
    "tata_kelola.ti": ("Teknologi informasi", "Information technology"),
    "bapas": ("Pembimbingan kemasyarakatan", "Community guidance"),
    "bapas.pembimbingan": ("Pembimbingan klien", "Client guidance"),
    "bapas.kerja_sosial": ("Pidana kerja sosial", "Community service orders"),
}
"""Code to (Indonesian, English), in the order in which people choose; without a dot: a whole field."""

THEMES: Final = tuple(NAMES)

KIND_NAMES: Final[dict[str, tuple[str, str]]] = {
    "studi_tiru": ("Studi tiru", "Study visit (studi tiru)"),
    "studi_banding": ("Studi banding", "Comparative study (studi banding)"),
    "kunjungan_kerja": ("Kunjungan kerja", "Working visit"),
    "konsultasi": ("Konsultasi", "Consultation"),
    "koordinasi": ("Koordinasi", "Coordination"),
}


def kind_name(code: str, locale: str) -> str:
    """Return the name of a kind of cooperation: "Studi tiru". Raises KeyError."""
    return KIND_NAMES[code][0 if locale == "id" else 1]


def theme_name(code: str, locale: str) -> str:
    """Return a theme's name as it stands alone: "Ketahanan pangan: Perikanan". Raises KeyError."""
    language = 0 if locale == "id" else 1
    own = NAMES[code][language]
    field, dot, _ = code.partition(".")
    whole = NAMES[field][language]
    # "Rehabilitasi sosial" says its field already.
    return own if not dot or own.startswith(whole) else f"{whole}: {own}"


def known_theme_name(code: str, locale: str) -> str:
    """Return a theme's name; the code itself where it has left the list but still stands in old rows."""
    return theme_name(code, locale) if code in NAMES else code
