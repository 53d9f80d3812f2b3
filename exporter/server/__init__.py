"""The HTTP server: readers of metrics and board, nothing that decides."""

from exporter.server.actions.routes import make_action_routes
from exporter.server.api.answers import make_report_routes
from exporter.server.app import build_app
from exporter.server.serve import Listen, Server
from exporter.server.sources import Notice, PageSources, list_notices

__all__ = [
    "Listen",
    "Notice",
    "PageSources",
    "Server",
    "build_app",
    "list_notices",
    "make_action_routes",
    "make_report_routes",
]
