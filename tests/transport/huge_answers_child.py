"""Ask a vendor of huge answers, many at a time: `python -m tests.transport.huge_answers_child URL COUNT`.

Prints how much memory that took above idle (bytes) and the longest callback of the event loop (seconds of CPU).
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

from exporter.aio.instrumented_loop import run_instrumented
from exporter.core.ask import Complete
from exporter.core.clock import SystemClock
from exporter.core.exchange import Exchange
from exporter.core.target import Deadlines, Target
from exporter.dialects import DIALECTS
from exporter.dialects.openai.chat import OpenAIChat
from exporter.probes.evaluation.answer import fold_events
from exporter.run.client import ModelClient
from exporter.transport import HttpTransport
from tests.transport.asking import provider

PATIENT = Deadlines(connect=150, first_token=150, total=150)


def memory(field: str) -> int:
    """A figure of this process in bytes, as the kernel has it."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith(field))


def watch_callbacks() -> list[float]:
    """Return a list whose one number is the CPU time of the longest callback from now on."""
    longest, run = [0.0], asyncio.events.Handle._run

    def timed(handle: Any) -> None:
        begun = time.thread_time()
        run(handle)
        longest[0] = max(longest[0], time.thread_time() - begun)

    asyncio.events.Handle._run = timed  # type: ignore[assignment,method-assign]
    return longest


async def main() -> int:
    url, count = sys.argv[1], int(sys.argv[2])
    transport = HttpTransport(SystemClock())
    client = ModelClient(transport, DIALECTS)

    async def ask(path: str) -> Exchange:
        target = Target(provider=provider(f"{url}/{path}/v1"), model="m", dialect=OpenAIChat.name)
        seen = await client._ask(Complete("Say one word."), target, PATIENT)
        fold_events(seen.events)
        return seen

    await ask("small")
    idle, longest = memory("VmRSS"), watch_callbacks()
    seen = await asyncio.gather(*(ask("huge") for _ in range(count)))
    await transport.close()
    told = {
        "memory": memory("VmHWM") - idle,
        "longest": longest[0],
        "reasons": sorted({"ok" if each.failure is None else each.failure.reason.value for each in seen}),
        "events": max(len(each.events) for each in seen),
    }
    sys.stdout.write(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(run_instrumented(main))
