"""Stores in memory, closed when the test is over."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator

import pytest

from exporter.store.tables import connect

Fresh = Callable[..., sqlite3.Connection]
"""Opens one that is empty and begins at a time: Unix seconds."""


@pytest.fixture
def fresh() -> Iterator[Fresh]:
    with contextlib.ExitStack() as opened:
        yield lambda now=0.0: opened.enter_context(contextlib.closing(connect(None, now)))
