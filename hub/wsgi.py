"""Where gunicorn finds the application: ``hub.wsgi:app``."""

from __future__ import annotations

from config.logs import configure_logs
from config.metrics import open_figures
from config.settings import Settings
from hub.factory import create_app

settings = Settings.from_env()
configure_logs(settings, "web")
open_figures(settings, "web")
app = create_app(settings)
