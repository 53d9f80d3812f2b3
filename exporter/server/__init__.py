"""The HTTP server: readers of metrics and board, nothing that decides."""

from exporter.server.app import build_app
from exporter.server.listen import Listen, parse_listen
from exporter.server.serve import Server

__all__ = ["Listen", "Server", "build_app", "parse_listen"]
