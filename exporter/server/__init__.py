"""The HTTP server: readers of metrics and board, nothing that decides."""

from exporter.server.actions.routes import door_routes
from exporter.server.api.report import report_routes
from exporter.server.app import build_app
from exporter.server.pages.notices import notices
from exporter.server.serve import Listen, Server
from exporter.server.sources import Notice, Sources

__all__ = ["Listen", "Notice", "Server", "Sources", "build_app", "door_routes", "notices", "report_routes"]
