"""One client in a process of its own: orders come as lines of JSON, so do the answers.

`python -m bench.worker CLIENT ERRAND`, where ERRAND is JSON: `base`, `ca`, `keep_alive`. An order is
`{"do": NAME, ...}` with the arguments of the function of that name; the answer is what it returns.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Coroutine, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from bench.clients.base import Client, Errand, Inside, Seen
from bench.serving import cpu, resident, take_many_sockets
from exporter.aio.instrumented_loop import run_instrumented

CLIENTS = {
    "ours: transport": "ours.Transport",
    "ours": "ours.Whole",
    "aiohttp": "plain.Aiohttp",
    "httpx": "plain.Httpx",
    "openai SDK": "sdk.OpenAI",
    "blackbox_exporter": "blackbox.Blackbox",
}
"""Only the one that is wanted is imported: its memory and start are its own."""

Answered = dict[str, Any]


class Worker:
    """Carries out orders with one client."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._number = 0
        self._seen: list[Seen] = []
        self._failed = 0

    async def paced(self, rate: float, seconds: float) -> Answered:
        """Begin `rate` questions a second for so many seconds; what has come until then."""
        loop, before = asyncio.get_running_loop(), self._cpu()
        begin, tasks = loop.time(), []
        for place in range(int(rate * seconds)):
            if (wait := begin + place / rate - loop.time()) > 0:
                await asyncio.sleep(wait)
            tasks.append(asyncio.create_task(self._one()))
        await asyncio.sleep(max(0.0, begin + seconds - loop.time()))
        taken = {"cpu": self._cpu() - before, "resident": resident(self._client.process())}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return {**self._told(), **taken}

    async def burst(self, count: int) -> Answered:
        """Begin so many questions at once and wait for all."""
        await asyncio.gather(*(self._one() for _ in range(count)))
        return self._told()

    async def back_to_back(self, count: int, concurrency: int) -> Answered:
        """Ask so many questions, `concurrency` at a time; the cost of them, not what was seen."""
        left = iter(range(count))

        async def again() -> None:
            for _ in left:
                await self._one()

        before, begin = self._cpu(), time.monotonic()
        await asyncio.gather(*(again() for _ in range(concurrency)))
        cost = {"cpu": self._cpu() - before, "seconds": time.monotonic() - begin, "count": count}
        return {**cost, "failed": self._told()["failed"]}

    async def memory(self) -> Answered:
        return {"resident": resident(self._client.process())}

    def _cpu(self) -> float:
        return time.process_time() if isinstance(self._client, Inside) else cpu(self._client.process())

    async def _one(self) -> None:
        self._number += 1
        seen = await self._client.ask(self._number)
        if seen is None:
            self._failed += 1
        else:
            self._seen.append(seen)

    def _told(self) -> Answered:
        seen, self._seen = self._seen, []
        failed, self._failed = self._failed, 0
        return {"seen": seen, "failed": failed}


async def work(make: Callable[[], Client]) -> int:
    """Carry out orders until there are no more."""
    client = make()
    await client.open()
    worker = Worker(client)
    try:
        print(json.dumps({"ready": True}), flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            order: Mapping[str, Any] = json.loads(line)
            given = {name: value for name, value in order.items() if name != "do"}
            print(json.dumps(await getattr(worker, order["do"])(**given)), flush=True)
    finally:
        await client.close()
    return 0


def main() -> None:
    name, told = sys.argv[1], json.loads(sys.argv[2])
    take_many_sockets()
    module, _, kind = CLIENTS[name].partition(".")
    made = getattr(import_module(f"bench.clients.{module}"), kind)
    errand = Errand(base=told["base"], ca=Path(told["ca"]), keep_alive=told.get("keep_alive", False))
    # Ours is asked on the loop that the exporter's command line makes.
    run = run_instrumented if module == "ours" else on_common_loop
    run(lambda: work(lambda: made(errand)))


def on_common_loop(started: Callable[[], Coroutine[Any, Any, int]]) -> int:
    return asyncio.run(started())


if __name__ == "__main__":
    main()
