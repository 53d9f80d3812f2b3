"""Where the commands print their tables."""

import sys

from rich.console import Console

WIDE = 160
"""Columns of a table that no terminal bounds."""


def make_console() -> Console:
    """Return the console for standard output. Nothing is folded or cut in a pipe, which has no width."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)
