"""From pieces to the body of one answer: joined, compressed where wanted, in chunks worth a write.

A chunk is made when it is asked for, so that the one who asks can do it on a thread of its own. zlib lets go of the
interpreter while it works; level 1 costs a third of the usual level's time and saves nearly as much.
"""

import zlib
from collections.abc import Iterable, Iterator

from exporter.aio.cooperative import run_in_slices
from exporter.core.clock import Clock
from exporter.metrics.exposition import Chunk
from exporter.metrics.metrics import Metrics
from exporter.metrics.own import EOF, ExporterMetrics

CHUNK = 65_536
"""Bytes worth a trip to the thread and a write to the socket."""

AT_A_TIME = 0.001
"""Seconds for which the loop is held: scrapes come often, and meanwhile answers arrive."""

GZIP_CONTAINER = zlib.MAX_WBITS | 16


async def collect_all(metrics: Metrics, own: ExporterMetrics, clock: Clock, *, openmetrics: bool) -> list[Chunk]:
    """Collect everything that is exported now, in one format, with its end.

    Collect family by family: thousands of series take milliseconds, so the event loop turns between two families.
    """
    noted: list[Chunk] = []
    await run_in_slices(map(noted.append, _iter_all(metrics, own, openmetrics=openmetrics)), clock, AT_A_TIME)
    return noted


def _iter_all(metrics: Metrics, own: ExporterMetrics, *, openmetrics: bool) -> Iterator[Chunk]:
    yield from metrics.render(openmetrics=openmetrics)
    yield from own.render(openmetrics=openmetrics)
    if openmetrics:
        yield lambda: EOF


def join_chunks(pieces: Iterable[Chunk], *, gzip: bool) -> Iterator[bytes]:
    """Yield the body in chunks of at least 64 KiB and one that holds the rest; never an empty one."""
    gathered: list[bytes] = []
    size = 0
    for part in _compress(pieces) if gzip else (piece() for piece in pieces):
        gathered.append(part)
        size += len(part)
        if size >= CHUNK:
            yield b"".join(gathered)
            gathered, size = [], 0
    if size:
        yield b"".join(gathered)


def _compress(pieces: Iterable[Chunk]) -> Iterator[bytes]:
    squeeze = zlib.compressobj(level=1, wbits=GZIP_CONTAINER)
    for piece in pieces:
        yield squeeze.compress(piece())
    yield squeeze.flush()
