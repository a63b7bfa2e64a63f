"""What is said and agreed in the story: the visit of 28 November that this hub was made for.

Guest and host, the themes and the order of the day are those of the press report; the people, their
words and the commitments are invented.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final
from zoneinfo import ZoneInfo

WIB: Final = ZoneInfo("Asia/Jakarta")

GUEST: Final = "Rutan Kelas IIB Purbalingga"
HOST: Final = "Lapas Kelas IIA Purwokerto"
REGION: Final = "Kanwil Ditjenpas Jawa Tengah"
ELSEWHERE: Final = "Bapas Kelas II Purwokerto"
"""A neighbour that takes no part: whoever serves there must see nothing."""

TITLE: Final = "Studi tiru rehabilitasi dan ketahanan pangan"

ARRIVAL = dt.datetime(2024, 11, 18, 8, 0, tzinfo=WIB)
PROPOSED = dt.datetime(2024, 11, 18, 8, 30, tzinfo=WIB)
ANSWERED = dt.datetime(2024, 11, 19, 10, 15, tzinfo=WIB)
HELD = dt.datetime(2024, 11, 28, 12, 15, tzinfo=WIB)
PUBLISHED = dt.datetime(2024, 11, 29, 10, 0, tzinfo=WIB)
READ = dt.datetime(2024, 11, 29, 13, 30, tzinfo=WIB)
CLOSED = dt.datetime(2024, 12, 5, 14, 0, tzinfo=WIB)

AGENDA: Final = (
    ("Sambutan oleh pejabat struktural", 15, None, "Kalapas"),
    ("Pemaparan program rehabilitasi", 40, "rehabilitasi", "Kasi Binadik"),
    ("Pemaparan program ketahanan pangan", 40, "ketahanan_pangan", "Kasi Giatja"),
    ("Peninjauan area ketahanan pangan", 30, "ketahanan_pangan", "Kasi Giatja"),
    ("Peninjauan tempat rehabilitasi", 30, "rehabilitasi", "Kasi Binadik"),
    ("Diskusi penutup tentang kerja sama lanjutan", 25, None, "Kalapas"),
)
"""Title, minutes, theme, post of the host that answers for it."""


def proposal(guest_id: int, host_id: int, host_posts: dict[str, int]) -> dict[str, Any]:
    """Return the proposal as the guest first writes it; ``host_posts`` maps titles to ids."""
    return {
        "guest_id": guest_id,
        "host_id": host_id,
        "kind": "studi_tiru",
        "title": TITLE,
        "themes": ["rehabilitasi", "ketahanan_pangan"],
        "urgency": "Program serupa di Rutan Purbalingga perlu diperkuat pada tahun ini.",
        "form": "Kunjungan studi tiru: pemaparan, peninjauan, dan diskusi.",
        "subject": "Pelaksanaan program rehabilitasi dan ketahanan pangan.",
        "duration": "Satu hari kunjungan, dengan tindak lanjut selama enam bulan.",
        "starts_at": "2024-11-28T09:00",
        "ends_at": "2024-11-28T12:00",
        "weekday": "Kamis",
        "place": "Aula Lapas Kelas IIA Purwokerto",
        "head_count": 7,
        "agenda": [
            {
                "title": title,
                "minutes": minutes,
                **({"theme": theme} if theme else {}),
                "owner_post_id": host_posts[owner],
            }
            for title, minutes, theme, owner in AGENDA
        ],
    }


EDIT: Final = {"head_count": 8, "letter_no": "W.13.PAS.PAS.35-UM.01.01-0812"}
"""What the guest corrects before it submits: one more colleague comes along, the letter has its number."""

COMMITMENTS: Final = (
    (
        "rehabilitasi",
        GUEST,
        "Kasubsi Pelayanan Tahanan",
        10,
        "Menyusun jadwal dan tim rehabilitasi berbasis komunitas di Rutan Purbalingga.",
    ),
    (
        "rehabilitasi",
        HOST,
        "Kasi Binadik",
        10,
        "Mengirimkan modul dan SOP rehabilitasi terstruktur kepada Rutan Purbalingga.",
    ),
    (
        "ketahanan_pangan",
        GUEST,
        "Kasubsi Pengelolaan",
        15,
        "Menyiapkan lahan dan dua kolam terpal untuk budidaya sayur dan lele.",
    ),
    (
        "ketahanan_pangan",
        HOST,
        "Kasi Giatja",
        15,
        "Mendampingi penyiapan kolam dan menyediakan benih lele serta bibit sayur.",
    ),
    (
        "ketahanan_pangan",
        GUEST,
        "Karutan",
        20,
        "Menyusun rancangan perjanjian kerja sama sebagai kelanjutan studi tiru.",
    ),
)
"""Theme, unit, post that owns it, working days, text."""
CLOSED_FIRST: Final = COMMITMENTS[0][-1]
"""The promise that is kept within the story."""

SEEN: Final = {
    "rehabilitasi": (
        "Program berjalan terstruktur dengan pendekatan terapeutik dan pemulihan perilaku.",
        "Rehabilitasi berbasis komunitas dalam kelompok kecil, dimulai dengan delapan peserta.",
    ),
    "ketahanan_pangan": (
        "Pertanian, perikanan, dan lahan produktif dikelola sebagai kegiatan kerja yang dicatat rapi.",
        "Budidaya sayur dan lele di lahan sempit.",
    ),
}
"""Theme to what was seen and what the guest will try."""


def outcome(facilities: dict[str, int], posts: dict[tuple[str, str], int]) -> dict[str, Any]:
    """Return the outcome; ``facilities`` maps names to ids, ``posts`` (facility, title) to ids."""
    return {
        "themes": [
            {
                "theme": theme,
                "seen": seen,
                "will_try": will_try,
                "commitments": [
                    {
                        "text": text,
                        "facility_id": facilities[unit],
                        "owner_post_id": posts[unit, title],
                        "working_days": days,
                    }
                    for of_theme, unit, title, days, text in COMMITMENTS
                    if of_theme == theme
                ],
            }
            for theme, (seen, will_try) in SEEN.items()
        ]
    }


CLOSING_NOTE: Final = "Jadwal dan tim telah ditetapkan; kelompok pertama dimulai pada bulan Januari."
