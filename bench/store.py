"""The store under 1,000 checks at 10 s: how long it holds the event loop, and how large it grows.

`python -m bench.store [SECONDS]` prints both. The loop is asked every millisecond how late it wakes, once with the
store at work and once without; the difference is the store's.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

import structlog

from exporter.clock import SystemClock
from exporter.store import Store
from exporter.store.housekeeping import MOST_OUTCOMES
from tests.metrics.make import answered, check, seen

CHECKS, INTERVAL = 1000, 10.0
WEEK = 7 * 86_400.0
FILL = 200_000


async def lateness(seconds: float) -> list[float]:
    """Seconds by which the loop woke late, sampled."""
    found, until = [], time.perf_counter() + seconds
    while (begin := time.perf_counter()) < until:
        await asyncio.sleep(0.001)
        found.append(time.perf_counter() - begin - 0.001)
    return sorted(found)


async def load(store: Store) -> None:
    """Runs as they come: a reservation before, a settlement and an outcome after."""
    checks = [check(f"model-{number}") for number in range(CHECKS)]
    for each in checks:
        store.declare(each)
    number = 0
    while True:
        of = checks[number % CHECKS]
        entry = await store.reserve(of, 1000, time.time())
        store.settle(entry, 500)
        store.observed(seen(of, answered(started_at=time.time(), cost_nano_usd=500)))
        number += 1
        await asyncio.sleep(INTERVAL / CHECKS)


async def stalls(folder: Path, seconds: float) -> None:
    store = Store(folder, SystemClock(), structlog.get_logger())
    quiet = await lateness(seconds)
    working = asyncio.create_task(load(store))
    busy = await lateness(seconds)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    await store.close()
    for name, found in (("without the store", quiet), ("with the store", busy)):
        p50, p99 = found[len(found) // 2], found[int(len(found) * 0.99)]
        figures = f"p50 {p50 * 1e3:6.3f} ms  p99 {p99 * 1e3:6.3f} ms  max {found[-1] * 1e3:6.3f} ms"
        print(f"loop woke late, {name:18}: {figures}")


async def size(folder: Path) -> None:
    """From a part of the week to the whole: the rows are all alike."""
    store = Store(folder, SystemClock(), structlog.get_logger())
    store.declare(check())
    for number in range(FILL):
        store.observed(seen(check(), answered(started_at=number * INTERVAL / CHECKS, cost_nano_usd=500)))
    await store.close()
    row = (folder / "state.db").stat().st_size / FILL
    wanted = WEEK * CHECKS / INTERVAL
    kept = min(wanted, MOST_OUTCOMES)
    print(f"outcomes of 7 days: {wanted:,.0f}; kept at most {MOST_OUTCOMES:,}")
    print(f"{row:.0f} bytes each: {kept * row / 1e6:,.0f} MB")
    usual = WEEK * 20 / 60
    print(f"20 checks at 60 s: {usual:,.0f} outcomes, {usual * row / 1e6:,.0f} MB")


def main(seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(stalls(Path(folder) / "stalls", seconds))
        asyncio.run(size(Path(folder) / "size"))


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 20.0)
