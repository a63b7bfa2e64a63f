"""The mail transport: TLS and sign-in, and a server that never comes to an end."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import ssl
import subprocess
import threading
import time
from typing import TYPE_CHECKING, Any, cast

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from tests.workers.delivery.sink import Sink, running
from workers.delivery.transports.exchange import Outgoing
from workers.delivery.transports.failure import TransportError, UnreachableError
from workers.delivery.transports.mail import mail_connection

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TO_ONE = Outgoing(1, "a@b.test", b"Subject: halo\r\n\r\nisi\r\n")


def sign_in(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=data == LoginPassword(b"hub@unit", b"p:w"), handled=False)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a certificate for localhost that nobody but this test trusts."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the command openssl to make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    made = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost")
    named = ("-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "cert.pem")
    subprocess.run([openssl, *made, *named], cwd=folder, check=True, capture_output=True)
    return folder


@contextlib.contextmanager
def secured(certificate: Path, scheme: str) -> Iterator[tuple[int, list[bool]]]:
    """Run a server with TLS from the start or by STARTTLS; yield its port and what it took."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    is_starttls = scheme == "smtp+starttls"
    taken: list[bool] = []

    class Taker:
        """Takes every message of who has signed in."""

        async def handle_DATA(self, _server: Any, session: Any, _envelope: Any) -> str:  # noqa: N802
            taken.append(session.authenticated)
            return "250 OK"

    loop = asyncio.new_event_loop()
    made: list[SMTP] = []

    def protocol() -> SMTP:
        made.append(
            SMTP(
                Taker(),
                loop=loop,
                hostname="sink",
                tls_context=context if is_starttls else None,
                require_starttls=is_starttls,
                authenticator=sign_in,
                auth_require_tls=is_starttls,
            )
        )
        return made[-1]

    async def listen() -> asyncio.Server:
        return await loop.create_server(protocol, "localhost", 0, ssl=None if is_starttls else context)

    async def stop() -> None:
        server.close()
        for one in made:
            if one.transport is not None:
                cast("asyncio.Transport", one.transport).abort()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0.02)

    server = loop.run_until_complete(listen())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1], taken
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
@pytest.mark.filterwarnings("ignore:Requiring AUTH", "ignore:Session.login_data")
def test_message_goes_out_signed_in_over_tls(
    scheme: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))
    with secured(certificate, scheme) as (port, taken):
        with mail_connection(
            f"{scheme}://hub%40unit:p%3Aw@localhost:{port}", own_name="hub.test"
        ) as connection:
            verdicts = list(connection.send([TO_ONE], sender="hub@unit.test"))
        assert verdicts == [(TO_ONE, None)]
        assert taken == [True]


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_certificate_that_nobody_trusts_is_refused(scheme: str, certificate: Path) -> None:
    with secured(certificate, scheme) as (port, taken):
        with (
            pytest.raises(UnreachableError, match="CERTIFICATE_VERIFY_FAILED"),
            mail_connection(f"{scheme}://localhost:{port}", own_name="hub.test"),
        ):
            pass
        assert taken == []


def test_server_that_starts_to_drip_is_cut_off_in_time() -> None:
    """A silence limit would not help: it says a byte every 50 ms."""
    with running(Sink(mode="drip")) as sink:
        began = time.monotonic()
        with (
            pytest.raises(UnreachableError),
            mail_connection(sink.url, own_name="hub.test", limit=0.5),
        ):
            pass
        assert 0.4 < time.monotonic() - began < 3


def test_connection_that_was_cut_takes_no_more() -> None:
    with running(Sink()) as sink, mail_connection(sink.url, own_name="hub.test") as connection:
        connection.wire.cut()
        ((_, error),) = connection.send([TO_ONE, TO_ONE], sender="hub@unit.test")
        assert isinstance(error, TransportError)
        assert "did not finish within 30 seconds" in error.reason
        assert not error.is_permanent
        assert not connection.is_open
