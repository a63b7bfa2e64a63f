"""Imports every models and events module once, so that metadata and catalogue are complete."""

from __future__ import annotations

import hub.accounts.models
import hub.audit.models
import hub.clock
import hub.collaborations.events
import hub.collaborations.models
import hub.facilities.models
import hub.followups.events
import hub.followups.models
import hub.imports.models
import hub.messaging.models
import hub.notifications.models
import hub.partners.models
import hub.staffing.events
import hub.staffing.models
import hub.visits.events
import hub.visits.models  # noqa: F401 -- importing is what this module is for
from hub.db.base import Base
from hub.messaging import catalogue

metadata = Base.metadata
"""Every table of the hub."""
event_types = catalogue.REGISTERED
"""Every event type of the hub, by (name, version)."""
