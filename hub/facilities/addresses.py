"""Say which mail address may become the mailbox of a facility."""

from __future__ import annotations

from marshmallow import ValidationError
from marshmallow.validate import Email

from hub.texts.headers import is_safe
from hub.texts.plain import UnacceptableTextError, clean_text

LONGEST_ADDRESS = 254
"""RFC 5321 leaves no more for a path."""
_is_address = Email()


class InvalidAddressError(ValueError):
    """The text is no mail address that the hub can send to."""


def clean_address(text: str) -> str:
    """Return the address as it is stored. Raises InvalidAddressError; only ASCII addresses are taken."""
    try:
        address = clean_text(text, longest=LONGEST_ADDRESS)
        _is_address(address)
    except (UnacceptableTextError, ValidationError) as error:
        raise InvalidAddressError("this is no mail address") from error
    if not address.isascii() or not is_safe(address):
        raise InvalidAddressError("this is no mail address the hub can send to")
    return address
