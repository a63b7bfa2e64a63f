"""An identity provider that also lies: it answers as OpenID Connect says, but for what a test spoils.

Only its malice is of use here. That the hub gets on with a true one is tried in ``tests/oidc``.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from flask import Flask, Response, jsonify, request
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from werkzeug.serving import make_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CLIENT_ID, CLIENT_SECRET = "sinergi-hub", "a secret: of / the client+"


@dataclass
class Realm:
    """One issuer with its keys; what it is asked is counted in ``asked``."""

    issuer: str
    key: ECKey
    shown: list[dict[str, Any]]
    """The public keys that it shows."""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    """What is said otherwise in the ID token; None takes a claim out."""
    described: dict[str, Any] = field(default_factory=dict)
    """What is said otherwise in the description."""
    sign: Callable[[dict[str, Any]], str] | None = None
    """Signs instead of the realm's own key."""
    fault: Callable[[], Response] | None = None
    """Answers instead of the token endpoint."""
    numbers: Iterator[int] = field(default_factory=itertools.count)
    asked: list[str] = field(default_factory=list)

    def sign_in(self, address: str, subject: str = "pegawai-1") -> dict[str, str]:
        """Sign somebody in at the address that a browser was sent to; return what it brings back."""
        sent = dict(parse_qsl(urlsplit(address).query))
        assert address.startswith(f"{self.issuer}/auth?")
        assert (sent["response_type"], sent["client_id"]) == ("code", CLIENT_ID)
        assert sent["code_challenge_method"] == "S256"
        code = f"code-{next(self.numbers)}"
        self.codes[code] = {**sent, "subject": subject}
        return {"code": code, "state": sent["state"]}

    def rotate(self) -> None:
        """Sign with another key from now on, and show that one only."""
        self.key = ECKey.generate_key("P-256", auto_kid=True)
        self.shown = [self.key.as_dict(private=False)]

    def token(self, form: dict[str, str], authorization: str) -> Response:
        """Answer the token endpoint: a code is good once, with its verifier and the client's secret."""
        sent = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        known = base64.b64encode(b"sinergi-hub:a+secret%3A+of+%2F+the+client%2B").decode()
        is_right = (
            sent is not None
            and sent["code_challenge"] == challenge
            and sent["redirect_uri"] == form.get("redirect_uri")
            and authorization == f"Basic {known}"
        )
        if sent is None or not is_right:
            return Response('{"error": "invalid_grant"}', 400, mimetype="application/json")
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": sent["subject"],
            "aud": CLIENT_ID,
            "exp": now + 300,
            "iat": now,
            "nonce": sent["nonce"],
            "email": "head.guest@example.id",
            **self.claims,
        }
        said = {name: value for name, value in claims.items() if value is not None}
        signed = self.sign(said) if self.sign else self.signed(said)
        return jsonify(id_token=signed, access_token="opaque", token_type="Bearer", expires_in=60)

    def signed(self, claims: dict[str, Any]) -> str:
        """Return the claims signed by the realm's key."""
        return jwt.encode({"alg": "ES256", "kid": self.key.kid}, claims, self.key)


class Issuer:
    """The server: a realm for each test, all of them on one port."""

    def __init__(self) -> None:
        self.realms: dict[str, Realm] = {}
        self.app = Flask(__name__)
        self.app.add_url_rule("/<name>/.well-known/openid-configuration", "describe", self._describe)
        self.app.add_url_rule("/<name>/jwks", "keys", self._keys)
        self.app.add_url_rule("/<name>/token", "token", self._token, methods=["POST"])
        self.server = make_server("127.0.0.1", 0, self.app, threaded=True)

    def realm(self) -> Realm:
        """Return a new realm."""
        name = f"realm-{len(self.realms)}"
        key = ECKey.generate_key("P-256", auto_kid=True)
        address = f"http://127.0.0.1:{self.server.server_port}/{name}"
        self.realms[name] = Realm(address, key, KeySet([key]).as_dict(private=False)["keys"])
        return self.realms[name]

    def _describe(self, name: str) -> Response:
        realm = self.realms[name]
        realm.asked.append("description")
        said = {
            "issuer": realm.issuer,
            "authorization_endpoint": f"{realm.issuer}/auth",
            "token_endpoint": f"{realm.issuer}/token",
            "jwks_uri": f"{realm.issuer}/jwks",
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
        }
        return jsonify({**said, **realm.described})

    def _keys(self, name: str) -> Response:
        self.realms[name].asked.append("keys")
        return jsonify(keys=self.realms[name].shown)

    def _token(self, name: str) -> Response:
        realm = self.realms[name]
        realm.asked.append("token")
        if realm.fault is not None:
            return realm.fault()
        return realm.token(request.form.to_dict(), request.headers.get("Authorization", ""))


@contextmanager
def listening() -> Iterator[Issuer]:
    """Yield a provider that listens on a port of this machine; it ends with the block."""
    issuer = Issuer()
    thread = threading.Thread(target=issuer.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        issuer.server.shutdown()
        thread.join(10)
        issuer.server.server_close()
