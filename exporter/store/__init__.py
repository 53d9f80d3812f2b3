"""What is remembered over restarts: one SQLite file, one writer, written off the event loop."""

from exporter.store.damage import StoreUnreadableError
from exporter.store.directory import InUseError, Owner
from exporter.store.ledger_mirror import Entry
from exporter.store.report_query import Window, read_window
from exporter.store.startup_state import StartupState
from exporter.store.store import Store

__all__ = [
    "Entry",
    "InUseError",
    "Owner",
    "StartupState",
    "Store",
    "StoreUnreadableError",
    "Window",
    "read_window",
]
