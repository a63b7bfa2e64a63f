"""A phone with an app for one-time codes."""

from __future__ import annotations

import time

import pyotp

WINDOW = 30


class Phone:
    """An app for codes: each asked for is one that was not used yet, as time allows it."""

    def __init__(self, secret: str) -> None:
        self.totp = pyotp.TOTP(secret)
        self.step = int(time.time()) // WINDOW - 2

    def code(self) -> str:
        """Return the next code that counts: the step before now, now, or the one after."""
        self.step = max(self.step + 1, int(time.time()) // WINDOW - 1)
        return self.totp.generate_otp(self.step)
