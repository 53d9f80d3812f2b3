"""The store: what it remembers, and who may write. What it does when its file fails: test_backing.py."""

import asyncio
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from exporter.core.errors import UsageError
from exporter.core.health_state import Grade, Health, State
from exporter.core.outcome import MOST_OF_A_RUN, Tokens
from exporter.core.sink import RestoredState
from exporter.money.amount import to_dollars
from exporter.store import Entry, read_window
from tests.metrics.make import STARTED, answered, check, failed, seen
from tests.store.crash_loop import AT_ONCE
from tests.store.kept import EVERYTHING, Kept


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
    kept.store.add_check(check())
    health = Health(state=State.DEGRADED, since=5.0, recent=(Grade.CLEAN, Grade.SOFT), last_run_at=STARTED + 1)
    kept.store.record_run(replace(seen(check(), answered()), after=health))
    await kept.store.close()
    again = Kept(tmp_path)
    known = again.store.remembered
    assert (known.checks, known.started, known.charges) == (
        {check().id: RestoredState(health=health, last=answered(), succeeded=STARTED + 0.75)},
        {check().id: STARTED},
        {check().id: 42},
    )
    again.store.remove_check(check())
    await again.store.close()
    third = Kept(tmp_path)
    assert third.store.remembered.checks == {}
    await third.store.close()


async def test_the_last_success_outlives_a_failure(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.store.record_run(seen(check(), answered()))
    kept.store.record_run(seen(check(), failed(started_at=STARTED + 60)))
    await kept.store.close()
    again = Kept(tmp_path)
    (known,) = again.store.remembered.checks.values()
    assert (known.last, known.succeeded) == (failed(started_at=STARTED + 60), STARTED + 0.75)
    await again.store.close()


async def test_outcomes_are_kept_for_the_report(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.store.add_check(check(alias="best"))
    kept.store.record_run(seen(check(), answered(cost_nano_usd=98)))
    kept.store.record_run(seen(check(), failed(started_at=STARTED + 5)))
    window = await kept.store.read_window(*EVERYTHING)
    assert read_window(tmp_path, *EVERYTHING) == window, "beside the one who writes"
    (found,) = window.models
    assert (found.requests, found.errors, found.latency_sum, found.first_token_sum) == (
        2,
        {"server_error": 1},
        0.75,
        0.3,
    )
    assert (found.input, found.output, found.cost, found.alias) == (12, 17, to_dollars(98), "best")
    await kept.store.close()
    (later,) = read_window(tmp_path, STARTED + 1, STARTED + 9).models
    assert (later.requests, later.errors, later.cost) == (1, {"server_error": 1}, None)


@pytest.mark.parametrize("on_disk", [True, False], ids=["on disk", "in memory"])
async def test_counts_beyond_reason_do_not_take_the_report_away(tmp_path: Path, on_disk: bool) -> None:
    kept = Kept(tmp_path if on_disk else None)
    kept.store.add_check(check())
    beyond = answered(tokens=Tokens(input=2**53, output=10**30), cost_nano_usd=10**30)
    for _ in range(2000):
        kept.store.record_run(seen(check(), beyond))
    (found,) = (await kept.store.read_window(*EVERYTHING)).models
    assert (found.requests, found.input, found.output, found.cost) == (
        2000,
        2000 * MOST_OF_A_RUN,
        2000 * MOST_OF_A_RUN,
        to_dollars(2000 * MOST_OF_A_RUN),
    )
    assert kept.failures == 0
    await kept.store.close()


async def test_without_a_folder_it_remembers_while_it_runs() -> None:
    kept = Kept(None)
    kept.store.add_check(check())
    kept.store.record_run(seen(check(), answered()))
    assert len((await kept.store.read_window(*EVERYTHING)).models) == 1
    assert not kept.store.is_durable
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
    kept.store.publish_url("http://localhost:10115/")
    with pytest.raises(UsageError, match=r"in use by another exporter \(process \d+, at http://localhost:10115/\)"):
        Kept(tmp_path)
    await kept.store.close()
    await Kept(tmp_path).store.close()


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
