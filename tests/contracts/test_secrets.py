"""No file of the repository holds a key: by the shapes that keys of common services have, and by their names.

Shapes, and no measure of randomness: that would want an exception for each hash of the lock and each id.
"""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support.services import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

SHAPES = {
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----\s*[A-Za-z0-9+/=]{40}",
    "a token of the hub": r"\bhub_[A-Za-z0-9_-]{43}\b",
    "a key of AWS": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a token of GitHub": r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,})",
    "a token of GitLab": r"\bglpat-[A-Za-z0-9_-]{20}",
    "a token of PyPI": r"\bpypi-[A-Za-z0-9_-]{60,}",
    "a token of npm": r"\bnpm_[A-Za-z0-9]{36}\b",
    "a token of Slack": r"\bxox[abprs]-[A-Za-z0-9-]{20,}",
    "a key of Google": r"\bAIza[0-9A-Za-z_-]{35}\b",
    "a key of Stripe or an AI": r"\bsk[-_](?:live|ant|proj)[-_][A-Za-z0-9_-]{20,}",
    "a signed token": r"\beyJ[A-Za-z0-9_-]{16,}\.eyJ[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{32,}",
    "a password in an address": r"(?:postgres(?:ql)?|rediss?|smtps?|https?)://[\w.-]+:(?!password@)[^\s:@/{}<>$…*]{8,}@[\w-]",
    "a setting that is secret": (
        r"\b(?:HUB_SECRET_KEYS|HUB_METRICS_TOKEN|HUB_OIDC_CLIENT_SECRET|POSTGRES_PASSWORD)[=:] ?"
        r"[\"']?[A-Za-z0-9+/_-]{16,}"
    ),
}
KEY = re.compile("|".join(f"(?P<_{number}>{shape})" for number, shape in enumerate(SHAPES.values())))
NAMES = tuple(SHAPES)
LARGEST = 4 * 1024 * 1024


def keys_in(text: str) -> Iterator[str]:
    """Yield what a text holds that looks like a key: its line and its kind, never itself."""
    for match in KEY.finditer(text):
        kind = NAMES[int((match.lastgroup or "_0")[1:])]
        yield f"{text.count(chr(10), 0, match.start()) + 1}: {kind}"


def test_no_file_holds_a_key() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    assert len(paths) > 500
    found = []
    for path in paths:
        if path.is_file() and path.stat().st_size <= LARGEST:
            text = path.read_text(encoding="utf-8", errors="replace")
            found += [f"{path.relative_to(ROOT)}:{key}" for key in keys_in(text)]
    assert found == []


@pytest.mark.parametrize(
    ("planted", "kind"),
    [
        # Put together here, so that this file itself holds none.
        ("-----BEGIN " + "RSA PRIVATE KEY-----\n" + "MIIEow" * 8, "a private key"),
        ("token = 'hub_" + "Ab3-_" * 8 + "xyz'", "a token of the hub"),
        ("AKIA" + "ABCDEFGH" * 2, "a key of AWS"),
        ("ghp_" + "a1B2c3" * 6, "a token of GitHub"),
        ("glpat-" + "a1B2c" * 4, "a token of GitLab"),
        ("pypi-" + "AgEIcHlwaS5vcmc" * 5, "a token of PyPI"),
        ("npm_" + "a1B2c3" * 6, "a token of npm"),
        ("xoxb-" + "1234567890-" * 3, "a token of Slack"),
        ("AIza" + "SyA1b" * 7, "a key of Google"),
        ("sk_live_" + "4eC39HqLyj" * 3, "a key of Stripe or an AI"),
        ("eyJ" + "hbGciOiJI" * 3 + ".eyJ" + "zdWIiOiIx" * 3 + "." + "dBjftJeZ" * 5, "a signed token"),
        ("postgresql://hub:" + "k4tasandi-asli@db.example.org/hub", "a password in an address"),
        ("HUB_SECRET_KEYS=" + "mVq8Zr2L" * 5, "a setting that is secret"),
    ],
)
def test_a_planted_key_is_found(planted: str, kind: str) -> None:
    assert list(keys_in(f"first line\n{planted}\n")) == [f"2: {kind}"]


def test_what_only_speaks_of_keys_is_none() -> None:
    for text in (
        "HUB_SECRET_KEYS=…",
        "postgresql://hub:…@db/hub",
        "HUB_SECRET_KEYS_FILE=/run/secrets/keys",
        "hub_app",
    ):
        assert list(keys_in(text)) == []
