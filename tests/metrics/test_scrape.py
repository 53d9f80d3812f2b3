"""The body of an answer: whole, ended, in chunks worth a write, made only when asked for."""

import gzip

import pytest

from exporter.core.plan import Buckets
from exporter.metrics.exposition import Chunk
from exporter.metrics.metrics import Metrics
from exporter.metrics.own import ExporterMetrics
from exporter.metrics.scrape import AT_A_TIME, CHUNK, collect_all, join_chunks
from tests.aio.test_cooperative import Bystander, Ticking
from tests.metrics.make import StoppedClock, check
from tests.metrics.read import families


def repeat(size: int) -> Chunk:
    """A piece of so many bytes."""
    return lambda: b"x" * size


async def exported(*, openmetrics: bool) -> list[Chunk]:
    metrics = Metrics(Buckets(), (), StoppedClock())
    metrics.add_check(check())
    return await collect_all(metrics, ExporterMetrics(), StoppedClock(), openmetrics=openmetrics)


@pytest.mark.parametrize("openmetrics", [False, True], ids=["text", "OpenMetrics"])
async def test_checks_and_exporter_make_one_exposition(openmetrics: bool) -> None:
    text = b"".join(join_chunks(await exported(openmetrics=openmetrics), gzip=False)).decode()
    names = {family.name for family in families(text, openmetrics=openmetrics)}
    assert names >= {"ai_api_requests", "ai_api_exporter_checks", "process_open_fds"}
    assert text.endswith("# EOF\n") == openmetrics
    assert text.count("# EOF") == int(openmetrics)


async def test_the_loop_turns_between_families() -> None:
    """With a clock that says that each took long."""
    metrics = Metrics(Buckets(), (), StoppedClock())
    metrics.add_check(check())
    async with Bystander() as other:
        noted = await collect_all(metrics, ExporterMetrics(), Ticking(AT_A_TIME), openmetrics=False)
    assert other.turns >= len(noted) > 1


def test_compression_changes_nothing_but_the_size() -> None:
    pieces = [lambda: b"a" * 100_000, lambda: b"", lambda: b"b" * 7]
    packed = b"".join(join_chunks(pieces, gzip=True))
    assert len(packed) < 1000
    assert gzip.decompress(packed) == b"".join(join_chunks(pieces, gzip=False)) == b"a" * 100_000 + b"b" * 7


@pytest.mark.parametrize(
    ("sizes", "sent"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([1, 2, 3], [6], id="little goes in one"),
        pytest.param([CHUNK, 5], [CHUNK, 5], id="much goes when it is enough"),
        pytest.param([CHUNK - 1, 3, CHUNK * 3], [CHUNK + 2, CHUNK * 3], id="a piece is not cut"),
    ],
)
def test_chunks(sizes: list[int], sent: list[int]) -> None:
    assert [len(chunk) for chunk in join_chunks([repeat(size) for size in sizes], gzip=False)] == sent


def test_a_piece_is_made_when_its_chunk_is_asked_for() -> None:
    made: list[int] = []

    def piece() -> bytes:
        made.append(CHUNK)
        return b"x" * CHUNK

    body = join_chunks([piece] * 3, gzip=False)
    assert made == []
    next(body)
    assert made == [CHUNK]
