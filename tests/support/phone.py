"""A phone with an app for one-time codes."""

from __future__ import annotations

import time

import pyotp

WINDOW = 30


class Phone:
    """An app for codes: each asked for is one that was not used yet, as time allows it."""

    def __init__(self, secret: str) -> None:
        self.totp = pyotp.TOTP(secret)
        self.step = 0

    def code(self) -> str:
        """Return the next code that counts: the step of now, or the one after where that was given out.

        Never the step before now, though that counts, too: it would be out of date when a step ends before
        the code is typed. A third code within a step would be refused.
        """
        self.step = max(self.step + 1, int(time.time()) // WINDOW)
        return self.totp.generate_otp(self.step)
