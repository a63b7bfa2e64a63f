"""What sign-in, tokens and preferences take in and give out."""

from __future__ import annotations

from hub.accounts.commands.passkeys import LONGEST_NAME
from hub.accounts.commands.tokens import LONGEST_DAYS
from hub.texts.catalogue import LOCALES
from hub.web.fields import (
    Address,
    Choice,
    Choices,
    Flag,
    HubSchema,
    Line,
    ListOf,
    Moment,
    Nested,
    Number,
    Password,
)
from hub.web.scopes import LEAST, SCOPES
from hub.workdays.zones import ZONES

LONGEST_CODE = 20
LONGEST_OFFER = 400
LONGEST_CREDENTIAL = 20_000
"""Characters of what a device says; an RSA key with its wrapping needs some 3,000."""


class SignInInput(HubSchema):
    """Who signs in."""

    email = Address(required=True)
    password = Password(required=True)
    code = Line(
        LONGEST_CODE, load_default=None, allow_none=True, metadata={"description": "Of the second factor"}
    )


class EnrolForm(HubSchema):
    """A first code, and the secret that the page offered."""

    code = Line(LONGEST_CODE, required=True)
    offer = Line(LONGEST_OFFER, required=True)


class PasskeyForm(HubSchema):
    """How a passkey is called."""

    name = Line(LONGEST_NAME, required=True)


class NewPasskeyForm(PasskeyForm):
    """A new passkey: what the device said (JSON), which the page's script fills in."""

    credential = Line(LONGEST_CREDENTIAL, required=True, is_watched=False)


class PersonOutput(HubSchema):
    """A person, as they see themselves."""

    id = Number()
    name = Line()
    email = Address()
    locale = Choice(LOCALES)
    zone = Choice(ZONES, attribute="iana_zone")
    wants_mail = Flag()


class SignInOutput(HubSchema):
    """A sign-in; the cookie comes beside it."""

    person = Nested(PersonOutput)
    csrf_token = Line(metadata={"description": "Send it as X-CSRF-Token with every change"})
    expires_at = Moment()


class RevokedOutput(HubSchema):
    """How many sign-ins ended."""

    revoked = Number()


class UnitOutput(HubSchema):
    """A facility by its name."""

    id = Number()
    name = Line()


class PostOutput(HubSchema):
    """A post somebody serves in now."""

    id = Number()
    title = Line()
    role = Line()
    is_acting = Flag()
    facility = Nested(UnitOutput)


class RightsOutput(HubSchema):
    """What a person may do, and where."""

    unit_ids = ListOf(Number(), metadata={"description": "Facilities the person serves in"})
    headed_ids = ListOf(Number(), metadata={"description": "Those of them the person heads"})
    region_ids = ListOf(Number(), metadata={"description": "Regional offices whose units they oversee"})
    oversees_all = Flag()
    is_admin = Flag()


class MeOutput(HubSchema):
    """The person who asks."""

    person = Nested(PersonOutput)
    posts = ListOf(Nested(PostOutput))
    may = Nested(RightsOutput)
    csrf_token = Line(allow_none=True)


class PreferencesInput(HubSchema):
    """How a person reads the hub; what is left out stays."""

    locale = Choice(LOCALES)
    zone = Choice(ZONES)
    wants_mail = Flag()


class PreferencesForm(HubSchema):
    """The same as a form: everything is there."""

    locale = Choice(LOCALES, required=True)
    zone = Choice(ZONES, required=True)
    wants_mail = Flag(required=True)


class ForgottenForm(HubSchema):
    """Where a link to a new password goes."""

    email = Address(required=True)


class NewPasswordForm(HubSchema):
    """A new password."""

    password = Password(required=True)


class PasswordForm(HubSchema):
    """A new password for somebody who knows the present one."""

    present_password = Password(required=True)
    password = Password(required=True)


class TokenInput(HubSchema):
    """A token to be made."""

    label = Line(80, required=True)
    days = Number(1, LONGEST_DAYS, load_default=90)
    scopes = Choices(
        list(SCOPES),
        min_length=1,
        load_default=list(LEAST),
        metadata={"description": "What it may be used for; `read` alone if nothing is said"},
    )


class TokenForm(HubSchema):
    """The same as a form."""

    label = Line(80, required=True)
    scopes = Choices(list(SCOPES), min_length=1, required=True)
    days = Number(1, LONGEST_DAYS, required=True)


class TokenOutput(HubSchema):
    """A token without its secret."""

    prefix = Line()
    label = Line()
    scopes = Choices(list(SCOPES))
    created_at = Moment()
    expires_at = Moment()
    last_used_at = Moment(allow_none=True)


class MadeTokenOutput(HubSchema):
    """A new token with its secret, shown once."""

    token = Line()
    prefix = Line()
    label = Line()
    scopes = Choices(list(SCOPES))
    expires_at = Moment()


class TokenListOutput(HubSchema):
    """A person's tokens."""

    items = ListOf(Nested(TokenOutput))
