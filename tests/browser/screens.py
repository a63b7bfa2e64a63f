"""Every page of the hub in every state worth a look: who opens it, where, and what they do first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from playwright.sync_api import expect
from sqlalchemy import select

from hub.accounts.commands.people import create_person
from hub.accounts.commands.tokens import create_token
from hub.accounts.models import ApiToken, Appointment, Person
from hub.actor import system_actor
from hub.facilities.merging import merge
from hub.facilities.models import Facility
from tests.browser.importing import import_at
from tests.browser.threads import NAMED
from tests.support.cast import add_unit

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.threads import Furniture
    from tests.browser.town import Town
    from tests.support.browser import Window

    Where = Callable[[Town, Furniture], str]
    Act = Callable[[Window], None]


LEFT = "tarmuji.wiryo@example.id"
"""The address of somebody who has left."""
TWICE = ("Lapas Kelas IIB Nabire", "Lapas Nabire Kelas II B")
"""A unit that was entered twice."""


@dataclass(frozen=True, slots=True)
class Screen:
    """One page in one state; ``who`` is an attribute of the cast, '' for nobody."""

    name: str
    who: str
    where: Where
    act: Act | None = None
    """What is done on the page before it is looked at."""

    def __str__(self) -> str:
        """Return the name of its pictures."""
        return self.name


def at(path: str) -> Where:
    """Return a place that needs nothing looked up."""
    return lambda _town, _furniture: path


def collaboration(which: str) -> Where:
    """Return the page of a piece of the furniture."""
    return lambda _town, all_of: f"/collaborations/{getattr(all_of, which).collaboration_id}"


def visit(which: str, rest: str = "") -> Where:
    """Return the page of a visit."""
    return lambda _town, all_of: f"/visits/{getattr(all_of, which).visit_id}{rest}"


def task(which: str, rest: str = "") -> Where:
    """Return the page of a task."""
    return lambda _town, all_of: f"/tasks/{getattr(all_of, which)}{rest}"


def invitation(which: str) -> Where:
    """Return the link that the host was mailed."""
    return lambda town, all_of: town.invitation_about(getattr(all_of, which).title)


def receipt(which: str) -> Where:
    """Return the receipt of the last event of a collaboration's own."""
    return lambda _town, all_of: f"/events/{getattr(all_of, which).event_id}"


def partner(town: Town, furniture: Furniture) -> str:
    """Return the guest's record of its partner."""
    del furniture
    return f"/partners/{town.cast.guest.id}/{town.cast.host.id}"


def facility(town: Town, furniture: Furniture) -> str:
    """Return the host's profile."""
    del furniture
    return f"/facilities/{town.cast.host.id}"


def describing(town: Town, furniture: Furniture) -> str:
    """Return the page on which the host says what it is good at."""
    return f"{facility(town, furniture)}/describe"


def merging(town: Town, furniture: Furniture) -> str:
    """Return the page that lays the host beside the unit it shall become."""
    return f"{facility(town, furniture)}/merge?into={town.cast.elsewhere.id}"


def taking_apart(town: Town, furniture: Furniture) -> str:
    """Return the page on which a merge of two units that nobody else looks at is taken back."""
    del furniture
    with town.owner.transaction() as session:
        merged = session.scalars(select(Facility.id).where(Facility.name == TWICE[0])).one_or_none()
        if merged is None:
            one, other = (add_unit(session, name, "lapas", zone="Asia/Jayapura") for name in TWICE)
            merge(session, actor=town.cast.admin.actor(), facility_id=one.id, into_id=other.id)
            merged = one.id
    return f"/facilities/{merged}/unmerge"


def post(name: str, act: str) -> Where:
    """Return a page of the post that somebody of the cast serves in."""
    return lambda town, _furniture: f"/posts/{getattr(town.cast, name).post_id}/{act}"


def posts(which: str, rest: str = "") -> Where:
    """Return the page of who serves in a unit of the cast."""
    return lambda town, _furniture: f"/facilities/{getattr(town.cast, which).id}/posts{rest}"


def delegations(town: Town, furniture: Furniture) -> str:
    """Return the page on which the host's head lends the right to answer."""
    del furniture
    return f"/facilities/{town.cast.host.id}/delegations"


def service(name: str) -> Where:
    """Return the page on which somebody's service ends."""

    def where(town: Town, furniture: Furniture) -> str:
        del furniture
        with town.owner.transaction() as session:
            query = select(Appointment.id).where(Appointment.person_id == getattr(town.cast, name).id)
            return f"/services/{session.scalars(query).first()}/end"

    return where


def erasing_somebody_who_serves(town: Town, furniture: Furniture) -> str:
    """Return the page on which somebody would be erased who still holds a post."""
    del furniture
    return f"/people/{town.cast.host_head.id}/erase"


def erasing_somebody_who_left(town: Town, furniture: Furniture) -> str:
    """Return the page on which somebody is erased who serves nowhere."""
    del furniture
    with town.owner.transaction() as session:
        found = session.scalars(select(Person.id).where(Person.email == LEFT)).one_or_none()
        operator = system_actor("test")
        person_id = found or create_person(session, actor=operator, name="Tarmuji Wiryo", email=LEFT).id
    return f"/people/{person_id}/erase"


def token(town: Town, furniture: Furniture) -> str:
    """Return the page on which a token of the guest's head is revoked."""
    del furniture
    with town.owner.transaction() as session:
        own = town.cast.guest_head.id
        known = session.scalars(select(ApiToken.prefix).where(ApiToken.person_id == own)).first()
        operator = system_actor("test")
        made = (
            known or create_token(session, actor=operator, person_id=own, label="Laporan", days=7).row.prefix
        )
    return f"/me/tokens/{made}"


def proposal(which: str, rest: str) -> Where:
    """Return a page of a proposal."""
    return lambda _town, all_of: f"/proposals/{getattr(all_of, which).proposal_id}{rest}"


def asked(rest: str) -> Where:
    """Return a page of the open invitation for who is signed in."""

    def where(town: Town, furniture: Furniture) -> str:
        seen = town.person(town.cast.host_head).get(f"/visits/{furniture.open.visit_id}").body
        return f"/invitations/{seen['invitations'][0]['id']}{rest}"

    return where


def send_empty(window: Window) -> None:
    """Send the page's main form without typing anything, past what the browser itself demands."""
    form = window.page.locator("main form[method=post]").filter(visible=True).last
    form.evaluate("form => { form.noValidate = true; }")
    form.locator("button[type=submit]").last.click()
    expect(window.page.locator("[role=alert]").first).to_be_visible()


def sign_in_with_nothing(window: Window) -> None:
    """Send an empty address and password; the form below is for passkeys."""
    form = window.page.locator("main form[action='/sign-in']")
    form.evaluate("form => { form.noValidate = true; }")
    form.locator("button[type=submit]").click()
    expect(window.page.locator("#errors")).to_be_visible()


def type_a_name(window: Window) -> None:
    """Close the first task with a note that seems to tell who is in custody."""
    # The other language leads away from a page that was the answer to a form.
    window.page.goto(urljoin(window.page.url, "/tasks"))
    window.page.locator("main a[href^='/tasks/']").first.click()
    window.page.locator("#note").fill(NAMED)
    window.page.locator("main form[method=post] button[type=submit]").last.click()
    expect(window.page.locator("#note-suspected")).to_be_visible()


def decline_with_a_name(window: Window) -> None:
    """Decline the invitation for a reason that seems to tell who is in custody."""
    answer = window.page.locator("details.answer.declined")
    if answer.get_attribute("open") is None:
        answer.locator("summary").click()
    for name, words in (("reason", NAMED), ("name", "Suharyanto"), ("post", "Kalapas")):
        answer.locator(f"#declined-{name}").fill(words)
    answer.locator("button[type=submit]").click()
    expect(window.page.locator("#declined-reason-suspected")).to_be_visible()


SCREENS: tuple[Screen, ...] = (
    Screen("landing", "", at("/")),
    Screen("nothing-here", "", at("/there-is-no-such-page")),
    Screen("invitation", "", invitation("open")),
    Screen("invitation-errors", "", invitation("open"), send_empty),
    Screen("invitation-accepted", "", invitation("scheduled")),
    Screen("invitation-countered", "", invitation("countered")),
    Screen("invitation-declined", "", invitation("declined")),
    Screen("invitation-suspected", "", invitation("open"), decline_with_a_name),
    Screen("sign-in", "", at("/sign-in")),
    Screen("sign-in-errors", "", at("/sign-in"), sign_in_with_nothing),
    Screen("password-forgotten", "", at("/password/forgotten")),
    Screen("me", "guest_head", at("/me")),
    Screen("second-factor", "guest_staff", at("/me/second-factor")),
    Screen("second-factor-errors", "guest_staff", at("/me/second-factor"), send_empty),
    Screen("second-factor-new-phone", "guest_staff", at("/me/second-factor/app")),
    Screen("passkey-new", "guest_head", at("/me/passkeys/new")),
    Screen("password", "guest_head", at("/me/password")),
    Screen("password-errors", "guest_service", at("/me/password"), send_empty),
    Screen("proof", "guest_head", at("/me/proof?next=/me/password")),
    Screen("me-data", "guest_head", at("/me/data")),
    Screen("people-to-erase", "admin", at("/privacy/people?q=example")),
    Screen("people-to-erase-none", "admin", at("/privacy/people?q=zzzzzz")),
    Screen("erase", "admin", erasing_somebody_who_left),
    Screen("erase-refused", "admin", erasing_somebody_who_serves),
    Screen("home-guest", "guest_head", at("/home")),
    Screen("home-host", "host_head", at("/home")),
    Screen("home-staff", "guest_assets", at("/home")),
    Screen("home-overseer", "overseer", at("/home")),
    Screen("home-admin", "admin", at("/home")),
    Screen("home-empty", "stranger", at("/home")),
    Screen("facilities", "guest_head", at("/facilities?q=lapas")),
    Screen("facilities-empty", "guest_head", at("/facilities?q=zzzzzz")),
    Screen("facility", "guest_head", facility),
    Screen("facility-own", "host_head", facility),
    Screen("facility-describe", "host_head", describing),
    Screen(
        "facility-merge-search", "admin", lambda town, _: f"/facilities/{town.cast.host.id}/merge?q=rutan"
    ),
    Screen("facility-merge", "admin", merging),
    Screen("facility-merge-undo", "admin", taking_apart),
    Screen("facility-duplicates", "admin", at("/facilities/duplicates")),
    Screen("posts", "host_head", posts("host")),
    Screen("posts-overseen", "overseer", posts("guest")),
    Screen("posts-empty", "admin", posts("region")),
    Screen("post-new", "host_head", posts("host", "/new")),
    Screen("post-hand-over", "host_head", post("host_work", "hand-over")),
    Screen("post-hand-over-errors", "host_head", post("host_work", "hand-over"), send_empty),
    Screen("post-stand-in", "host_head", post("host_head", "stand-in")),
    Screen("post-join", "guest_head", post("guest_staff", "join")),
    Screen("service-end", "host_head", service("host_training")),
    Screen("post-takeover", "guest_head", post("guest_head", "takeover")),
    Screen("delegations", "host_head", delegations),
    Screen("delegations-errors", "host_head", delegations, send_empty),
    Screen("absences", "guest_head", at("/me/absences")),
    Screen("absences-errors", "guest_service", at("/me/absences"), send_empty),
    Screen("proposal-new", "guest_head", at("/proposals/new")),
    Screen("proposal-new-errors", "guest_head", at("/proposals/new"), send_empty),
    Screen("proposal-edit", "guest_head", proposal("draft", "/edit")),
    Screen("proposal-edit-suspected", "guest_head", proposal("named_draft", "/edit")),
    Screen("proposal-submit-suspected", "guest_head", proposal("named_draft", "/submit")),
    Screen("collaborations", "guest_head", at("/collaborations")),
    Screen("collaborations-empty", "stranger", at("/collaborations")),
    Screen("collaboration-draft", "guest_head", collaboration("draft")),
    Screen("collaboration-open", "host_head", collaboration("open")),
    Screen("collaboration-countered", "guest_head", collaboration("countered")),
    Screen("collaboration-declined", "guest_head", collaboration("declined")),
    Screen("collaboration-scheduled", "guest_head", collaboration("scheduled")),
    Screen("collaboration-held", "guest_head", collaboration("held")),
    Screen("collaboration-concluded", "overseer", collaboration("concluded")),
    Screen("visit-open", "host_head", visit("open")),
    Screen("visit-scheduled", "guest_head", visit("scheduled")),
    Screen("visit-concluded", "host_head", visit("concluded")),
    Screen("outcome-empty", "guest_service", visit("agreed", "/outcome")),
    Screen("outcome", "guest_service", visit("held", "/outcome")),
    Screen("publish-preview", "guest_head", visit("held", "/outcome/publish")),
    Screen("outcome-suspected", "guest_service", visit("named", "/outcome")),
    Screen("publish-preview-suspected", "guest_head", visit("named", "/outcome/publish")),
    Screen("receipt", "guest_head", receipt("concluded")),
    Screen("tasks", "guest_head", at("/tasks")),
    Screen("tasks-empty", "stranger", at("/tasks")),
    Screen("task-late", "guest_assets", task("late_task")),
    Screen("task-open", "host_work", task("open_task")),
    Screen("task-return", "guest_assets", task("late_task", "/return")),
    Screen("task-return-errors", "guest_assets", task("late_task", "/return"), send_empty),
    Screen("task-suspected", "host_work", at("/tasks"), type_a_name),
    Screen("task-closed", "guest_head", task("closed_task")),
    Screen("tokens", "guest_head", at("/me/tokens")),
    Screen("token", "guest_head", token),
    Screen("partners", "guest_head", at("/partners")),
    Screen("partners-empty", "stranger", at("/partners")),
    Screen("partner", "guest_head", partner),
    Screen("inbox", "guest_head", at("/inbox")),
    Screen("inbox-empty", "stranger", at("/inbox")),
    Screen("operations", "admin", at("/operations")),
    Screen("operations-replay", "admin", at("/operations/replay?consumer=notify")),
    Screen("operations-log", "admin", at("/operations/events")),
    Screen("operations-audit", "admin", at("/operations/audit")),
    Screen("operations-audit-empty", "admin", at("/operations/audit?who=zzzzz")),
    Screen("receipt-parked", "admin", receipt("declined")),
    Screen("proposal-submit", "guest_head", proposal("draft", "/submit")),
    Screen("proposal-withdraw", "guest_head", proposal("open", "/withdraw")),
    Screen("answer", "host_head", asked("/answer")),
    Screen("invitation-renew", "guest_head", asked("/renew")),
    Screen("arrangement-new", "guest_head", visit("scheduled", "/arrangements/new")),
    Screen("collaboration-long", "long_head", collaboration("long")),
    Screen("home-long", "long_head", at("/home")),
    Screen("imports", "host_head", at("/imports")),
    Screen("import-new", "host_head", at("/imports/new")),
    Screen("import-read", "host_head", import_at("read")),
    Screen("import-comparing", "host_head", import_at("comparing", "?still=true")),
    Screen("import-previewed", "host_head", import_at("previewed")),
    Screen("import-refused", "host_head", import_at("previewed", "?verdict=rejected")),
    Screen("import-columns", "host_head", import_at("previewed", "/columns")),
    Screen("import-confirm", "host_head", import_at("previewed", "/confirm")),
    Screen("import-applied", "host_head", import_at("applied")),
    Screen("import-undo", "host_head", import_at("applied", "/undo")),
)
