"""The daemon as its users run it, with one more reader of results: `python -m bench.daemon_watched CONFIG LISTEN LOOP`.

For each order it prints one line of JSON: `rows` is what runs came to since the last order, and how many failed or were
left out, by the reason; `forget` nothing. LOOP is `own`, that of the exporter's command line, or `uvloop`.
"""

import asyncio
import json
import os
import sys
from collections import Counter
from pathlib import Path

import uvloop

from bench.clients.base import Seen
from bench.clients.ours import seen_of
from bench.plan import environment, read
from bench.serving import take_many_sockets
from exporter.aio.gc_tuning import freeze_heap, tune_gc
from exporter.aio.instrumented_loop import run_instrumented
from exporter.app.daemon import Daemon
from exporter.config.settings import load_settings
from exporter.core.sink import Observation, Sink, Skip
from exporter.core.target import Check


class Rows(Sink):
    """A sink that keeps what each run came to."""

    def __init__(self) -> None:
        self.rows: list[Seen] = []
        self.failed: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()

    def record_run(self, seen: Observation) -> None:
        if seen.check.kind == "chat" and seen.outcome.ok:
            self.rows.append(seen_of(seen.outcome))
        elif not seen.outcome.ok:
            self.failed[seen.outcome.reason] += 1

    def record_skip(self, check: Check, why: Skip) -> None:  # noqa: ARG002  (a Sink is told)
        self.left_out[why] += 1

    def told(self) -> dict[str, object]:
        """What there is since the last call."""
        rows, self.rows = self.rows, list[Seen]()
        failed, self.failed = self.failed, Counter()
        left_out, self.left_out = self.left_out, Counter()
        return {"seen": rows, "failed": failed.total(), "missed": failed + left_out}


async def obey(rows: Rows) -> None:
    """Answer orders until there are no more. What is to be forgotten is not printed: that would hold the loop."""
    while line := await asyncio.to_thread(sys.stdin.readline):
        told = rows.told()
        print(json.dumps(told if json.loads(line)["do"] == "rows" else {}), flush=True)


async def run(config: Path, listen: str) -> int:
    rows = Rows()
    settings = load_settings({}, config=config, listen=listen, log_level="error")
    tune_gc()
    daemon = Daemon(lambda: read(config), settings, sinks=(rows,), freeze=freeze_heap)
    obeying = asyncio.create_task(obey(rows))
    obeying.add_done_callback(lambda _: daemon.stop())
    await daemon.run(on_ready=lambda: print(json.dumps({"ready": True}), flush=True))
    return 0


def main() -> None:
    config, listen, loop = sys.argv[1:]
    take_many_sockets()
    os.environ.update(environment())
    if loop == "uvloop":
        uvloop.run(run(Path(config), listen))
    else:
        run_instrumented(lambda: run(Path(config), listen))


if __name__ == "__main__":
    main()
