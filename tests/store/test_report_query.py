"""Reading beside the one who writes, and where nobody does; runs one by one, and sums."""

import random
import sqlite3
from contextlib import closing
from dataclasses import replace
from math import ceil
from pathlib import Path

import pytest
import structlog

from exporter.core.outcome import Outcome, Reason
from exporter.money.amount import to_dollars
from exporter.store import Store, StoreUnreadableError, Window, read_window
from exporter.store.buckets import WITHIN
from exporter.store.housekeeping import IN_MEMORY, Room
from tests.metrics.make import STARTED, StoppedClock, answered, check, failed, listing, seen, timing

HOUR = 3600.0
FULL = STARTED // HOUR * HOUR
NONE_ONE_BY_ONE = Room(runs=0, size=IN_MEMORY.size)


async def stored(folder: Path, *runs: Outcome, begun: float = STARTED, room: Room = IN_MEMORY) -> None:
    """A store that began at a time and was told of runs, all but the last of which are summed if there is no room."""
    clock = StoppedClock(now=begun)
    store = Store(folder, clock, structlog.get_logger(), room=room)
    store.add_check(check())
    store.add_check(listing())
    for outcome in runs:
        store.record_run(seen(check(), outcome))
    await store.read(lambda _: None)
    clock.now = max(begun, *(outcome.started_at for outcome in runs))
    store.schedule_cleanup()
    for _ in range(2):  # it is done between the two
        await store.read(lambda _: None)
    await store.close()


def lasting(seconds: float, at: float) -> Outcome:
    return answered(started_at=at, timing=timing(duration=seconds), cost_nano_usd=7)


async def test_the_window_has_a_beginning_and_an_end(tmp_path: Path) -> None:
    await stored(tmp_path, *(lasting(1.0, STARTED + second) for second in range(5)))
    assert requests(read_window(tmp_path, STARTED + 1, STARTED + 3)) == 2
    tmp_path.chmod(0o500)
    assert requests(read_window(tmp_path, STARTED, STARTED + 9)) == 5
    tmp_path.chmod(0o700)


def requests(window: Window) -> int:
    return sum(model.requests for model in window.models)


async def test_sums_of_one_model(tmp_path: Path) -> None:
    bad = [failed(reason, started_at=STARTED) for reason in (Reason.AUTH, Reason.AUTH, Reason.DNS)]
    await stored(tmp_path, lasting(1.0, STARTED), lasting(3.0, STARTED), *bad)
    (found,) = read_window(tmp_path, STARTED, STARTED + 1).models
    assert (found.requests, found.errors) == (5, {"auth": 2, "dns": 1})
    assert (found.latency_sum, found.latency_count, found.first_token_sum, found.first_token_count) == (4.0, 2, 0.6, 2)
    assert (found.input, found.output, found.cost) == (24, 34, to_dollars(14))


@pytest.mark.parametrize(("count", "p95"), [(1, 1.0), (19, 19.0), (20, 19.0), (100, 95.0)])
async def test_the_95th_percentile_is_a_latency_that_was_seen(tmp_path: Path, count: int, p95: float) -> None:
    await stored(tmp_path, *(lasting(n + 1.0, STARTED) for n in reversed(range(count))))
    (found,) = read_window(tmp_path, STARTED, STARTED + 1).models
    assert found.p95 == p95


async def test_models_are_told_apart_and_lists_left_out(tmp_path: Path) -> None:
    store = Store(tmp_path, StoppedClock(), structlog.get_logger())
    for of in (check(), check(probe="canary"), check("gpt-5", alias="best"), listing()):
        store.add_check(of)
        store.record_run(seen(of, answered()))
    found = (await store.read_window(0, 2 * STARTED)).models
    assert [(each.model, each.alias, each.requests) for each in found] == [
        ("gpt-4o", "gpt-4o", 2),
        ("gpt-5", "best", 1),
    ]
    assert [each.cost for each in found] == [None, None]
    await store.close()


async def test_sums_say_what_the_runs_said(tmp_path: Path) -> None:
    dice = random.Random(3)
    runs = [lasting(dice.lognormvariate(0, 0.8), FULL + n * 60) for n in range(300)]
    runs += [failed(started_at=FULL + n * 600) for n in range(30)]
    await stored(tmp_path / "runs", *runs, begun=FULL)
    await stored(tmp_path / "sums", *runs, begun=FULL, room=NONE_ONE_BY_ONE)
    one_by_one, summed = (read_window(tmp_path / name, FULL, FULL + 6 * HOUR) for name in ("runs", "sums"))
    (run,), (total,) = one_by_one.models, summed.models
    assert (one_by_one.is_summed, summed.is_summed) == (False, True)
    durations = sorted(each.timing.duration for each in runs if each.ok)
    assert run.p95 == durations[ceil(0.95 * 300) - 1]
    assert run.p95 is not None
    assert total.p95 == pytest.approx(run.p95, rel=WITHIN)
    assert total.latency_sum == pytest.approx(run.latency_sum)
    assert total.first_token_sum == pytest.approx(run.first_token_sum)
    a, b = (replace(each, latency_sum=0.0, first_token_sum=0.0, p95=None) for each in (total, run))
    assert a == b


@pytest.mark.parametrize(
    ("asked", "since", "runs"),
    [
        pytest.param(0.5 * HOUR, 1 * HOUR, 5, id="among the sums it begins with a full hour"),
        pytest.param(2 * HOUR, 2 * HOUR, 4, id="at a full hour it begins there"),
        pytest.param(4.5 * HOUR, 5 * HOUR, 1, id="no sums of a later hour: where runs are kept one by one"),
        pytest.param(5 * HOUR, 5 * HOUR, 1, id="among runs it begins as asked"),
        pytest.param(-HOUR, 0.0, 6, id="before all that is known"),
    ],
)
async def test_where_a_window_begins(tmp_path: Path, asked: float, since: float, runs: int) -> None:
    every = [lasting(1.0, FULL + n * HOUR) for n in range(6)]
    await stored(tmp_path, *every, begun=FULL, room=Room(runs=1, size=IN_MEMORY.size))
    with closing(sqlite3.connect(tmp_path / "state.db")) as connection:
        connection.execute("UPDATE kept SET since = ? WHERE what = 'runs'", (FULL + 5 * HOUR,))
        connection.commit()
    found = read_window(tmp_path, FULL + asked, FULL + 9 * HOUR)
    assert (found.since - FULL, requests(found)) == (since, runs)
    assert found.is_cut == (asked < 0)
    assert found.asked == FULL + asked


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_window(tmp_path, 0, 1)
    with closing(sqlite3.connect(tmp_path / "state.db")) as connection:
        connection.execute("CREATE TABLE names (x)")
        connection.execute("PRAGMA user_version = 1")
    with pytest.raises(StoreUnreadableError, match="another version"):
        read_window(tmp_path, 0, 1)
    (tmp_path / "state.db").write_bytes(b"x" * 4096)
    with pytest.raises(StoreUnreadableError, match="not that of a database"):
        read_window(tmp_path, 0, 1)
