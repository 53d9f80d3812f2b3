"""A process that writes to a store is killed again and again: `python -m tests.store.crash_loop FOLDER TIMES`.

Each child reserves, then tells its "vendor" (a pipe) the number of the entry, as a request would be sent; the parent
kills it at a random moment, from before the store is open on. What the ledger knows is then held against the pipe.
"""

import asyncio
import json
import os
import random
import signal
import sqlite3
import struct
import sys
import time
from pathlib import Path

import structlog

from exporter.core.clock import SystemClock
from exporter.store import Store
from tests.metrics.make import check

AT_ONCE = 4
NUMBER = struct.Struct("<q")
NOT_OPENED = 0


async def write(folder: Path, vendor: int) -> None:
    store = Store(folder, SystemClock(), structlog.get_logger(), gather=0.0)
    if not (store.is_durable and store.remembered.known):
        os.write(vendor, NUMBER.pack(NOT_OPENED))

    async def runs() -> None:
        while True:
            number = await store.reserve(check(), 1000, time.time())
            os.write(vendor, NUMBER.pack(number))
            await asyncio.sleep(0)
            store.settle(number, 400)

    await asyncio.gather(*(runs() for _ in range(AT_ONCE)))


def killed(folder: Path, after: float) -> list[int]:
    """Start a writer, kill it after so many seconds: the numbers that its vendor saw."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        asyncio.run(write(folder, writer))
        os._exit(0)
    os.close(writer)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(reader, "rb") as pipe:
        told = pipe.read()
    return [number for (number,) in NUMBER.iter_unpack(told[: len(told) // NUMBER.size * NUMBER.size])]


def main(folder: Path, times: int) -> None:
    dice = random.Random(11)
    seen = [number for _ in range(times) for number in killed(folder, dice.uniform(0.0, 0.04))]
    with sqlite3.connect(folder / "state.db") as connection:
        ledger = [number for (number,) in connection.execute("SELECT id FROM ledger")]
    told = {
        "times": times,
        "not_opened": seen.count(NOT_OPENED),
        "seen_by_vendor": len(seen),
        "unknown_to_ledger": len(set(seen) - set(ledger)),
        "entries": len(ledger),
        "seen_twice": len(seen) - len(set(seen)),
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
