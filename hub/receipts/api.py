"""Show what an event set in motion."""

from __future__ import annotations

import uuid
from typing import Any

from hub.receipts.queries import receipt
from hub.receipts.schemas import ReceiptSchema
from hub.texts.catalogue import translate
from hub.web.api import api_blueprint
from hub.web.request import locale, session

blp = api_blueprint("receipts")


@blp.route("/events/<uuid:event_id>/receipt", methods=["GET"])
@blp.response(200, ReceiptSchema)
def show_receipt(*, event_id: uuid.UUID) -> dict[str, Any]:
    """Show an event's receipt: whom it told, which tasks and records it made, what waits or failed."""
    shown = receipt(session(), event_id)
    for group, name in (
        ("reactions", "reason"),
        ("told", "mail_reason"),
        ("invited", "mail_reason"),
        ("waiting", "reason"),
    ):
        for row in shown[group]:
            if row[name]:
                row[name] = translate(locale(), row[name])
    return shown
