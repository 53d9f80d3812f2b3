"""Where the commands print their tables."""

import sys

from rich.console import Console

WIDE = 160
"""Columns of a table that no terminal bounds."""


def make_console() -> Console:
    """Standard output. A pipe has no width: there, nothing needs to be folded or cut."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)
