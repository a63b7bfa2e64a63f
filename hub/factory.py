"""Put the web application together: the only place that knows every blueprint and every policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from sqlalchemy import exc as sql

import hub.accounts.api
import hub.accounts.pages
import hub.accounts.passkey_pages
import hub.accounts.policy
import hub.accounts.proof_pages
import hub.accounts.provider_pages
import hub.accounts.second_factor_pages
import hub.accounts.token_pages
import hub.collaborations.api
import hub.collaborations.policy
import hub.console.api
import hub.console.audit_pages
import hub.console.metrics
import hub.console.pages
import hub.console.policy
import hub.facilities.api
import hub.facilities.pages
import hub.facilities.policy
import hub.followups.api
import hub.followups.pages
import hub.followups.policy
import hub.home.pages.collaborations
import hub.home.pages.duplicates
import hub.home.pages.home
import hub.home.pages.merging
import hub.home.pages.units
import hub.home.policy
import hub.imports.pages
import hub.imports.policy
import hub.notifications.api
import hub.notifications.pages
import hub.notifications.policy
import hub.partners.api
import hub.partners.pages
import hub.partners.policy
import hub.privacy.pages
import hub.privacy.policy
import hub.receipts.api
import hub.receipts.pages
import hub.receipts.policy
import hub.receipts.publishing
import hub.staffing.pages.away
import hub.staffing.pages.lending
import hub.staffing.pages.roster
import hub.staffing.pages.takeover
import hub.staffing.policy
import hub.visits.api.invitations
import hub.visits.api.proposals
import hub.visits.api.threads
import hub.visits.api.visits
import hub.visits.pages.answers
import hub.visits.pages.invitation
import hub.visits.pages.outcome
import hub.visits.pages.proposals
import hub.visits.pages.visits
import hub.visits.policy
import hub.web.site
from config.without_tls import GIVEN_UP, WAY_OUT
from hub.accounts.identity import identify
from hub.db.transaction import Database
from hub.notifications.surroundings import surroundings
from hub.web.api import describe_scopes, make_api
from hub.web.application import HubFlask
from hub.web.policy import demand_policies, joined

if TYPE_CHECKING:
    from config.settings import Settings

APIS = (
    # One line per capability with an API.
    hub.accounts.api.blp,
    hub.facilities.api.blp,
    hub.collaborations.api.blp,
    hub.visits.api.threads.blp,
    hub.visits.api.proposals.blp,
    hub.visits.api.invitations.blp,
    hub.visits.api.visits.blp,
    hub.partners.api.blp,
    hub.followups.api.blp,
    hub.notifications.api.blp,
    hub.receipts.api.blp,
    hub.console.api.blp,
)
PAGES = (
    # One line per capability with pages.
    hub.web.site.blp,
    hub.accounts.pages.blp,
    hub.accounts.second_factor_pages.blp,
    hub.accounts.token_pages.blp,
    hub.accounts.passkey_pages.blp,
    hub.accounts.provider_pages.blp,
    hub.accounts.proof_pages.blp,
    hub.home.pages.home.blp,
    hub.home.pages.units.blp,
    hub.home.pages.merging.blp,
    hub.home.pages.duplicates.blp,
    hub.home.pages.collaborations.blp,
    hub.facilities.pages.blp,
    hub.visits.pages.invitation.blp,
    hub.visits.pages.proposals.blp,
    hub.visits.pages.answers.blp,
    hub.visits.pages.visits.blp,
    hub.followups.pages.blp,
    hub.partners.pages.blp,
    hub.notifications.pages.blp,
    hub.console.pages.blp,
    hub.console.audit_pages.blp,
    hub.console.metrics.blp,
    hub.visits.pages.outcome.blp,
    hub.receipts.pages.blp,
    hub.receipts.publishing.blp,
    hub.privacy.pages.blp,
    hub.staffing.pages.roster.blp,
    hub.staffing.pages.away.blp,
    hub.staffing.pages.lending.blp,
    hub.staffing.pages.takeover.blp,
    hub.imports.pages.blp,
)
POLICIES = joined(
    # One line per capability with routes.
    hub.web.site.POLICIES,
    hub.accounts.policy.POLICIES,
    hub.facilities.policy.POLICIES,
    hub.collaborations.policy.POLICIES,
    hub.visits.policy.POLICIES,
    hub.partners.policy.POLICIES,
    hub.followups.policy.POLICIES,
    hub.notifications.policy.POLICIES,
    hub.receipts.policy.POLICIES,
    hub.home.policy.POLICIES,
    hub.console.policy.POLICIES,
    hub.privacy.policy.POLICIES,
    hub.staffing.policy.POLICIES,
    hub.imports.policy.POLICIES,
)

log = structlog.get_logger(__name__)


def create_app(settings: Settings) -> HubFlask:
    """Return the web application.

    Raises PolicyGapError where routes and policies do not match, and Conflict where the hub's clock is
    off in production. An unreachable database stops no start: requests are answered 503 until it is back,
    and then the clock is asked for.
    """
    app = HubFlask(settings, POLICIES, identify, surroundings)
    api = make_api(app)
    for blueprint in APIS:
        api.register_blueprint(blueprint)
    for page in PAGES:
        app.register_blueprint(page)
    demand_policies(app, POLICIES)
    describe_scopes(app, api, POLICIES)
    _demand_true_time(app)
    if settings.is_without_tls:
        log.warning("start.without_tls", given_up=GIVEN_UP, way_out=WAY_OUT)
    return app


def _demand_true_time(app: HubFlask) -> None:
    """Ask on a connection of its own: the application's are opened after gunicorn's fork."""
    database = Database.connect(app.settings, "app", pool_size=1, overflow=0)
    try:
        with database.transaction() as session:
            app.demand_true_time(session)
    except sql.OperationalError as error:
        log.warning("start.database_unreachable", error=type(error).__name__)
    finally:
        database.dispose()
