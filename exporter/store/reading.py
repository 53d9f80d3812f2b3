"""The outcomes of a window, read beside the one who writes."""

import contextlib
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from exporter.store.directory import DATABASE


@dataclass(frozen=True, slots=True)
class StoredRun:
    """One run: Unix seconds, the words of its check, seconds (None where a run has none), tokens, nano-dollars."""

    at: float
    provider: str
    model: str
    probe: str
    alias: str
    reason: str
    latency: float | None
    first_token: float | None
    input: int
    output: int
    cost: int | None


class StoreUnreadableError(Exception):
    """The file is there and cannot be read."""


def read_runs(folder: Path, since: float, until: float) -> tuple[StoredRun, ...]:
    """The runs that began in a window, oldest first. Raises FileNotFoundError or StoreUnreadableError."""
    path = folder / DATABASE
    if not path.is_file():
        raise FileNotFoundError(path)
    try:
        with contextlib.closing(beside(path)) as connection:
            return runs(since, until)(connection)
    except sqlite3.Error as error:
        raise StoreUnreadableError(str(error)) from error


def runs(since: float, until: float) -> Callable[[sqlite3.Connection], tuple[StoredRun, ...]]:
    """The same, to be read on a connection that is open."""

    def read(connection: sqlite3.Connection) -> tuple[StoredRun, ...]:
        rows = connection.execute(
            """
            SELECT at, provider, model, probe, alias, reason, latency, first_token, input, output, cost
            FROM outcomes JOIN names ON names.key = outcomes.name WHERE at >= ? AND at < ? ORDER BY at
            """,
            (since, until),
        )
        return tuple(StoredRun(*row) for row in rows)

    return read


def beside(path: Path) -> sqlite3.Connection:
    """A connection that cannot write; where the folder is read-only and nobody writes, the file as it lies there."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5.0)
    try:
        connection.execute("SELECT 1 FROM names LIMIT 1").fetchone()
    except sqlite3.OperationalError:
        connection.close()
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    return connection
