"""The HTTP server: readers of metrics and board, nothing that decides."""

from exporter.server.app import build_app
from exporter.server.door import door_routes
from exporter.server.page_notices import notices
from exporter.server.page_sources import Notice, Sources
from exporter.server.report import report_routes
from exporter.server.serve import Listen, Server

__all__ = ["Listen", "Notice", "Server", "Sources", "build_app", "door_routes", "notices", "report_routes"]
