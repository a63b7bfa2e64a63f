"""What an intranet without TLS gives up (decision 44), as the start and the doctor say it."""

from __future__ import annotations

GIVEN_UP = (
    "passwords, codes and pages can be read and changed by whoever is in between",
    "cookies are neither Secure nor bound to this host (__Host-)",
    "no Strict-Transport-Security",
    "no passkeys: browsers know them in secure contexts only",
    "no sign-in by an identity provider",
    "links in mails, to invitations and new passwords too, are http://",
    "browsers do not say which site a form came from (Sec-Fetch-Site), its token and Origin stand alone",
)
"""One clause each."""
WAY_OUT = "A certificate of the office's own authority is enough: then HUB_BASE_URL=https://… and no HUB_TLS."
