"""What is remembered over restarts: one SQLite file, one writer, written off the event loop."""

from exporter.store.directory import InUseError, Owner
from exporter.store.reading import StoredRun, StoreUnreadableError, read_runs, runs
from exporter.store.remembered import Entry, Remembered
from exporter.store.store import Store

__all__ = [
    "Entry",
    "InUseError",
    "Owner",
    "Remembered",
    "Store",
    "StoreUnreadableError",
    "StoredRun",
    "read_runs",
    "runs",
]
