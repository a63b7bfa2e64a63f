"""Who may operate the hub: its administrators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.web.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Mapping

POLICIES: Mapping[str, Policy] = {
    "console.show_operations": Policy("admin"),
    "console.replay_parked": Policy("admin", scope="operations:write"),
    "console_pages.show_operations": Policy("admin"),
    "console_pages.confirm_replay": Policy("admin"),
    "console_pages.replay_parked": Policy("admin"),
    "console_pages.resend_mail": Policy("admin"),
    "console_pages.show_log": Policy("admin"),
    "audit_pages.show_audit": Policy("auditor"),
    # Whoever shows the scraper's token; it must answer while the database is away, so it is bare.
    "metrics.show_metrics": Policy("anyone", is_bare=True),
}
