"""Put a letter into its envelope: the bytes of one mail, with headers nobody could have smuggled in.

The Message-ID is derived from the delivery, so a mail that goes out twice after a crash is the same mail.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING

from hub.texts.headers import check_header, check_message, clean_name

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


class UnwritableError(Exception):
    """No mail can be made of this."""


def message_id(delivery_id: int, occurrence: str, host: str) -> str:
    """Return the Message-ID of a delivery; always the same one."""
    digest = hashlib.sha256(f"{delivery_id} {occurrence}".encode()).hexdigest()[:32]
    return f"<{delivery_id}.{digest}@{host}>"


def envelope_sender(mail_from: str) -> str:
    """Return the bare address of the configured sender."""
    return parseaddr(mail_from)[1]


def build_message(letter: Letter, *, mail_from: str, name: str | None, address: str, identity: str) -> bytes:
    """Return the finished mail.

    Raises UnwritableError when an address cannot stand in a header.
    """
    try:
        return _build(letter, mail_from, name, address, identity)
    except (ValueError, MessageError) as error:
        raise UnwritableError(f"the mail cannot be written: {error}") from error


def _build(letter: Letter, mail_from: str, name: str | None, address: str, identity: str) -> bytes:
    if not address.isascii():
        raise ValueError("the address has letters that not every mail server takes")
    message = EmailMessage(policy=SMTP)
    sender_name, sender = parseaddr(mail_from)
    message["From"] = Address(clean_name(sender_name), addr_spec=check_header(sender))
    message["To"] = Address(clean_name(name or ""), addr_spec=check_header(address))
    message["Subject"] = clean_name(letter.subject, LONGEST_SUBJECT)
    # When it leaves, by the true clock: receivers weigh this header against their own.
    message["Date"] = format_datetime(dt.datetime.now(dt.UTC))
    message["Message-ID"] = identity
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    # Set last: making a message multipart moves every Content- header into its first part.
    message["Content-Language"] = letter.locale
    raw = message.as_bytes()
    check_message(raw, HEADERS)
    return raw
