"""Send a browser to the identity provider and understand with what it comes back.

What must be known again then (state, nonce, verifier) travels sealed in a cookie of that browser, so nothing
is kept for who only sets out, and what another browser brings back is worth nothing here.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote_plus

import orjson
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from hub.accounts.provider.discovery import BASIC, Discovery
from hub.accounts.provider.tokens import Account, believe
from hub.accounts.provider.wire import ProviderAnswerError, ask
from hub.accounts.vault import UnreadableError, Vault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config.settings import Settings

Purpose = Literal["sign-in", "link"]

SECONDS = 600
"""So long somebody may take to sign in at the provider."""
SCOPES = "openid profile email"
BACK = "/sign-in/provider/back"
LONGEST_CODE = 4000
ABOUT = "errand to the provider"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Errand:
    """Why a browser was sent, and what it must bring back; ``bound`` is whose sign-in a link belongs to."""

    purpose: Purpose
    state: str
    nonce: str
    verifier: str
    bound: str = ""
    after: str = ""

    @classmethod
    def new(cls, purpose: Purpose, *, bound: str = "", after: str = "") -> Errand:
        """Return a new errand with secrets of its own (256 bits each)."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(purpose, state, nonce, verifier, bound, after)

    def sealed(self, vault: Vault) -> str:
        """Return it as the cookie holds it."""
        return vault.seal(orjson.dumps(asdict(self)).decode(), ABOUT).decode("ascii")

    @classmethod
    def opened(cls, vault: Vault, sealed: str) -> Errand | None:
        """Return the errand of a cookie; None for one that is spoiled or too old."""
        try:
            return cls(**orjson.loads(vault.open(sealed.encode(), ABOUT, within_seconds=SECONDS)))
        except UnreadableError:
            return None

    def is_of(self, state: str) -> bool:
        """Return whether this state is the errand's."""
        return hmac.compare_digest(self.state.encode(), state.encode())


class Provider:
    """The identity provider, with what this process keeps of it."""

    def __init__(self, issuer: str, client_id: str, client_secret: str, back: str) -> None:
        self.discovery = Discovery(issuer)
        self._client_id = client_id
        self._client_secret = client_secret
        self._back = back

    @classmethod
    def of(cls, settings: Settings) -> Provider:
        """Return the provider that the settings name; the same one each time."""
        # Fixed by the settings: a request's own host could lead the code elsewhere.
        back = settings.base_url + BACK
        return _provider(settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret, back)

    def address(self, errand: Errand, *, ends_at: float) -> str:
        """Return where to send the browser. Raises ProviderDownError, ProviderAnswerError."""
        described = self.discovery.described(ends_at=ends_at)
        uri: str = prepare_grant_uri(
            described.authorization_endpoint,
            client_id=self._client_id,
            response_type="code",
            redirect_uri=self._back,
            scope=SCOPES,
            state=errand.state,
            nonce=errand.nonce,
            code_challenge=create_s256_code_challenge(errand.verifier),
            code_challenge_method="S256",
        )
        return uri

    def account(self, errand: Errand, said: Mapping[str, str], *, ends_at: float) -> Account:
        """Return the account that the provider vouches for; ``said`` is what the browser brought back.

        Raises ProviderAnswerError for a refusal and for anything that is not to be believed, and
        ProviderDownError.
        """
        described = self.discovery.described(ends_at=ends_at)
        named = said.get("iss")
        if (named is None and described.names_itself) or named not in {None, self.discovery.issuer}:
            raise ProviderAnswerError("another issuer answered")
        code = said.get("code", "")
        if "error" in said or not 0 < len(code) <= LONGEST_CODE:
            raise ProviderAnswerError("it gave no code")
        answer = self._redeem(described.token_endpoint, described.client_auth, code, errand, ends_at)
        token, access = answer.get("id_token"), answer.get("access_token")
        if not isinstance(token, str):
            raise ProviderAnswerError("it gave no ID token")
        return believe(
            self.discovery,
            token,
            client_id=self._client_id,
            nonce=errand.nonce,
            access_token=access if isinstance(access, str) else None,
            ends_at=ends_at,
        )

    def _redeem(
        self, url: str, client_auth: str, code: str, errand: Errand, ends_at: float
    ) -> Mapping[str, object]:
        body = prepare_token_request(
            "authorization_code", redirect_uri=self._back, code=code, code_verifier=errand.verifier
        )
        who = (self._client_id, self._client_secret)
        if client_auth == BASIC:
            # RFC 6749, 2.3.1: both are encoded as in a form before they are joined.
            who = (quote_plus(who[0]), quote_plus(who[1]))
        url, headers, body = ClientAuth(*who, client_auth).prepare("POST", url, {"Content-Type": FORM}, body)
        return ask("POST", url, ends_at=ends_at, headers=headers, body=body)


@lru_cache(maxsize=8)
def _provider(issuer: str, client_id: str, client_secret: str, back: str) -> Provider:
    return Provider(issuer, client_id, client_secret, back)
