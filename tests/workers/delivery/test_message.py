"""A mail made from a form is byte for byte the one that the email package writes for its recipient."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hub.notifications.letters import Letter
from workers.delivery.message import Form, UnwritableError, compose, message_id

LETTER = Letter(
    subject="[K-1] Kunjungan diusulkan: “Pelatihan” – kesatu",
    text="Lapas Éna mengajukan kunjungan.\n.\n..titik\n\nBaca: https://hub.test/collaborations/1\n",
    html="<p>Lapas Éna mengajukan kunjungan. " + "panjang " * 30 + "</p>\n.\n",
    locale="id",
)
FROM = "Sinergi Hub <hub@hub.test>"
MOMENT = dt.datetime(2026, 11, 24, 14, 3, 5, tzinfo=dt.UTC)
NAMES = st.one_of(
    st.text(alphabet="ab Z9.,'-\"\\()<>@:;=?é\u202e\r\n\t", max_size=40),
    st.text(max_size=130),
    st.from_regex(r"[A-Za-z]{1,12}( [A-Za-z.,'-]{1,12}){0,5}", fullmatch=True),
)
ADDRESSES = st.one_of(
    st.emails().filter(str.isascii),
    st.from_regex(r"[a-z0-9_+.-]{1,30}@[a-z0-9.-]{1,40}", fullmatch=True),
)


def expected(name: str, address: str, identity: str, boundary: str) -> bytes:
    message = compose(LETTER, mail_from=FROM, name=name, address=address, identity=identity, moment=MOMENT)
    message.set_boundary(boundary)
    return message.as_bytes()


def boundary_of(form: Form) -> str:
    found = re.search(rb'boundary="([^"]+)"', form.third)
    assert found is not None
    return found[1].decode()


@given(name=NAMES, address=ADDRESSES, number=st.integers(1, 10**18))
@example(name="Dr. Orang 3, S.H.", address="orang3@mail.test", number=3)
@example(name="", address="a@b", number=1)
@example(name="Budi", address="a..b@mail.test", number=1)
@example(name="Budi", address=f"a@{'x' * 60}.test", number=1)
def test_form_says_what_the_email_package_says(name: str, address: str, number: int) -> None:
    form = Form.of(LETTER, mail_from=FROM)
    identity = message_id(number, "event:1", "hub.test")
    try:
        wanted = expected(name, address, identity, boundary_of(form))
    except Exception:  # noqa: BLE001 -- whatever the email package does not write, a form refuses
        with pytest.raises(UnwritableError):
            form.fill(name=name, address=address, identity=identity, moment=MOMENT)
    else:
        assert form.fill(name=name, address=address, identity=identity, moment=MOMENT) == wanted


def test_long_message_id_is_folded_as_the_email_package_does_it() -> None:
    form = Form.of(LETTER, mail_from=FROM)
    identity = message_id(7, "event:1", f"{'unit.' * 12}test")
    made = form.fill(name="Budi", address="b@mail.test", identity=identity, moment=MOMENT)
    assert made == expected("Budi", "b@mail.test", identity, boundary_of(form))


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("orang@mail.test\r\nBcc: x@evil.test", "may not go into a mail header"),
        ("=?utf-8?q?a?=@mail.test", "may not go into a mail header"),
        ("órang@mail.test", "not every mail server takes"),
    ],
)
def test_address_that_cannot_stand_in_a_header_is_refused(address: str, why: str) -> None:
    form = Form.of(LETTER, mail_from=FROM)
    with pytest.raises(UnwritableError, match=why):
        form.fill(name="Budi", address=address, identity="<1.a@hub.test>", moment=MOMENT)


@pytest.mark.parametrize(
    "name", ["Budi\r\nBcc: x@evil.test", "=?utf-8?q?=0d=0aBcc=3a_x?=", "\u202eBudi", "Budi\x00", "a" * 300]
)
def test_hostile_name_adds_no_header(name: str) -> None:
    form = Form.of(LETTER, mail_from=FROM)
    identity = message_id(1, "event:1", "hub.test")
    made = form.fill(name=name, address="b@mail.test", identity=identity, moment=MOMENT)
    assert made == expected(name, "b@mail.test", identity, boundary_of(form))
    assert b"\nBcc" not in made
