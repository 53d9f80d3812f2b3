"""What a run of the conformance tests saw, kept to be written down: rows of tables, in the order they came."""

from dataclasses import dataclass, field

import pytest


@dataclass
class Report:
    """Tables by their heading; a table's rows map column to cell, the first column names the row."""

    tables: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)

    def add(self, table: str, **cells: str) -> None:
        """One more row; `_` in a column's name stands for a hyphen."""
        self.tables.setdefault(table, []).append({name.replace("_", "-"): said for name, said in cells.items()})

    def part(self, name: str, version: str) -> None:
        """A program that took part."""
        self.parts[name] = version


KEY = pytest.StashKey[Report]()


def report_of(config: pytest.Config) -> Report:
    """The one report of a run of pytest."""
    return config.stash.setdefault(KEY, Report())
