"""People, the posts they serve in, and the proofs of who they are.

Promises belong to posts, so that a rotation orphans nothing. "Staf" is a pool, not a seat: it
cannot be accountable.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from hub.db.base import Base, CreatedAt, Identifier, Moment, Words

POST_ROLES = ("head", "section", "pool", "contact")
"""The head of a unit, the head of a section, a pool of staff, a partner's contact."""
GRANT_ROLES = ("overseer", "auditor", "admin")


class Person(Base):
    """Somebody who signs in."""

    __tablename__ = "people"
    __table_args__ = (
        Index("uq_people_email", func.lower(text("email")), unique=True),
        CheckConstraint("locale IN ('id', 'en')", name="locale"),
    )

    id: Mapped[Identifier]
    name: Mapped[str]
    email: Mapped[str]
    locale: Mapped[str] = mapped_column(server_default="id")
    #: The zone in which the person reads times; a facility has its own.
    iana_zone: Mapped[str] = mapped_column(server_default="Asia/Jakarta")
    password_hash: Mapped[str | None]
    #: Counted at every link to a new password, and at its use: links of an older count have ended.
    password_generation: Mapped[int] = mapped_column(Integer, server_default="0")
    #: When the newest such link was asked for; none once it was used.
    password_asked_at: Mapped[dt.datetime | None]
    #: The secret of the app that makes codes, sealed (``hub.accounts.vault``); none: no second factor.
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: The step of the last code that was used: neither it nor an earlier one counts again.
    totp_last_step: Mapped[int | None]
    #: Whether notifications also go out by mail.
    wants_mail: Mapped[bool] = mapped_column(server_default="true")
    is_active: Mapped[bool] = mapped_column(server_default="true")
    #: When name and address were taken away for good (``hub.privacy``); the row stays for what points to it.
    erased_at: Mapped[dt.datetime | None]
    created_at: Mapped[CreatedAt]


class Post(Base):
    """A seat in a facility: Kalapas, Kasi Binadik, or the pool "Staf"."""

    __tablename__ = "posts"
    __table_args__ = (
        CheckConstraint(f"role IN {POST_ROLES}", name="role"),
        CheckConstraint("is_pool = (role = 'pool')", name="pool_is_a_role"),
        Index("uq_posts_facility_id_title", "facility_id", "title", unique=True),
        Index("uq_posts_head", "facility_id", unique=True, postgresql_where=text("role = 'head'")),
    )

    id: Mapped[Identifier]
    facility_id: Mapped[int] = mapped_column(ForeignKey("facilities.id"))
    title: Mapped[str]
    role: Mapped[str]
    is_pool: Mapped[bool] = mapped_column(server_default="false")
    #: Reaches the post when nobody with an account serves in it.
    mailbox: Mapped[str | None]
    reports_to_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"))


class Appointment(Base):
    """A person serves in a post for a time; an acting one (Plh.) stands beside the holder."""

    __tablename__ = "appointments"
    __table_args__ = (
        ExcludeConstraint(
            ("post_id", "="),
            ("during", "&&"),
            name="one_holder_at_a_time",
            where=text("NOT is_acting AND NOT is_in_pool"),
            using="gist",
        ),
        Index("ix_appointments_person_id", "person_id"),
        Index("ix_appointments_post_id", "post_id"),
    )

    id: Mapped[Identifier]
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    during: Mapped[Range[dt.datetime]] = mapped_column(TSTZRANGE, server_default=text("'(,)'"))
    is_acting: Mapped[bool] = mapped_column(server_default="false")
    #: Copied from the post when the appointment is made: an EXCLUDE cannot look into another table.
    is_in_pool: Mapped[bool] = mapped_column(server_default="false")
    letter_no: Mapped[str | None]


class Grant(Base):
    """A right that does not come from a post: to oversee, to audit, to administer."""

    __tablename__ = "grants"
    __table_args__ = (
        CheckConstraint(f"role IN {GRANT_ROLES}", name="role"),
        CheckConstraint("role <> 'admin' OR scope_facility_id IS NULL", name="admin_has_no_scope"),
        Index("ix_grants_person_id", "person_id"),
        Index("ix_grants_scope_facility_id", "scope_facility_id"),
    )

    id: Mapped[Identifier]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    role: Mapped[str]
    #: A regional office, or none: the whole country.
    scope_facility_id: Mapped[int | None] = mapped_column(ForeignKey("facilities.id"))
    during: Mapped[Range[dt.datetime]] = mapped_column(TSTZRANGE, server_default=text("'(,)'"))


class SignIn(Base):
    """One signed-in browser. The cookie's token is stored as its SHA-256 only."""

    __tablename__ = "sign_ins"
    __table_args__ = (Index("ix_sign_ins_person_id", "person_id"),)

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[CreatedAt]
    last_seen_at: Mapped[CreatedAt]
    expires_at: Mapped[Moment]
    revoked_at: Mapped[dt.datetime | None]
    user_agent: Mapped[str | None]
    #: The password was right and the second factor is not shown yet: it opens nothing.
    is_pending: Mapped[bool] = mapped_column(server_default="false")
    #: When its owner last proved who they are: at the sign-in, or again before a dangerous act.
    proven_at: Mapped[CreatedAt]


class RecoveryCode(Base):
    """A code on paper that stands for the app once; stored as its SHA-256 with the person's number."""

    __tablename__ = "recovery_codes"
    __table_args__ = (Index("ix_recovery_codes_person_id", "person_id"),)

    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    used_at: Mapped[dt.datetime | None]


class Passkey(Base):
    """A key pair of somebody's phone, computer or security key, of which only the public half is here."""

    __tablename__ = "passkeys"
    __table_args__ = (Index("ix_passkeys_person_id", "person_id"),)

    id: Mapped[Identifier]
    #: By which the device finds its half again; it chose it at random.
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    #: COSE_Key, as the device gave it.
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    #: How often the device says it has signed; 0 for one that does not count (synchronised ones).
    sign_count: Mapped[int]
    #: How a browser reaches the device: "internal", "usb", "hybrid" …
    transports: Mapped[Words]
    name: Mapped[str]
    created_at: Mapped[CreatedAt]
    last_used_at: Mapped[dt.datetime | None]


class Identity(Base):
    """A person's account at the identity provider: it signs them in."""

    __tablename__ = "identities"
    __table_args__ = (
        UniqueConstraint("issuer", "subject"),
        UniqueConstraint("person_id", "issuer"),
    )

    id: Mapped[Identifier]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    #: Issuer and subject together are who it is; an address is not (OpenID Connect Core 1.0, 5.7).
    issuer: Mapped[str]
    subject: Mapped[str]
    linked_at: Mapped[CreatedAt]
    last_used_at: Mapped[dt.datetime | None]


class UsedChallenge(Base):
    """A challenge that was answered, rightly or not: it is good for no second answer."""

    __tablename__ = "used_challenges"

    challenge_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    used_at: Mapped[CreatedAt]


class SignInThrottle(Base):
    """Failed tries by account or by address; in the database, so that no restart forgets them."""

    __tablename__ = "sign_in_throttles"

    #: ``account:<sha256>`` or ``address:<ip>``: a name that does not exist is throttled alike.
    bucket: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int] = mapped_column(server_default="0")
    first_failed_at: Mapped[CreatedAt]
    blocked_until: Mapped[dt.datetime | None]


class ApiToken(Base):
    """A token for a program that acts as a person; stored as its SHA-256, shown once."""

    __tablename__ = "api_tokens"
    __table_args__ = (
        CheckConstraint("cardinality(scopes) BETWEEN 1 AND 40", name="scopes"),
        Index("ix_api_tokens_person_id", "person_id"),
    )

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    #: The first characters, by which its owner recognises it.
    prefix: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    label: Mapped[str]
    #: What it may be used for (``hub.web.scopes``).
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{read}")
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[Moment]
    revoked_at: Mapped[dt.datetime | None]
    #: Noted at most once a minute.
    last_used_at: Mapped[dt.datetime | None]
