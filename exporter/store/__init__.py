"""What is remembered over restarts: one SQLite file, one writer, written off the event loop."""

from exporter.store.directory import InUseError, Owner
from exporter.store.ledger_mirror import Entry
from exporter.store.report_query import StoreUnreadableError, Window, read_window
from exporter.store.startup_state import Remembered
from exporter.store.store import Store

__all__ = [
    "Entry",
    "InUseError",
    "Owner",
    "Remembered",
    "Store",
    "StoreUnreadableError",
    "Window",
    "read_window",
]
