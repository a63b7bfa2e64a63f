"""The web application on a test's own database, without putting it together anew each time.

Its hundred routes and their description take a tenth of a second, which a thousand tests would pay.
"""

from __future__ import annotations

import copy
from functools import cache
from typing import TYPE_CHECKING

from hub.factory import create_app
from hub.texts.links import LinkKeys

if TYPE_CHECKING:
    from config.settings import Settings
    from hub.web.application import HubFlask

_first: dict[str, Settings] = {}


@cache
def _assembled() -> HubFlask:
    return create_app(_first["settings"])


def application_on(settings: Settings) -> HubFlask:
    """Return an application with these settings and a database of its own, made when first asked for."""
    _first.setdefault("settings", settings)
    application = copy.copy(_assembled())
    application.config = copy.copy(application.config)
    application.__dict__.pop("database", None)
    application.settings = settings
    application.link_keys = LinkKeys(settings.secret_keys)
    return application
