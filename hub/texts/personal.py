"""Notice what looks like somebody's identity in free text, so that a page can warn before it is shared.

That somebody is or was an inmate is sensitive by itself: outcomes and notes hold numbers, never names.
The patterns warn and never refuse: they cannot know.
"""

from __future__ import annotations

import re

PATTERNS = (
    # NIK and family card: sixteen digits, in the groups in which people write them.
    re.compile(
        r"(?<!\d)(?:\d{6}[ .-]?\d{6}[ .-]?\d{4}|\d{4}(?:[ .-]\d{4}){3}|(?:\d\d\.){3}\d{6}\.\d{4})(?!\d)",
        re.ASCII,
    ),
    # Register of detainees and convicts: "A.III 12/2024", "BI 45/2023", "B IIa. 7/2024".
    re.compile(r"\b[AB][ .]{0,2}I{1,3}[ .]{0,2}[ab]?[ ./-]{0,3}\d{1,5}\s?/\s?\d{2,4}\b", re.IGNORECASE),
    re.compile(r"\b(?:no(?:mor)?\.?\s*)reg(?:ister|istrasi)?\.?\s*:?\s*\w*\d", re.IGNORECASE),
    # "WBP a.n. …", "narapidana bernama …", "inmate named …".
    re.compile(
        r"\b(?:wbp|warga binaan|narapidana|napi|tahanan|andikpas|klien|inmate|prisoner)s?\s+"
        r"(?:a\.?\s?n\b\.?|atas nama|bernama|berinisial|inisial|named|called)",
        re.IGNORECASE,
    ),
    re.compile(r"\ba\.\s?n\.\s+[^\W\d_]", re.IGNORECASE),
)


def looks_personal(text: str) -> bool:
    """Return whether the text seems to hold an identity or register number, or to name an inmate."""
    return any(pattern.search(text) for pattern in PATTERNS)
