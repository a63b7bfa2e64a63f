"""Every setting of the hub, read from the environment once and frozen.

A variable ``NAME`` may also be given as ``NAME_FILE`` (a path whose content is the value), so
that no secret has to stand in a process list or a compose file. ``from_env`` reports every missing
or bad variable at once: whoever installs the hub mends them in one go.
"""

from __future__ import annotations

import ipaddress
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast
from urllib.parse import urlsplit

from config import crashpoints, pace

if TYPE_CHECKING:
    from collections.abc import Mapping

Mode = Literal["production", "demo", "test"]
Role = Literal["owner", "app", "worker", "backup"]

MODES: tuple[Mode, ...] = ("production", "demo", "test")
ROLES: tuple[Role, ...] = ("owner", "app", "worker", "backup")
SHORTEST_SECRET = 32
"""Characters of a secret key: 32 random ones of base64 carry 192 bits."""
FORBIDDEN_SECRETS = ("change-me", "changeme", "secret", "insecure")
LOCAL = ("localhost", "127.0.0.1", "::1")
RUN_FILE = "run/environment.json"
"""Where ``hub up`` writes the addresses of its embedded services for the other commands."""


class SettingsError(Exception):
    """One or more environment variables are missing or bad; the message lists all of them."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("The hub cannot start:\n" + "\n".join(f"  - {line}" for line in problems))


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one process; see ``config/env.example`` for what each one means."""

    mode: Mode
    home: Path
    base_url: str
    database_urls: Mapping[Role, str]
    redis_url: str
    secret_keys: tuple[str, ...]
    smtp_url: str
    mail_from: str
    web_bind: str = "127.0.0.1:8000"
    web_workers: int = 2
    trusted_proxies: int = 0
    relay_poll_seconds: float = 1.0
    log_format: Literal["console", "json"] = "json"
    log_level: str = "INFO"
    second_factor: Literal["required", "offered"] = "offered"
    """Whether administrators and overseers must have one; everybody may."""
    metrics_token: str = ""
    """What a scraper of /metrics must show; without it nothing is counted and nothing shown."""
    oidc_issuer: str = ""
    """The identity provider; without one nobody is offered to sign in by it."""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_name: str = ""
    """What people call it."""
    tls: Literal["required", "off-intranet"] = "required"
    """``off-intranet`` names an intranet whose browsers reach the hub without TLS; see is_without_tls."""

    @property
    def trusted_host(self) -> str:
        """Return the host name (without port) that requests must be addressed to."""
        return urlsplit(self.base_url).hostname or "localhost"

    @property
    def is_local(self) -> bool:
        """Return whether only this machine's browsers reach the hub by its address."""
        return self.trusted_host in LOCAL

    @property
    def takes_passkeys(self) -> bool:
        """Return whether browsers allow passkeys at the hub's address: a name, in a secure context."""
        if self.is_without_tls:
            return False
        try:
            ipaddress.ip_address(self.trusted_host)
        except ValueError:
            return True
        return False

    @property
    def is_without_tls(self) -> bool:
        """Return whether browsers reach the hub over a network without TLS, as its settings name it.

        Then they keep no cookie that is Secure, know no passkeys and heed no HSTS (decision 44).
        """
        return self.tls == "off-intranet"

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the settings.

        The embedded services of a running ``hub up`` fill in what the environment leaves out.
        Raises SettingsError naming every missing or bad variable.
        """
        own = dict(os.environ if environ is None else environ)
        home = Path(own.get("HUB_HOME") or default_home()).expanduser().resolve()
        reader = _Reader({**running_environment(home), **own})
        mode = reader.choice("HUB_MODE", MODES, "production")
        shared = reader.text("DATABASE_URL")
        urls = {role: reader.text(f"DATABASE_URL_{role.upper()}") or shared for role in ROLES}
        reader.expect(all(urls.values()), "DATABASE_URL is missing (postgresql://user:password@host/name)")
        for role, url in urls.items():
            reader.expect(
                not url or url.startswith(("postgresql://", "postgres://")),
                f"DATABASE_URL for the role {role} must start with postgresql://",
            )
        settings = cls(
            mode=cast("Mode", mode),
            home=home,
            base_url=reader.url("HUB_BASE_URL", ("http", "https"), "http://localhost:8000").rstrip("/"),
            database_urls=cast("Mapping[Role, str]", urls),
            redis_url=reader.url("REDIS_URL", ("redis", "rediss", "unix"), None),
            secret_keys=reader.secrets("HUB_SECRET_KEYS"),
            smtp_url=reader.url("SMTP_URL", ("smtp", "smtps", "smtp+starttls"), None),
            mail_from=reader.text("HUB_MAIL_FROM") or "Sinergi Hub <hub@localhost>",
            web_bind=reader.text("HUB_WEB_BIND") or "127.0.0.1:8000",
            web_workers=reader.number("HUB_WEB_WORKERS", 2, 1, 64),
            trusted_proxies=reader.number("HUB_TRUSTED_PROXIES", 0, 0, 5),
            relay_poll_seconds=reader.number("HUB_RELAY_POLL_MS", 1000, 20, 10_000) / 1000,
            log_format=cast(
                'Literal["console", "json"]', reader.choice("HUB_LOG_FORMAT", ("console", "json"), "json")
            ),
            log_level=reader.choice("HUB_LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO"),
            second_factor=cast(
                'Literal["required", "offered"]',
                reader.choice(
                    "HUB_SECOND_FACTOR",
                    ("required", "offered"),
                    "required" if mode == "production" else "offered",
                ),
            ),
            metrics_token=reader.text("HUB_METRICS_TOKEN"),
            tls=cast(
                'Literal["required", "off-intranet"]',
                reader.choice("HUB_TLS", ("required", "off-intranet"), "required"),
            ),
            **reader.provider(),
        )
        token = settings.metrics_token
        reader.expect(
            not token or len(token) >= SHORTEST_SECRET,
            f"HUB_METRICS_TOKEN needs {SHORTEST_SECRET} random characters or more",
        )
        reader.problems += _tls_problems(settings)
        for test_only in (crashpoints, pace):
            problem = test_only.problem()
            reader.expect(problem is None, problem or "")
            reader.expect(
                settings.mode != "production" or not reader.text(test_only.VARIABLE),
                f"{test_only.VARIABLE} is for tests and refused in production",
            )
        if reader.problems:
            raise SettingsError(reader.problems)
        return settings


def default_home() -> str:
    """Return the folder for data when HUB_HOME is not set: ``.hub`` beside the checkout."""
    return str(Path(__file__).resolve().parent.parent / ".hub")


def running_environment(home: Path) -> dict[str, str]:
    """Return the variables that a running ``hub up`` in this home gives its children, or nothing."""
    try:
        values = json.loads((home / RUN_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return {str(key): str(value) for key, value in values.items()}


def _tls_problems(settings: Settings) -> list[str]:
    """Return what does not fit together: the address, the provider, and whether TLS may be missing."""
    is_secure = settings.base_url.startswith("https://")
    host, is_local = settings.trusted_host, settings.is_local
    if not settings.is_without_tls:
        is_right = is_secure or is_local or settings.mode != "production"
        problem = "HUB_BASE_URL must be https:// in production (sign-in cookies are Secure)"
        way_out = "an intranet that can have no certificate names that: HUB_TLS=off-intranet"
        return [] if is_right else [f"{problem}; {way_out}"]
    problems = []
    if is_secure or is_local:
        problems.append("HUB_TLS=off-intranet is for an http:// address of another machine: leave it out")
    if _is_public(host):
        problems.append(f"HUB_TLS=off-intranet is for an intranet, and {host} is an address of the internet")
    if settings.oidc_issuer:
        problems.append("HUB_OIDC_… does not go with HUB_TLS=off-intranet: sign-ins would come back in clear")
    return problems


def _is_public(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:  # a name; whom it leads to, its network knows
        return False


class _Reader:
    """Reads variables one by one and collects what is wrong with them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.problems: list[str] = []

    def expect(self, condition: object, problem: str) -> None:
        if not condition:
            self.problems.append(problem)

    def text(self, name: str) -> str:
        """Return the value of NAME or the content of the file NAME_FILE, stripped; '' if neither."""
        direct = self.environ.get(name, "").strip()
        path = self.environ.get(f"{name}_FILE", "").strip()
        if direct or not path:
            return direct
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            self.problems.append(f"{name}_FILE cannot be read: {error}")
            return ""

    def choice(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        value = self.text(name) or default
        self.expect(value in allowed, f"{name} must be one of {', '.join(allowed)}, not {value!r}")
        return value

    def number(self, name: str, default: int, lowest: int, highest: int) -> int:
        value = self.text(name)
        if not value:
            return default
        if not (value.isascii() and value.isdigit() and lowest <= int(value) <= highest):
            self.problems.append(f"{name} must be a whole number from {lowest} to {highest}, not {value!r}")
            return default
        return int(value)

    def url(self, name: str, schemes: tuple[str, ...], default: str | None) -> str:
        value = self.text(name) or default or ""
        shapes = " or ".join(f"{scheme}://…" for scheme in schemes)
        if not value:
            self.problems.append(f"{name} is missing ({shapes})")
        else:
            self.expect(urlsplit(value).scheme in schemes, f"{name} must be {shapes}")
        return value

    def provider(self) -> dict[str, str]:
        """Return the settings of the identity provider: all of them, or none (then the values are empty)."""
        given = {
            name: self.text(f"HUB_OIDC_{name.upper()}") for name in ("issuer", "client_id", "client_secret")
        }
        issuer = urlsplit(given["issuer"])
        self.expect(
            all(given.values()) or not any(given.values()),
            "HUB_OIDC_ISSUER, HUB_OIDC_CLIENT_ID and HUB_OIDC_CLIENT_SECRET go together: give all or none",
        )
        is_local = issuer.scheme == "http" and issuer.hostname in LOCAL
        self.expect(
            not given["issuer"] or issuer.scheme == "https" or is_local,
            "HUB_OIDC_ISSUER must be https://… (http:// on this machine only)",
        )
        name = self.text("HUB_OIDC_NAME") or issuer.hostname or ""
        return {f"oidc_{key}": value for key, value in given.items()} | {"oidc_name": name}

    def secrets(self, name: str) -> tuple[str, ...]:
        """Return the keys, newest first: the first signs, all of them verify (so keys can rotate)."""
        keys = tuple(part.strip() for part in self.text(name).split(",") if part.strip())
        self.expect(keys, f"{name} is missing: one or more random keys, comma-separated, newest first")
        for key in keys:
            weak = len(key) < SHORTEST_SECRET or any(word in key.lower() for word in FORBIDDEN_SECRETS)
            self.expect(not weak, f"{name}: each key needs {SHORTEST_SECRET} random characters or more")
        return keys
