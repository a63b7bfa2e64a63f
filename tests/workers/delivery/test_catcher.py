"""The mail catcher: each message is one whole file that says whom it was for."""

from __future__ import annotations

import email
import email.policy
import smtplib
import subprocess
import sys
from email.message import EmailMessage
from typing import TYPE_CHECKING

import pytest

from config.child import wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def catcher(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """Yield a running catcher's port and folder."""
    folder = tmp_path / "mail"
    command = [sys.executable, "-m", "workers.delivery.catcher", "--bind", "127.0.0.1:0", str(folder)]
    with subprocess.Popen(wrapped(command), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        yield int(line.split(" into ")[0].rpartition(":")[2]), folder
        process.terminate()
        assert process.wait(10) == 0


def letter(subject: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "hub@localhost", "b@example.org", subject
    message["Message-ID"] = "<one@hub>"
    message.set_content("Yth. Kepala,\n.\nSalam é\n")
    return message


def test_a_message_becomes_one_file_with_its_envelope(catcher: tuple[int, Path]) -> None:
    port, folder = catcher
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as server:
        server.send_message(letter("Undangan"), "from@example.org", ["a@example.org", "b@example.org"])
        server.send_message(letter("Kedua"))
    first, second = sorted(folder.iterdir())  # by name is by arrival
    kept = email.message_from_bytes(first.read_bytes(), policy=email.policy.default)
    assert kept["X-Envelope-From"] == "from@example.org"
    assert kept.get_all("X-Envelope-To") == ["a@example.org", "b@example.org"]
    assert kept["Subject"] == "Undangan"
    assert kept["Message-ID"] == "<one@hub>"
    assert kept.get_content().splitlines() == ["Yth. Kepala,", ".", "Salam é"]
    assert b"Kedua" in second.read_bytes()
    assert {path.suffix for path in folder.iterdir()} == {".eml"}


def test_a_folder_that_takes_nothing_more_makes_the_sender_try_again(catcher: tuple[int, Path]) -> None:
    port, folder = catcher
    folder.rmdir()
    with (
        smtplib.SMTP("127.0.0.1", port, timeout=10) as server,
        pytest.raises(smtplib.SMTPDataError) as caught,
    ):
        server.send_message(letter("Undangan"))
    assert caught.value.smtp_code == 452


def test_a_taken_port_is_said_in_one_sentence(catcher: tuple[int, Path], tmp_path: Path) -> None:
    port, _ = catcher
    second = subprocess.run(
        [sys.executable, "-m", "workers.delivery.catcher", "--bind", f"127.0.0.1:{port}", tmp_path / "other"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 1
    assert "cannot listen at" in second.stderr
    assert "Traceback" not in second.stderr
