"""An intranet without TLS is a named mode: what starts, what is given up, and what its cookies are."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from config.settings import Settings, SettingsError
from config.without_tls import GIVEN_UP
from hub.cli import checks
from hub.factory import create_app
from tests.matrix.calls import header_faults
from tests.support.client import HubClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hub.web.application import HubFlask
    from tests.support.cast import Cast

ADDRESS = "http://hub.lapas.internal"
ENVIRONMENT = {
    "DATABASE_URL": "postgresql:///hub",
    "REDIS_URL": "unix:///valkey",
    "SMTP_URL": "smtp://mail.internal",
    "HUB_SECRET_KEYS": "u" * 32,
    "HUB_HOME": "/nowhere",
}
OIDC = {
    "HUB_OIDC_ISSUER": "https://sso.example.org",
    "HUB_OIDC_CLIENT_ID": "hub",
    "HUB_OIDC_CLIENT_SECRET": "of-the-test",
}


def read(**given: str) -> Settings:
    return Settings.from_env({**ENVIRONMENT, **given})


@pytest.fixture
def plain_settings(web_settings: Settings) -> Settings:
    return dataclasses.replace(web_settings, base_url=ADDRESS, tls="off-intranet")


@pytest.fixture
def plain(plain_settings: Settings) -> Iterator[HubFlask]:
    app = create_app(plain_settings)
    app.config["SERVER_NAME"] = "hub.lapas.internal"
    yield app
    app.database.dispose()


@pytest.mark.parametrize("address", [ADDRESS, "http://10.20.3.4:8000", "http://[fd12::7]"])
def test_production_without_tls_starts_only_where_it_is_named(address: str) -> None:
    with pytest.raises(SettingsError, match=r"must be https:// in production.*HUB_TLS=off-intranet"):
        read(HUB_BASE_URL=address)
    assert read(HUB_BASE_URL=address, HUB_TLS="off-intranet").is_without_tls
    assert not read(HUB_BASE_URL="https://hub.lapas.internal").is_without_tls
    assert not read(HUB_BASE_URL="http://localhost:8000").is_without_tls


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"HUB_BASE_URL": "https://hub.example.org"}, "leave it out"),
        ({"HUB_BASE_URL": "http://localhost:8000"}, "leave it out"),
        ({"HUB_BASE_URL": "http://8.8.8.8"}, "8.8.8.8 is an address of the internet"),
        ({"HUB_BASE_URL": "http://[2001:4860:4860::8888]"}, "is an address of the internet"),
        ({"HUB_BASE_URL": ADDRESS, **OIDC}, "HUB_OIDC_… does not go with"),
        ({"HUB_BASE_URL": ADDRESS, "HUB_TLS": "off"}, "HUB_TLS must be one of required, off-intranet"),
    ],
)
def test_what_does_not_go_with_it_is_refused(given: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        read(**{"HUB_TLS": "off-intranet", **given})


def test_its_cookies_are_such_as_browsers_keep_there(plain: HubFlask, cast: Cast) -> None:
    client = HubClient(plain)
    signed = client.sign_in(cast.guest_head)
    spoken = client.post_form("/language", {"language": "id", "next": "/home"})
    noted = client.post_form("/me/sign-ins/end-others", {})
    for name, answer in (("hub", signed), ("hub-language", spoken), ("hub-notice", noted)):
        assert [line.split("=")[0] for line in answer.headers.getlist("Set-Cookie")] == [name]
        assert header_faults(answer, is_without_tls=True) == []
    shown = client.get("/me")
    assert shown.status_code == 200
    assert "hub-notice=;" in shown.headers["Set-Cookie"]
    spec = client.get("/api/openapi.json").json
    assert spec is not None
    assert spec["components"]["securitySchemes"]["cookie"]["name"] == "hub"


def test_a_cookie_by_the_other_modes_name_signs_nobody_in(plain: HubFlask, toy: HubFlask, cast: Cast) -> None:
    client = HubClient(plain).signed_in(cast.guest_head)
    token = client.inner.get_cookie("hub", domain="hub.lapas.internal")
    assert token is not None
    for app, name, status in ((plain, "__Host-hub", 401), (toy, "hub", 401), (plain, "hub", 200)):
        browser = HubClient(app)
        host = "hub.lapas.internal" if app is plain else "localhost"
        browser.inner.set_cookie(name, token.value, domain=host)
        assert browser.get("me").status_code == status, (name, host)


def test_passkeys_are_not_offered(plain: HubFlask, cast: Cast) -> None:
    assert b"passkey" not in HubClient(plain).get("/sign-in").data.lower()
    assert HubClient(plain).post("/sign-in/passkey/options").status_code == 404
    page = (
        HubClient(plain)
        .signed_in(cast.guest_head)
        .get("/me/second-factor", headers={"Accept-Language": "en"})
    )
    assert page.status_code == 200


def test_the_start_and_the_doctor_say_what_is_given_up(
    plain_settings: Settings, web_settings: Settings
) -> None:
    with capture_logs() as logs:
        create_app(plain_settings)
        create_app(web_settings)
    (said,) = [line for line in logs if line["event"] == "start.without_tls"]
    assert (said["log_level"], said["given_up"]) == ("warning", GIVEN_UP)
    (found,) = checks.tls(plain_settings)
    assert found.status == "warn"
    assert all(clause in found.says for clause in GIVEN_UP)
    assert "HUB_BASE_URL=https://" in found.mend
    assert [finding.status for finding in checks.tls(web_settings)] == ["OK"]


def test_the_administrator_reads_it_at_the_desk(plain: HubFlask, toy: HubFlask, cast: Cast) -> None:
    page = HubClient(plain).signed_in(cast.admin).get("/operations")
    assert b'id="without-tls"' in page.data
    secure = create_app(toy.settings)
    page = HubClient(secure).signed_in(cast.admin).get("/operations")
    secure.database.dispose()
    assert (page.status_code, b'id="without-tls"' in page.data) == (200, False)
