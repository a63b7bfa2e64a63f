"""A browser or a program for tests: signs in, and sends the headers that every request needs."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from tests.support.cast import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from hub.web.application import HubFlask
    from tests.support.cast import Member

API = "/api/v1"
COOKIE = "__Host-hub"


class HubClient:
    """Flask's test client with a sign-in, CSRF token and idempotency keys.

    Paths that do not begin with a slash are the API's: ``client.get("me")`` is ``/api/v1/me``. Every
    POST gets a new key unless ``key`` is given (``key=None`` sends none).
    """

    def __init__(self, app: HubFlask) -> None:
        self.app = app
        self.inner: FlaskClient = app.test_client()
        self.csrf: str | None = None
        self.bearer: str | None = None

    def sign_in(self, who: Member | str, password: str = PASSWORD) -> TestResponse:
        """Sign in; what follows acts as this person. The answer is returned, whatever it is."""
        email = who if isinstance(who, str) else who.email
        response = self.post("sign-ins", {"email": email, "password": password})
        if response.status_code == 201:
            self.csrf = response.json["csrf_token"]  # type: ignore[index]
        return response

    def signed_in(self, who: Member | str) -> HubClient:
        """Sign in and return this client; fails where the sign-in does."""
        response = self.sign_in(who)
        assert response.status_code == 201, response.get_data(as_text=True)
        return self

    @property
    def cookie(self) -> str | None:
        """Return the browser's cookie, if it has one."""
        held = self.inner.get_cookie(COOKIE)
        return held.value if held else None

    def get(self, path: str, **options: Any) -> TestResponse:
        """Send GET; ``query`` becomes the query string."""
        return self.send("GET", path, **options)

    def post(self, path: str, json: object = None, **options: Any) -> TestResponse:
        """Send POST with a JSON body, or none, under an idempotency key."""
        return self.send("POST", path, json=json, **{"key": uuid.uuid4().hex, **options})

    def put(self, path: str, json: object, **options: Any) -> TestResponse:
        """Send PUT; ``version`` becomes If-Match."""
        return self.send("PUT", path, json=json, **options)

    def patch(self, path: str, json: object, **options: Any) -> TestResponse:
        """Send PATCH; ``version`` becomes If-Match."""
        return self.send("PATCH", path, json=json, **options)

    def delete(self, path: str, **options: Any) -> TestResponse:
        """Send DELETE."""
        return self.send("DELETE", path, **options)

    def post_form(self, path: str, form: Mapping[str, object], **options: Any) -> TestResponse:
        """Send a page's form (application/x-www-form-urlencoded) with ``_key`` and, signed in, ``_csrf``."""
        hidden: dict[str, object] = {"_key": uuid.uuid4().hex}
        if self.csrf:
            hidden["_csrf"] = self.csrf
        return self.send("POST", path, data={**hidden, **form}, **options)

    def send(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        key: str | None = None,
        version: int | str | None = None,
        query: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        **options: Any,
    ) -> TestResponse:
        """Send any request. ``version`` may be a number or an ETag as it was read."""
        sent = {"Idempotency-Key": key} if key else {}
        if self.csrf and method != "GET":
            sent["X-CSRF-Token"] = self.csrf
        if self.bearer:
            sent["Authorization"] = f"Bearer {self.bearer}"
        if version is not None:
            sent["If-Match"] = version if isinstance(version, str) else f'"{version}"'
        address = path if path.startswith("/") else f"{API}/{path}"
        if json is not None:
            options["json"] = json
        return self.inner.open(
            address,
            method=method,
            query_string=query,
            headers={**sent, **(headers or {})},
            buffered=True,
            **options,
        )
