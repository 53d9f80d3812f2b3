"""What checks did before this process is read as it was remembered by the process itself."""

from dataclasses import replace
from pathlib import Path

import pytest
import structlog

from exporter.core.outcome import Fault, Flag, Outcome, Reason
from exporter.core.target import Check
from exporter.results.history import Column, Past
from exporter.results.status_cache import StatusCache
from exporter.store import Store
from exporter.store.history_query import read_history
from exporter.store.housekeeping import Room
from tests.metrics.make import STARTED, StoppedClock, answered, check, failed, seen

RUNS = (
    answered(started_at=STARTED - 90_000, cost_nano_usd=5),
    answered(started_at=STARTED - 3000, cost_nano_usd=70),
    failed(Reason.RATE_LIMITED, started_at=STARTED - 2000, cost_nano_usd=0),
    failed(Reason.SERVER_ERROR, started_at=STARTED - 1000, fault=Fault.GATEWAY),
    failed(Reason.INTERNAL, started_at=STARTED - 900),
    answered(started_at=STARTED - 61, flags=frozenset({Flag.SLOW})),
    answered(started_at=STARTED - 60, cost_nano_usd=8),
)


async def remembered(folder: Path, of: Check) -> Past:
    """What a board shows of a check that ran, and the file its store leaves."""
    store, board = Store(folder, StoppedClock(), structlog.get_logger()), StatusCache()
    for sink in (store, board):
        sink.add_check(of)
        for outcome in RUNS:
            sink.record_run(seen(of, outcome))
    await store.close()
    return shown(board, of)


def shown(board: StatusCache, of: Check) -> Past:
    _, past = board.find(of.id) or pytest.fail("it is declared")
    return past


async def test_what_is_read_is_what_was_shown(tmp_path: Path) -> None:
    before = await remembered(tmp_path, check())
    board = StatusCache()
    board.add_check(check())
    for check_id, earlier in read_history(tmp_path, STARTED).items():
        board.add_earlier(check_id, earlier)
    after = shown(board, check())
    assert [run[:6] for run in after.recent] == [run[:6] for run in before.recent]
    assert after.spent == before.spent == (int(STARTED // 86_400), 78)
    for series, other in ((after.hour, before.hour), (after.day, before.day)):
        for column in Column:
            assert list(series.read_column(column, STARTED)) == pytest.approx(
                list(other.read_column(column, STARTED))
            ), column
    assert [bare(each) for each in after.failures] == [bare(each) for each in before.failures]


def bare(outcome: Outcome) -> tuple[Reason, Fault | None, float]:
    return outcome.reason, outcome.blamed, outcome.started_at


async def test_only_what_was_before_is_read(tmp_path: Path) -> None:
    await remembered(tmp_path, check())
    earlier = read_history(tmp_path, STARTED - 1000)[check().id]
    assert [run.started_at - STARTED for run in earlier.recent] == [-90_000, -3000, -2000]
    assert sum(slot.runs for slot in earlier.day) == 2


async def test_words_of_a_later_version_are_left_out(tmp_path: Path) -> None:
    store = Store(tmp_path, StoppedClock(), structlog.get_logger())
    store.add_check(check())
    store.record_run(seen(check(), answered(started_at=STARTED - 1)))
    await store.read(lambda connection: connection.execute("UPDATE outcomes SET reason = 'asleep'"))
    await store.close()
    assert read_history(tmp_path, STARTED)[check().id].recent == ()


async def test_what_was_spent_today_is_known_of_runs_that_are_summed_too(tmp_path: Path) -> None:
    store = Store(tmp_path, StoppedClock(), structlog.get_logger(), room=Room(runs=1, size=10_000_000))
    store.add_check(check())
    for outcome in RUNS:
        store.record_run(seen(check(), outcome))
    await store.read(lambda _: None)
    store.schedule_cleanup()
    for _ in range(2):  # it is done between the two
        await store.read(lambda _: None)
    await store.close()
    assert read_history(tmp_path, STARTED)[check().id].spent == (int(STARTED // 86_400), 78)


def test_where_there_is_no_file_nothing_can_be_read(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_history(tmp_path, STARTED)


async def test_a_store_tells_what_was_before_it(tmp_path: Path) -> None:
    await remembered(tmp_path, check())
    again = Store(tmp_path, StoppedClock(now=STARTED + 5), structlog.get_logger())
    again.record_run(seen(check(), replace(answered(), started_at=STARTED + 6)))
    assert len((await again.read_history())[check().id].recent) == len(RUNS)
    await again.close()
    memory = Store(None, StoppedClock(), structlog.get_logger())
    assert await memory.read_history() == {}
    await memory.close()
