"""The store: what it remembers, what it does when its file fails, and who may write."""

import asyncio
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import structlog
from structlog.testing import CapturingLogger

from exporter.errors import UsageError
from exporter.health import Grade, Health, State
from exporter.sink import Recalled
from exporter.store import Entry, Store, read_runs, runs
from tests.metrics.make import STARTED, StoppedClock, answered, check, failed, seen
from tests.store.crash_loop import AT_ONCE

EVERYTHING = (0.0, 2 * STARTED)


class Kept:
    """A store with a folder, a clock, and what was said and counted."""

    def __init__(self, folder: Path | None) -> None:
        self.clock = StoppedClock()
        self.logged = CapturingLogger()
        self.failures = 0
        self.store = Store(folder, self.clock, structlog.wrap_logger(self.logged, processors=[]), failed=self._count)

    def _count(self) -> None:
        self.failures += 1


async def test_what_was_reserved_and_settled_is_remembered(tmp_path: Path) -> None:
    first = Kept(tmp_path)
    assert first.store.remembered.entries == ()
    settled = await first.store.reserve(check(), 5000, STARTED)
    await first.store.reserve(check(), 7000, STARTED + 10, demand=True)
    first.store.settle(settled, 1234)
    await first.store.close()
    again = Kept(tmp_path)
    assert sorted(again.store.remembered.entries, key=lambda each: each.at) == [
        Entry(STARTED, "openai", 1234, demand=False),
        Entry(STARTED + 10, "openai", 7000, demand=True),
    ]
    assert again.store.remembered.started == {check().id: STARTED}, "a run on demand moves no schedule"
    assert await again.store.reserve(check(), 1, STARTED) == 3
    await again.store.close()


async def test_health_and_start_of_each_check_are_remembered(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.store.charge_of = lambda _: 42
    kept.store.declare(check())
    health = Health(state=State.DEGRADED, since=5.0, recent=(Grade.CLEAN, Grade.SOFT), last_run_at=STARTED + 1)
    kept.store.observed(replace(seen(check(), answered()), after=health))
    await kept.store.close()
    again = Kept(tmp_path)
    known = again.store.remembered
    assert (known.checks, known.started, known.charges) == (
        {check().id: Recalled(health=health, last=answered(), succeeded=STARTED + 0.75)},
        {check().id: STARTED},
        {check().id: 42},
    )
    again.store.forget(check())
    await again.store.close()
    third = Kept(tmp_path)
    assert third.store.remembered.checks == {}
    await third.store.close()


async def test_the_last_success_outlives_a_failure(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.store.observed(seen(check(), answered()))
    kept.store.observed(seen(check(), failed(started_at=STARTED + 60)))
    await kept.store.close()
    again = Kept(tmp_path)
    (known,) = again.store.remembered.checks.values()
    assert (known.last, known.succeeded) == (failed(started_at=STARTED + 60), STARTED + 0.75)
    await again.store.close()


async def test_outcomes_are_kept_for_the_report(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.store.declare(check(alias="best"))
    kept.store.observed(seen(check(), answered(cost_nano_usd=98)))
    kept.store.observed(seen(check(), failed(started_at=STARTED + 5)))
    good, bad = await kept.store.read(runs(*EVERYTHING))
    assert read_runs(tmp_path, *EVERYTHING) == (good, bad), "beside the one who writes"
    assert (good.reason, good.latency, good.first_token, good.input, good.output, good.cost, good.alias) == (
        ("ok", 0.75, 0.3, 12, 17, 98, "best")
    )
    assert (bad.reason, bad.latency, bad.cost, bad.at) == ("server_error", None, None, STARTED + 5)
    await kept.store.close()
    assert read_runs(tmp_path, STARTED + 1, STARTED + 9) == (bad,)


async def test_without_a_folder_it_remembers_while_it_runs() -> None:
    kept = Kept(None)
    kept.store.declare(check())
    kept.store.observed(seen(check(), answered()))
    assert len(await kept.store.read(runs(*EVERYTHING))) == 1
    assert not kept.store.durable
    assert not kept.store.remembered.known
    assert kept.failures == 0
    await kept.store.close()


async def test_many_reservations_are_committed_together(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    numbers = await asyncio.gather(*(kept.store.reserve(check(), n, STARTED) for n in range(500)))
    await kept.store.close()
    assert sorted(numbers) == list(range(1, 501))
    assert len(Kept(tmp_path).store.remembered.entries) == 500


async def test_two_writers_are_refused(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.store.serves_at("http://localhost:10115/")
    with pytest.raises(UsageError, match=r"in use by another exporter \(process \d+, at http://localhost:10115/\)"):
        Kept(tmp_path)
    await kept.store.close()
    await Kept(tmp_path).store.close()


@pytest.mark.parametrize(
    "content",
    [pytest.param(b"not a database" * 500, id="no database"), pytest.param(b"SQLite format 3\0" * 500, id="torn")],
)
async def test_a_damaged_file_is_set_aside_and_a_new_one_begun(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "state.db").write_bytes(content)
    kept = Kept(tmp_path)
    assert kept.failures == 1
    assert len(kept.logged.calls) == 1
    assert kept.store.durable
    assert not kept.store.remembered.known
    (aside,) = tmp_path.glob("state.db.2*")
    assert aside.read_bytes() == content
    await kept.store.reserve(check(), 1, STARTED)
    await kept.store.close()
    again = Kept(tmp_path)
    assert len(again.store.remembered.entries) == 1
    await again.store.close()


async def test_a_file_that_cannot_be_opened_leaves_memory(tmp_path: Path) -> None:
    (tmp_path / "state.db").mkdir()
    kept = Kept(tmp_path)
    assert (kept.failures, kept.store.durable) == (1, False)
    assert await kept.store.reserve(check(), 1, STARTED) == 1
    await kept.store.close()


async def test_a_folder_that_cannot_be_made_leaves_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    kept = Kept(tmp_path / "file" / "state")
    assert (kept.failures, kept.store.durable) == (1, False)
    await kept.store.close()


async def test_a_file_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    await Kept(tmp_path).store.close()
    later = bytearray((tmp_path / "state.db").read_bytes())
    later[60:64] = (99).to_bytes(4, "big")  # the user version in the header of the file
    (tmp_path / "state.db").write_bytes(later)
    kept = Kept(tmp_path)
    assert (kept.failures, kept.store.durable) == (1, False)
    await kept.store.close()
    assert (tmp_path / "state.db").read_bytes()[60:64] == (99).to_bytes(4, "big")


async def test_a_file_that_fails_in_use_leaves_memory_and_loses_nothing(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.store.declare(check())
    await kept.store.reserve(check(), 1, STARTED)
    await kept.store.read(lambda connection: connection.execute("PRAGMA query_only = ON").fetchall())
    assert await kept.store.reserve(check(), 1, STARTED) == 2
    kept.store.observed(seen(check(), answered()))
    assert len(await kept.store.read(runs(*EVERYTHING))) == 1
    assert (kept.failures, kept.store.durable, len(kept.logged.calls)) == (1, False, 1)
    await kept.store.close()


def test_a_writer_that_is_killed_a_thousand_times(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "tests.store.crash_loop", str(tmp_path), "1000"]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    print(told)  # noqa: T201  (shown with -s: how many runs the kills fell into)
    assert told["not_opened"] == 0
    assert told["unknown_to_ledger"] == 0
    assert told["seen_twice"] == 0
    assert told["seen_by_vendor"] > 100
    assert told["entries"] - told["seen_by_vendor"] <= AT_ONCE * told["times"]
