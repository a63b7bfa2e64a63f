"""Say which mail address may become the mailbox of a facility."""

from __future__ import annotations

from marshmallow import ValidationError

from hub.texts.headers import is_safe
from hub.web.fields import Address

_FIELD = Address()


class InvalidAddressError(ValueError):
    """The text is no mail address that the hub can send to."""


def clean_address(text: str) -> str:
    """Return the address as it is stored. Raises InvalidAddressError."""
    try:
        address: str = _FIELD.deserialize(text)
    except ValidationError as error:
        raise InvalidAddressError("this is not an e-mail address") from error
    # "=?" may stand in an address, and an encoded word in a header would be decoded into something else.
    if not is_safe(address):
        raise InvalidAddressError("this address may not go into a mail header")
    return address
