"""Sums of a window, model by model: read beside the writer, summed in SQL.

Runs are kept one by one as far as there is room, older ones as sums by hour and check. A window that begins among the
sums begins with a full hour, and its percentiles come from buckets.
"""

import contextlib
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from math import ceil, floor
from pathlib import Path

from exporter.core.window_figures import Figures
from exporter.money.amount import to_dollars
from exporter.store.buckets import bucket_expression, estimate_percentile
from exporter.store.damage import (
    DamagedError,
    StoreUnreadableError,
    check_file,
    damage_raised,
    describe,
    strangers_beside,
)
from exporter.store.directory import DATABASE
from exporter.store.tables import HOUR, PATIENCE, VERSION, check_tables, read_version
from exporter.store.values import read_count, read_number, read_sum, read_text, read_time

Model = tuple[str, str]
"""The names of a provider and a model."""

SHARE = 95
"""Percentage of runs that take no longer than the reported percentile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What was asked for, and what is known of it: Unix seconds.

    `since` is when what is told begins: later than `asked` where runs are `known` from then on only, else at a full
    hour where runs up to `exact` are known as sums only.
    """

    asked: float
    since: float
    known: float
    exact: float
    until: float
    models: tuple[Figures, ...] = ()

    @property
    def is_cut(self) -> bool:
        """Whether part of what was asked for is not known."""
        return self.known > self.asked

    @property
    def is_summed(self) -> bool:
        """Whether part of it is known as sums only."""
        return self.since < self.exact


def read_window(folder: Path, since: float, until: float) -> Window:
    """Read the runs of models that began in a window. Raises FileNotFoundError or StoreUnreadableError."""
    with opened_beside(folder) as connection:
        return make_window_query(since, until)(connection)


def make_window_query(since: float, until: float) -> Callable[[sqlite3.Connection], Window]:
    """Read the same on an open connection. Raises DamagedError for values that no exporter writes."""

    def read(connection: sqlite3.Connection) -> Window:
        with damage_raised():
            found = _find_begin(connection, since, until)
            hours = found.since / HOUR
            moments = {"since": found.since, "until": until, "first": floor(hours) if found.is_summed else ceil(hours)}
            percentiles = (
                _percentiles_from_buckets(connection, moments)
                if found.is_summed
                else _percentiles_from_runs(connection, moments)
            )
            return replace(found, models=tuple(_sum_models(connection, moments, dict(percentiles))))

    return read


@contextlib.contextmanager
def opened_beside(folder: Path) -> Iterator[sqlite3.Connection]:
    """Open the file of this version in a folder for reading.

    Raises FileNotFoundError where nothing does, and StoreUnreadableError for all that reading raises.
    """
    path = folder / DATABASE
    try:
        with damage_raised(), contextlib.closing(open_readonly(path)) as connection:
            if read_version(connection) != VERSION:
                raise StoreUnreadableError("an exporter of another version writes it; ask with that version")
            check_tables(connection)
            yield connection
    except (FileNotFoundError, NotADirectoryError):
        raise FileNotFoundError(path) from None
    except (DamagedError, sqlite3.Error, OSError, MemoryError) as error:
        raise StoreUnreadableError(describe(error)) from error


def open_readonly(path: Path) -> sqlite3.Connection:
    """Open a connection that cannot write; if the folder is read-only and has no writer, the file as it is."""
    check_file(path)
    # A pipe or a folder would block, or fail: it is no usable file, so the main file is read alone.
    immutable = bool(strangers_beside(path))
    connection = _read_only(path, immutable=immutable)
    try:
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    except sqlite3.OperationalError:
        connection.close()
        connection = _read_only(path, immutable=True)
    except BaseException:
        connection.close()
        raise
    return connection


def _read_only(path: Path, *, immutable: bool) -> sqlite3.Connection:
    how = "mode=ro&immutable=1" if immutable else "mode=ro"
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, timeout=PATIENCE)
    # A container may have no place for temporary files. What comes from elsewhere runs nothing by its views.
    connection.executescript("PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF")
    return connection


def _find_begin(connection: sqlite3.Connection, asked: float, until: float) -> Window:
    """From when on the window is known; among sums from a full hour."""
    kept = {what: min(read_time(since), until) for what, since in connection.execute("SELECT what, since FROM kept")}
    known, exact = kept["sums"], max(kept["runs"], kept["sums"])
    since = max(asked, known)
    if known < since < exact:
        since = min(ceil(since / HOUR) * HOUR, exact)
    return Window(asked=asked, since=since, known=known, exact=exact, until=until)


_SEEN = f"""
    SELECT name, reason, COUNT(*) AS requests, TOTAL(latency) AS latency, COUNT(latency) AS latencies,
        TOTAL(first_token) AS first_token, COUNT(first_token) AS first_tokens, SUM(input) AS input,
        SUM(output) AS output, SUM(cost) AS cost
    FROM outcomes WHERE at >= :since AND at < :until GROUP BY name, reason
    UNION ALL
    SELECT name, reason, SUM(requests), SUM(latency), SUM(latencies), SUM(first_token), SUM(first_tokens), SUM(input),
        SUM(output), SUM(cost)
    FROM hours WHERE hour >= :first AND hour * {HOUR} < :until GROUP BY name, reason
    """

_MODELS = f"""
    SELECT provider, model, reason, SUM(requests), SUM(latency), SUM(latencies), SUM(first_token), SUM(first_tokens),
        SUM(input), SUM(output), SUM(cost), MAX(key), alias
    FROM ({_SEEN}) JOIN names ON key = name WHERE model != '' GROUP BY provider, model, reason
    ORDER BY provider, model
    """


def _sum_models(
    connection: sqlite3.Connection, moments: Mapping[str, float], percentiles: Mapping[Model, float | None]
) -> Iterator[Figures]:
    """Sum the runs of each model; its alias is that of its newest check."""
    rows = connection.execute(_MODELS, moments)
    for (provider, model), group in groupby(rows, key=lambda row: row[:2]):
        found = list(group)
        columns = list(zip(*found, strict=True))
        costs = [read_sum(cost) for cost in columns[10] if cost is not None]
        yield Figures(
            provider=read_text(provider),
            model=read_text(model),
            alias=read_text(max(found, key=lambda row: row[11])[12]),
            requests=sum(map(read_count, columns[3])),
            errors={read_text(row[2]): row[3] for row in found if row[2] != "ok"},
            latency_sum=sum(map(read_number, columns[4])),
            latency_count=sum(map(read_count, columns[5])),
            p95=percentiles.get((provider, model)),
            first_token_sum=sum(map(read_number, columns[6])),
            first_token_count=sum(map(read_count, columns[7])),
            input=sum(map(read_sum, columns[8])),
            output=sum(map(read_sum, columns[9])),
            cost=to_dollars(sum(costs)) if costs else None,
        )


# Models are numbered: SQLite sorts what it groups, and numbers faster than names.
_NUMBERED = """
    WITH numbered AS (
        SELECT key, MIN(key) OVER (PARTITION BY provider, model) AS number FROM names WHERE model != ''
    )
    """

_PLACES = f"""{_NUMBERED}
    SELECT provider, model, latency FROM (
        SELECT number, latency, COUNT(*) OVER (PARTITION BY number) AS runs,
            ROW_NUMBER() OVER (PARTITION BY number ORDER BY latency) AS place
        FROM outcomes JOIN numbered ON key = name WHERE at >= :since AND at < :until AND latency IS NOT NULL
    ) JOIN names ON key = number WHERE place = ({SHARE} * runs + 99) / 100
    """


def _percentiles_from_runs(
    connection: sqlite3.Connection, moments: Mapping[str, float]
) -> Iterator[tuple[Model, float | None]]:
    for provider, model, latency in connection.execute(_PLACES, moments):
        yield (provider, model), read_number(latency)


_BUCKETS = f"""{_NUMBERED}
    SELECT provider, model, bucket, SUM(runs) FROM (
        SELECT name, {bucket_expression("latency")} AS bucket, COUNT(*) AS runs FROM outcomes
        WHERE at >= :since AND at < :until AND latency IS NOT NULL GROUP BY name, bucket
        UNION ALL
        SELECT name, bucket, SUM(runs) FROM latencies
        WHERE hour >= :first AND hour * {HOUR} < :until GROUP BY name, bucket
    ) JOIN numbered ON numbered.key = name JOIN names ON names.key = number
    GROUP BY number, bucket ORDER BY number, bucket
    """


def _percentiles_from_buckets(
    connection: sqlite3.Connection, moments: Mapping[str, float]
) -> Iterator[tuple[Model, float | None]]:
    counts: defaultdict[Model, list[tuple[int, int]]] = defaultdict(list)
    for provider, model, bucket, runs in connection.execute(_BUCKETS, moments):
        counts[provider, model].append((read_count(bucket), read_count(runs)))
    for model, found in counts.items():
        yield model, estimate_percentile(found, SHARE / 100)
