"""The exceptions of this package, and nothing else.

ExporterError
+-- ConfigError      the configuration cannot be used; carries every problem found, not only the first
+-- UsageError       the command line or the machine cannot do what was asked (a port in use, an unknown target)

A failing vendor is not an exception: it is an `Outcome`. These two end the command with exit code 2 and one
sentence per problem, or, on a reload, leave the old configuration running.
"""

from collections.abc import Sequence
from dataclasses import dataclass


class ExporterError(Exception):
    """Anything this package raises on purpose."""


class UsageError(ExporterError):
    """One sentence that says what could not be done and what to do instead."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a configuration: where, what, and what to write instead.

    `source` is the file as the user named it (or `environment`), `line` counts from 1 and is None where no line
    can be told, `path` is dotted with list positions in brackets (`models[2].probes[0].interval`).
    """

    source: str
    line: int | None
    path: str
    what: str
    instead: str = ""

    def __str__(self) -> str:
        place = self.source if self.line is None else f"{self.source}:{self.line}"
        subject = f"{place}: {self.path}: " if self.path else f"{place}: "
        return f"{subject}{self.what}" + (f"; {self.instead}" if self.instead else "")


class ConfigError(ExporterError):
    """All problems of one configuration at once, in the order of their lines."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda each: (each.source, each.line or 0)))
        super().__init__("\n".join(str(each) for each in self.problems))
