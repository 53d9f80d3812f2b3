"""The store under 1,000 checks at 10 s: how long it holds the event loop up, and how large it is after seven days.

The loop is sent a stamped byte about every millisecond by another process, and how late it takes each is how long
anything that arrives would wait. Phases with the store and without it alternate, the runs made are the same in both;
what is told is the median over the phases, so that one noisy second decides nothing.
A timer would not do: after every wake-up asyncio rounds what is left of a timer up to a whole millisecond, so that a
loop which was never held looks a millisecond late.
"""

import argparse
import asyncio
import os
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median

import structlog

from bench.figures import Figure, Results, percentile
from exporter.core.clock import SystemClock
from exporter.core.target import Check
from exporter.store import Store, read_window
from exporter.store.housekeeping import ON_DISK, SLICE, Room, clean_slice
from exporter.store.tables import connect
from tests.metrics.make import answered, check, seen, timing

CHECKS, INTERVAL = 1000, 10.0
PHASES, SECONDS = 5, 2.0
DAY = 86_400
BEGUN = 20_000 * DAY
STAMP = struct.Struct("<q")
POKE = """
import os, random, struct, time
while True:
    time.sleep(random.uniform(0.0005, 0.0015))
    os.write(1, struct.pack("<q", time.monotonic_ns()))
"""


@contextmanager
def poked() -> Iterator[list[float]]:
    """Seconds by which the running loop takes stamped bytes late, as they come."""
    found: list[float] = []
    loop = asyncio.get_running_loop()
    with subprocess.Popen([sys.executable, "-c", POKE], stdout=subprocess.PIPE, bufsize=0) as poker:
        assert poker.stdout is not None
        pipe = poker.stdout.fileno()
        os.set_blocking(pipe, False)

        def take() -> None:
            now = time.monotonic_ns()
            found.extend((now - stamp) / 1e9 for (stamp,) in STAMP.iter_unpack(os.read(pipe, 8000)))

        loop.add_reader(pipe, take)
        try:
            yield found
        finally:
            loop.remove_reader(pipe)
            poker.terminate()


async def runs(checks: list[Check], store: Store | None, reserved: list[float]) -> None:
    """Runs as they come: a reservation before, a settlement and an outcome after."""
    number = 0
    while True:
        of, began = checks[number % CHECKS], time.perf_counter()
        outcome = seen(of, answered(started_at=time.time(), cost_nano_usd=500))
        if store is not None:
            entry = await store.reserve(of, 1000, time.time())
            reserved.append(time.perf_counter() - began)
            store.settle(entry, 500)
            store.record_run(outcome)
        number += 1
        await asyncio.sleep(INTERVAL / CHECKS)


async def phase(checks: list[Check], store: Store | None, reserved: list[float]) -> list[float]:
    """How late bytes were taken while runs were made."""
    with poked() as found:
        working = asyncio.create_task(runs(checks, store, reserved))
        await asyncio.sleep(0.3)
        found.clear()
        await asyncio.sleep(SECONDS)
        late = list(found)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    return late


async def stalls(folder: Path, results: Results) -> None:
    store = Store(folder, SystemClock(), structlog.get_logger())
    checks = [check(f"model-{number}") for number in range(CHECKS)]
    for each in checks:
        store.add_check(each)
    await store.read_window(0, 1)
    without, busy, reserved = list[list[float]](), list[list[float]](), list[float]()
    for _ in range(PHASES):
        without.append(await phase(checks, None, reserved))
        busy.append(await phase(checks, store, reserved))
        store.schedule_cleanup()
    await store.close()
    for name, share, limit in (("p50", 0.5, None), ("p99", 0.99, 1.0), ("p99.9", 0.999, None), ("max", 1.0, None)):
        with_it, without_it = (1e3 * median(percentile(each, share) for each in phases) for phases in (busy, without))
        results.add(
            Figure(
                what=f"a byte is taken late while 100 runs/s are stored, {name}",
                ours=with_it,
                unit="ms",
                peer="no store",
                theirs=without_it,
                limit=limit,
                note=f"median of {PHASES} phases of {SECONDS:g} s each, with and without the store in turn"
                if limit is not None
                else "",
            )
        )
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        waited = 1e3 * percentile(reserved, share)
        results.add(Figure(what=f"a reservation is on the disk after, {name}", ours=waited, unit="ms"))


HOUR_OF_RUNS = """
    WITH RECURSIVE second (at) AS (SELECT 0 UNION ALL SELECT at + :interval FROM second WHERE at + :interval < 3600),
    run AS (
        SELECT :begin + at + (key - 1) * :interval / :checks AS at, key, check_id, random() & 0x3fffffff AS dice,
            (random() & 0xffff) + (random() & 0xffff) + (random() & 0xffff) AS luck
        FROM second CROSS JOIN names ORDER BY at
    )
    """
RUNS = f"""{HOUR_OF_RUNS}
    INSERT INTO outcomes SELECT at, key, CASE WHEN good THEN 'ok' ELSE 'server_error' END, latency, latency / 3,
        30 * good, 17 * good, CASE WHEN good THEN 500 END, 2 - 2 * good, CASE WHEN good THEN NULL ELSE 0.25 END, NULL
    FROM (
        SELECT *, dice % 100 > 0 AS good,
            CASE WHEN dice % 100 > 0 THEN (0.5 + key % 7 * 0.5) * (0.5 + luck * 1.5 / 0x30000) END AS latency FROM run
    )
    """
ENTRIES = f"""{HOUR_OF_RUNS}
    INSERT INTO ledger (at, check_id, provider, demand, reserved, settled)
    SELECT at, check_id, 'openai', 0, 9, 5 FROM run
    """
"""Runs of an hour: one in a hundred fails, and the latencies of a model go from half of its own to twice as much."""


def week(connection: sqlite3.Connection, checks: int, days: int, room: Room) -> Iterator[float]:
    """Days of runs, written and tidied up as a daemon would; seconds that each slice of tidying took."""
    # Nothing here has to outlive the machine.
    connection.execute("PRAGMA synchronous = OFF")
    for number in range(1, checks + 1):
        names = (number, f"openai/model-{number}/chat", "openai", f"model-{number}", "chat", f"model-{number}")
        connection.execute("INSERT INTO names VALUES (?, ?, ?, ?, ?, ?)", names)
    for hour in range(24 * days):
        told = {"begin": BEGUN + hour * 3600, "interval": INTERVAL, "checks": checks}
        for each in (RUNS, ENTRIES):
            connection.execute(each, told)
        more = True
        while more:
            began = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            more = clean_slice(connection, told["begin"] + 3600, 7 * DAY, room)
            connection.execute("COMMIT")
            yield time.perf_counter() - began


def grow(folder: Path, checks: int, days: int, results: Results) -> None:
    folder.mkdir()
    part = CHECKS / checks
    room = Room(runs=int(ON_DISK.runs / part), size=int(ON_DISK.size / part))
    with closing(connect(folder / "state.db", BEGUN)) as connection:
        slices = list(week(connection, checks, days, room))
    began = time.perf_counter()
    window = read_window(folder, BEGUN, BEGUN + days * DAY)
    took = time.perf_counter() - began
    size = (folder / "state.db").stat().st_size
    written, told = int(days * DAY * checks / INTERVAL), sum(model.requests for model in window.models)
    results.extend(
        [
            Figure(
                what=f"the file after {days} simulated days of 1,000 checks at 10 s",
                ours=size * part / 1e6,
                unit="MB",
                limit=400.0,
                note=f"{checks} checks were simulated ({size / 1e6:.1f} MB) in room for {room.runs:,} runs one by one, "
                f"older ones are summed by the hour. Of {written:,} runs written the report of all days tells {told:,}",
            ),
            Figure(what=f"the report of {days} days of {checks} checks, read beside the daemon", ours=took, unit="s"),
            Figure(
                what=f"a slice of housekeeping ({SLICE} rows of each table), p99",
                ours=1e3 * percentile(slices, 0.99),
                unit="ms",
            ),
        ]
    )


def usual(folder: Path, results: Results) -> None:
    """Seven days of 20 checks at 60 s."""
    folder.mkdir()
    with closing(connect(folder / "state.db", BEGUN)) as connection:
        connection.execute("BEGIN")
        for number in range(7 * DAY // 3):
            row = (BEGUN + number * 3, number % 20 + 1, "ok", timing().duration, 0.3, 30, 17, 500)
            connection.execute("INSERT INTO outcomes VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, NULL, NULL)", row)
        connection.execute("COMMIT")
    size = (folder / "state.db").stat().st_size / 1e6
    results.add(Figure(what="the file after 7 days of 20 checks at 60 s", ours=size, unit="MB"))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.store", description=__doc__)
    parser.add_argument("--days", type=int, default=7, help="days to simulate")
    parser.add_argument("--checks", type=int, default=50, help="checks to simulate; 1000 for a week take 20 minutes")
    asked = parser.parse_args()
    results = Results()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(stalls(Path(folder) / "stalls", results))
        usual(Path(folder) / "usual", results)
        grow(Path(folder) / "days", asked.checks, asked.days, results)
    results.write("store", "The store under 1,000 checks at 10 s")


if __name__ == "__main__":
    main()
