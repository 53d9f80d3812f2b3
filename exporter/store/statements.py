"""Many rows in one statement: each call of SQLite gives the interpreter's lock away and has to win it back."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice

Row = tuple[object, ...]

SIZES = (64, 8, 1)
"""Rows that one statement takes; a few sizes, so that each is understood by SQLite only once."""


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with a list of rows of `columns` values between `before` and `after`."""

    before: str
    columns: int
    after: str = ""

    def write(self, connection: sqlite3.Connection, rows: Sequence[Row]) -> None:
        """Write the rows in their order, within a transaction of the caller's."""
        for part in split_rows(rows):
            connection.execute(_make_sql(self, len(part)), tuple(chain.from_iterable(part)))


def split_rows(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Split the rows into groups of the sizes that have a statement."""
    left = list(rows)
    rest = iter(left)
    for size in SIZES:
        for _ in range(len(left) // size):
            yield list(islice(rest, size))
        left = left[: len(left) % size]


@cache
def _make_sql(statement: Statement, rows: int) -> str:
    row = f"({', '.join('?' * statement.columns)})"
    return f"{statement.before} {', '.join([row] * rows)} {statement.after}"
