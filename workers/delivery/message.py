"""Put letters into their envelopes: the bytes of one mail, with headers nobody could have smuggled in.

A letter that many people get is written once, as a ``Form``; for each of them only the headers that are
their own are replaced. What comes out is byte for byte what the email package writes for that recipient.
The Message-ID is derived from the delivery, so a mail that goes out twice after a crash is the same mail.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING, Final, Self

from hub.texts.headers import LONGEST_NAME, check_header, check_message, clean_name

if TYPE_CHECKING:
    from hub.notifications.letters import Letter

LONGEST_SUBJECT = 200
HEADERS = (
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "Content-Language",
    "MIME-Version",
    "Content-Type",
)
OWN: Final = ("To", "Date", "Message-ID")
"""The headers that differ from recipient to recipient."""

# What stands in a header as it is, and on one line: the email package would only say the same, slowly.
PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9'-]+(?: [A-Za-z0-9'-]+)*", re.ASCII)
QUOTED_NAME: Final = re.compile(r"[A-Za-z0-9'.,-]+(?: [A-Za-z0-9'.,-]+)*", re.ASCII)
PLAIN_ADDRESS: Final = re.compile(r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@[a-z0-9-]+(?:\.[a-z0-9-]+)*", re.ASCII)
PLAIN_IDENTITY: Final = re.compile(r"<[0-9]+\.[0-9a-f]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*>", re.ASCII)
LONGEST_LINE: Final = 76
FIELD: Final = re.compile(rb"[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*")
"""A header with the lines it is folded into."""


class UnwritableError(Exception):
    """No mail can be made of this."""


def message_id(delivery_id: int, occurrence: str, host: str) -> str:
    """Return the Message-ID of a delivery; always the same one."""
    digest = hashlib.sha256(f"{delivery_id} {occurrence}".encode()).hexdigest()[:32]
    return f"<{delivery_id}.{digest}@{host}>"


def envelope_sender(mail_from: str) -> str:
    """Return the bare address of the configured sender."""
    return parseaddr(mail_from)[1]


@dataclass(frozen=True, slots=True)
class Form:
    """A mail that is finished but for the headers that are each recipient's own."""

    first: bytes
    """What stands before To."""
    second: bytes
    """Between To and Date."""
    third: bytes
    """After Message-ID, the text included."""

    @classmethod
    def of(cls, letter: Letter, *, mail_from: str) -> Self:
        """Write a letter down for everybody. Raises UnwritableError when no mail can be made of it."""
        try:
            somebody = compose(
                letter,
                mail_from=mail_from,
                name="",
                address="nobody@localhost",
                identity="<0.0@localhost>",
                moment=dt.datetime.now(dt.UTC),
            )
            raw = somebody.as_bytes()
            check_message(raw, HEADERS)
        except (ValueError, MessageError) as error:
            raise UnwritableError(f"the mail cannot be written: {error}") from error
        head, _, body = raw.partition(b"\r\n\r\n")
        fields = FIELD.findall(head + b"\r\n")
        names = [field.partition(b":")[0].decode() for field in fields]
        to, date = names.index("To"), names.index("Date")
        if names[date + 1] != "Message-ID":
            raise LookupError("headers stand in an unknown order")
        return cls(
            b"".join(fields[:to]),
            b"".join(fields[to + 1 : date]),
            b"".join(fields[date + 2 :]) + b"\r\n" + body,
        )

    def fill(self, *, name: str | None, address: str, identity: str, moment: dt.datetime) -> bytes:
        """Return one recipient's mail. Raises UnwritableError when an address cannot stand in a header."""
        try:
            to = _to(name or "", address)
            own = b"%bDate: %b\r\n%b" % (to, format_datetime(moment).encode(), _identity(identity))
            check_message(own + b"\r\n", OWN)
        except (ValueError, MessageError) as error:
            raise UnwritableError(f"the mail cannot be written: {error}") from error
        return b"".join((self.first, to, self.second, own[len(to) :], self.third))


def compose(
    letter: Letter, *, mail_from: str, name: str, address: str, identity: str, moment: dt.datetime
) -> EmailMessage:
    """Return a mail as the email package's message. Raises ValueError and MessageError."""
    message = EmailMessage(policy=SMTP)
    sender_name, sender = parseaddr(mail_from)
    message["From"] = Address(clean_name(sender_name), addr_spec=check_header(sender))
    message["To"] = _recipient(name, address)
    message["Subject"] = clean_name(letter.subject, LONGEST_SUBJECT)
    message["Date"] = format_datetime(moment)
    message["Message-ID"] = identity
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    # Set last: making a message multipart moves every Content- header into its first part.
    message["Content-Language"] = letter.locale
    return message


def _recipient(name: str, address: str) -> Address:
    if not address.isascii():
        raise ValueError("the address has letters that not every mail server takes")
    return Address(clean_name(name), addr_spec=check_header(address))


def _to(name: str, address: str) -> bytes:
    """Return the field To as the email package folds it."""
    if PLAIN_ADDRESS.fullmatch(address) and len(name) <= LONGEST_NAME:
        plain = None
        if not name:
            plain = f"To: {address}"
        elif PLAIN_NAME.fullmatch(name):
            plain = f"To: {name} <{address}>"
        elif QUOTED_NAME.fullmatch(name):
            plain = f'To: "{name}" <{address}>'
        if plain is not None and len(plain) <= LONGEST_LINE:
            return plain.encode() + b"\r\n"
    return _folded("To", _recipient(name, address))


def _identity(identity: str) -> bytes:
    """Return the field Message-ID as the email package folds it."""
    if PLAIN_IDENTITY.fullmatch(identity) and len(identity) + len("Message-ID: ") <= LONGEST_LINE:
        return f"Message-ID: {identity}\r\n".encode()
    return _folded("Message-ID", identity)


def _folded(name: str, value: object) -> bytes:
    kept, parsed = SMTP.header_store_parse(name, value)
    return SMTP.fold_binary(kept, parsed)
