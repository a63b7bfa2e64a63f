"""The register of personal data: every table that holds some, why, for how long, and what erasing does to it.

One table to read for who asks; ``tests/hub/privacy/test_register.py`` compares it with the models, so that
a new column that can hold a person's data is either marked here or stated to hold none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from hub.texts.catalogue import lazy

if TYPE_CHECKING:
    from collections.abc import Mapping

Erased = Literal["deleted", "replaced", "stays", "office", "sealed"]

ACCOUNT: Final = "account"
HISTORY: Final = "history"
KEPT: Mapping[str, str] = {
    ACCOUNT: lazy("as long as the account"),
    HISTORY: lazy("as long as the record of the offices' cooperation, which is an archive"),
}
"""How long something is kept that no limit of ``hub.privacy.retention`` ends."""
ERASED: Mapping[Erased, str] = {
    "deleted": lazy("deleted"),
    "replaced": lazy("replaced by “a former official”, the post stays"),
    "stays": lazy("stays; it points to an account that has no name any more"),
    "office": lazy("stays: it is the office's, and no account is found by it"),
    "sealed": lazy(
        "stays as it is: the evidence of what was done, sealed, for administrators and auditors only"
    ),
}


@dataclass(frozen=True, slots=True)
class Holding:
    """What one table holds of people.

    ``columns`` are the personal ones; ``person`` are those of them that name the person by id, so that one's
    rows can be found; ``secret`` ones are never shown, not even to the person. ``kept`` is a word of KEPT or
    the name of a limit.
    """

    table: str
    what: str
    purpose: str
    columns: tuple[str, ...]
    kept: str
    erased: Erased
    person: tuple[str, ...] = ()
    secret: tuple[str, ...] = ()

    @property
    def found_by(self) -> str:
        """Return the SQL by which a person's rows are found; empty where nothing names a person."""
        if self.table == "import_rows":
            return (
                "target_id = :person AND EXISTS"
                " (SELECT FROM imports WHERE imports.id = import_id AND kind = 'people')"
            )
        if self.table == "request_keys":
            return "scope = 'person:' || CAST(:person AS text)"
        return " OR ".join(f"{column} = :person" for column in self.person)


HOLDINGS: tuple[Holding, ...] = (
    Holding(
        "people",
        lazy("Account"),
        lazy("to sign in, to be told, and to be named by what one does"),
        (
            *("name", "email", "locale", "iana_zone", "password_hash", "password_asked_at"),
            *("totp_secret", "totp_last_step", "wants_mail", "is_active", "erased_at"),
        ),
        ACCOUNT,
        "replaced",
        person=("id",),
        secret=("password_hash", "totp_secret"),
    ),
    Holding(
        "appointments",
        lazy("Posts served in"),
        lazy("who answered for a post, and when"),
        ("person_id", "during", "is_acting", "letter_no"),
        HISTORY,
        "stays",
        person=("person_id",),
    ),
    Holding(
        "grants",
        lazy("Rights given"),
        lazy("who might oversee, audit or administer, and when"),
        ("person_id", "role", "during"),
        HISTORY,
        "stays",
        person=("person_id",),
    ),
    Holding(
        "absences",
        lazy("Times away"),
        lazy("so that others see who stands in"),
        ("person_id", "days", "deputy_id"),
        "absences",
        "deleted",
        person=("person_id", "deputy_id"),
    ),
    Holding(
        "delegations",
        lazy("Rights to answer on loan"),
        lazy("who could answer for a unit instead of its head, and when"),
        ("person_id", "during", "given_by_id"),
        HISTORY,
        "stays",
        person=("person_id", "given_by_id"),
    ),
    Holding(
        "sign_ins",
        lazy("Sign-ins"),
        lazy("to stay signed in, and to see and end one's sign-ins"),
        ("token_hash", "person_id", "created_at", "last_seen_at", "proven_at", "user_agent"),
        "sign_ins",
        "deleted",
        person=("person_id",),
        secret=("token_hash",),
    ),
    Holding(
        "passkeys",
        lazy("Passkeys"),
        lazy("to sign in by a device of one's own"),
        (
            *("credential_id", "person_id", "public_key", "sign_count", "transports", "name"),
            *("created_at", "last_used_at"),
        ),
        ACCOUNT,
        "deleted",
        person=("person_id",),
        secret=("credential_id", "public_key"),
    ),
    Holding(
        "identities",
        lazy("Account at the identity provider"),
        lazy("to sign in by it"),
        ("person_id", "issuer", "subject", "linked_at", "last_used_at"),
        ACCOUNT,
        "deleted",
        person=("person_id",),
    ),
    Holding(
        "recovery_codes",
        lazy("Recovery codes"),
        lazy("to sign in when the second factor is lost"),
        ("code_hash", "person_id", "used_at"),
        ACCOUNT,
        "deleted",
        person=("person_id",),
        secret=("code_hash",),
    ),
    Holding(
        "api_tokens",
        lazy("Tokens of programs"),
        lazy("so that a program acts as its owner"),
        ("token_hash", "prefix", "person_id", "label", "scopes", "last_used_at"),
        "api_tokens",
        "deleted",
        person=("person_id",),
        secret=("token_hash",),
    ),
    Holding(
        "sign_in_throttles",
        lazy("Failed tries to sign in"),
        lazy("to stop guessing; an account stands there as a hash, an address of the network as itself"),
        ("bucket",),
        "sign_in_throttles",
        "office",
    ),
    Holding(
        "request_keys",
        lazy("Answers to repeated requests"),
        lazy("so that sending the same twice does it once"),
        ("scope", "headers", "body"),
        "request_keys",
        "deleted",
        secret=("key", "fingerprint", "headers", "body"),
    ),
    Holding(
        "notifications",
        lazy("Inbox"),
        lazy("to be told of what concerns one's posts"),
        ("recipient_id", "read_at"),
        ACCOUNT,
        "deleted",
        person=("recipient_id",),
    ),
    Holding(
        "inbox_marks",
        lazy("How far the inbox is read"),
        lazy("to count what is unread"),
        ("person_id", "read_through"),
        ACCOUNT,
        "deleted",
        person=("person_id",),
    ),
    Holding(
        "deliveries",
        lazy("Mails"),
        lazy("to send each mail once, and to know whether it arrived"),
        ("address", "person_id", "reason"),
        "deliveries",
        "replaced",
        person=("person_id",),
    ),
    Holding(
        "invitations",
        lazy("Addresses of invitations"),
        lazy("to invite a unit or a partner that has no account"),
        ("address", "former_address", "opened_at"),
        "invitations",
        "office",
    ),
    Holding(
        "answers",
        lazy("Answers given"),
        lazy("who said yes or no for an office, and why"),
        ("answered_by", "person_id", "reason"),
        HISTORY,
        "replaced",
        person=("person_id",),
    ),
    Holding(
        "collaborations",
        lazy("Collaborations opened"),
        lazy("who began it; its title may name an official"),
        ("opened_by_id", "title"),
        HISTORY,
        "stays",
        person=("opened_by_id",),
    ),
    Holding(
        "tasks",
        lazy("Tasks closed or assigned"),
        lazy("who did what was promised; what is written may name an official"),
        ("assignee_id", "closed_by_id", "title", "closing_note"),
        HISTORY,
        "stays",
        person=("assignee_id", "closed_by_id"),
    ),
    Holding(
        "events",
        lazy("Acts in the hub"),
        lazy("what happened, who caused it and in which post"),
        ("actor_id", "actor_label", "data"),
        HISTORY,
        "replaced",
        person=("actor_id",),
    ),
    Holding(
        "audit",
        lazy("Acts of administration"),
        lazy("to account for what was done to accounts and rights, and from where"),
        ("actor_id", "actor_label", "detail", "origin"),
        HISTORY,
        "sealed",
        person=("actor_id",),
    ),
    Holding(
        "imports",
        lazy("Files brought in"),
        lazy("to see and undo what an import did"),
        ("by_id", "file_name", "header", "sample"),
        "imports",
        "stays",
        person=("by_id",),
    ),
    Holding(
        "facility_merges",
        lazy("Who merged units, and took it back"),
        lazy("to take a merge back, and to know who answers for it"),
        ("by_id", "undone_by_id"),
        HISTORY,
        "stays",
        person=("by_id", "undone_by_id"),
    ),
    Holding(
        "distinct_facilities",
        lazy("Who said that two units are two"),
        lazy("to ask no second time whether two units are one"),
        ("by_id",),
        HISTORY,
        "stays",
        person=("by_id",),
    ),
    Holding(
        "import_parts",
        lazy("The files themselves, until they are applied or called off"),
        lazy("to see and undo what an import did"),
        ("content",),
        "import_parts",
        "office",
    ),
    Holding(
        "import_rows",
        lazy("Lines of imported lists"),
        lazy("to see and undo what an import did"),
        ("cells", "key", "label", "said", "reason_values", "changes", "done"),
        "imports",
        "deleted",
    ),
    Holding(
        "proposals",
        lazy("What proposals say"),
        lazy("free text of an office; it may name an official"),
        ("urgency", "form", "subject", "duration", "letter_no"),
        HISTORY,
        "office",
    ),
    Holding(
        "arrangements",
        lazy("Places of visits"),
        lazy("free text of an office; it may name an official"),
        ("place",),
        HISTORY,
        "office",
    ),
    Holding(
        "agenda_items",
        lazy("Points of agendas"),
        lazy("free text of an office; it may name an official"),
        ("title",),
        HISTORY,
        "office",
    ),
    Holding(
        "outcomes",
        lazy("Outcomes of visits"),
        lazy("free text of an office; it may name an official"),
        ("seen", "will_try"),
        HISTORY,
        "office",
    ),
    Holding(
        "commitments",
        lazy("Commitments"),
        lazy("free text of an office; it may name an official"),
        ("text",),
        HISTORY,
        "office",
    ),
    Holding(
        "posts",
        lazy("Mailboxes of posts"),
        lazy("to reach a post in which nobody with an account serves"),
        ("mailbox",),
        HISTORY,
        "office",
    ),
)
"""Every table with personal data."""

IMPERSONAL: Mapping[str, tuple[str, ...]] = {
    "of an office, and public": (
        *("facilities.name", "facilities.name_key", "facilities.search_text", "facilities.mailbox"),
        *("facilities.area_text", "facilities.name_words", "facilities.words", "facility_words.word"),
        *("facilities.kind", "facilities.speciality", "facilities.class", "facilities.city"),
        *("facilities.regency_code", "facilities.province", "facilities.iana_zone", "facilities.status"),
        "facility_merges.status_before",
        *("facility_names.name", "facility_names.search_key", "facility_names.kind"),
        *("posts.title", "posts.role", "collaborations.ref"),
    ),
    "a word or code out of a list": (
        *(
            "agenda_items.theme",
            "answers.verdict",
            "answers.door",
            "arrangements.iana_zone",
            "audit.actor_kind",
        ),
        *(
            "audit.action",
            "collaborations.kind",
            "collaborations.themes",
            "facilities.themes",
            "deliveries.kind",
            "deliveries.state",
        ),
        *("imports.kind", "imports.state", "import_rows.verdict", "import_rows.outcome"),
        *("deliveries.channel", "events.type", "events.actor_kind", "outcomes.theme", "parties.role"),
        *("partner_records.themes", "proposals.state", "reactions.consumer", "reactions.state"),
        *(
            "reminders.kind",
            "reminders.state",
            "reminders.reason",
            "tasks.state",
            "tasks.source",
            "visits.state",
        ),
        "heartbeats.process",
    ),
    "names a row, and no person by name": (
        "facility_merges.name_ids",
        *("audit.subject", "events.subject", "deliveries.occurrence", "request_keys.key", "tasks.source_key"),
        "collaborations.reader_ids",
    ),
    "counts and hashes of the hub's own": (
        *("imports.digest", "imports.columns", "imports.reason", "imports.reason_values"),
        *("import_rows.reason",),
        *("audit_seals.key_id", "audit_seals.seal", "reactions.summary", "reactions.reason"),
        *("request_keys.fingerprint", "used_challenges.challenge_hash"),
    ),
}
"""Columns that could hold a person's data by their type, and why they do not."""
