"""The HTTP server: readers of metrics and board, nothing that decides."""

from exporter.server.app import build_app
from exporter.server.door import door_routes
from exporter.server.serve import Listen, Server

__all__ = ["Listen", "Server", "build_app", "door_routes"]
