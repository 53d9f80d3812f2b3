"""Run the daemon between hostile parts and see that nothing of it suffers: `python -m tests.soak [MINUTES]`.

Exit code 0 if in all that time no run of the healthy provider failed, no scrape was missed (10 seconds), no internal
error was counted, no secret was shown, and memory at the end is what it was after the first fifth.
"""

import asyncio
import sys
import tempfile
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import aiohttp
import yaml

from tests.parts.daemon import Daemon, Metrics, environment, running_daemon
from tests.parts.process import free_port, running
from tests.soak.vendor import HOSTILE

SECRET = "sk-soak-secret-0123456789"
TRACE = "soak-secret"
SCRAPE_EVERY = 5.0
RELOAD_EVERY = 7.0
GROWTH = 1.15
"""What memory may be at the end, as a multiple of what it was after a fifth of the time."""


@dataclass(slots=True)
class Seen:
    """What the scrapes showed."""

    missed: int = 0
    slow: int = 0
    scrapes: int = 0
    reloads: int = 0
    memory: list[float] = field(default_factory=list)
    last: Metrics | None = None

    def judge(self) -> Iterator[str]:
        """Yield what was not as promised, a sentence each."""
        assert self.last is not None
        failed = sum(each.value for each in self.last.samples("ai_api_errors_total", provider="ok"))
        ran = sum(each.value for each in self.last.samples("ai_api_requests_total", provider="ok", status="success"))
        internal = self.last.value("ai_api_exporter_internal_errors_total") or 0
        say(f"{self.scrapes} scrapes, {self.reloads} reloads, {ran:g} healthy runs, {failed:g} of them failed")
        say(f"{self.slow} scrapes took more than a second")
        early, late = self._compare_memory()
        say(f"memory: {early / 1e6:.0f} MB after a fifth of the time, {late / 1e6:.0f} MB at the end")
        if failed or not ran:
            yield f"{failed:g} runs of the healthy provider failed, {ran:g} succeeded"
        if self.missed:
            yield f"{self.missed} scrapes were missed"
        if internal:
            yield f"{internal:g} internal errors"
        if late > early * GROWTH:
            yield "memory grew"

    def _compare_memory(self) -> tuple[float, float]:
        part = max(1, len(self.memory) // 10)
        begin = len(self.memory) // 5
        return median(self.memory[begin : begin + part]), median(self.memory[-part:])


def write_configuration(path: Path, address: str, round_number: int) -> None:
    """Every hostile provider with models of this round; the healthy one is always the same."""
    providers = {
        name: {
            "preset": "openai-compatible",
            "base_url": f"{address}/{name}/v1",
            "api_key": {"env": "SOAK_KEY"},
            "timeout": "20s" if name == "ok" else "6s",
        }
        for name in ("ok", *HOSTILE)
    }
    models = [{"model": f"m{round_number}-{at}", "provider": name} for name in HOSTILE for at in range(3)]
    healthy = [{"model": "m", "provider": "ok", "interval": "1s"}]
    document = {"interval": "5s", "providers": providers, "models": [*healthy, *models]}
    path.write_text(yaml.safe_dump(document))


async def scrape(daemon: Daemon, seen: Seen) -> None:
    """Scrape for as long as the task lives."""
    loop = asyncio.get_running_loop()
    while True:
        began = loop.time()
        try:
            async with asyncio.timeout(10):
                page = await daemon.get("/metrics", accept="text/plain")
        except (TimeoutError, aiohttp.ClientError):
            seen.missed += 1
        else:
            assert TRACE not in page, "a secret is in /metrics"
            seen.last = Metrics(page)
            seen.memory.append(seen.last.value("process_resident_memory_bytes") or 0)
            seen.slow += loop.time() - began > 1
        seen.scrapes += 1
        await asyncio.sleep(max(0.0, SCRAPE_EVERY - (loop.time() - began)))


async def reload(daemon: Daemon, path: Path, address: str, seen: Seen) -> None:
    """Replace all hostile models, again and again."""
    while True:
        await asyncio.sleep(RELOAD_EVERY)
        seen.reloads += 1
        write_configuration(path, address, seen.reloads)
        async with daemon.session.post(f"{daemon.url}/-/reload") as answer:
            assert answer.status == 200, await answer.text()


async def soak(minutes: float) -> list[str]:
    """What was not as promised."""
    seen = Seen()
    with tempfile.TemporaryDirectory() as place:
        folder, path = Path(place), Path(place, "exporter.yml")
        address = f"http://127.0.0.1:{free_port()}"
        write_configuration(path, address, 0)
        vendor = running(python("tests.soak.vendor", address.rpartition(":")[2]), folder / "vendor", environment())
        words: list[str | Path] = ["run", "--config", path, "--state-dir", folder / "state", "--web.enable-actions"]
        async with vendor as selling:
            await selling.answers(f"{address}/health")
            async with running_daemon(folder / "daemon", *words, variables={"SOAK_KEY": SECRET}) as daemon:
                async with running(python("tests.soak.client", daemon.url), folder / "client", environment()):
                    await watch(minutes, scrape(daemon, seen), reload(daemon, path, address, seen))
                for page in ("/", "/api/v1/status", "/health"):
                    assert TRACE not in await daemon.get(page), f"a secret is in {page}"
                log = daemon.process.stdout + daemon.process.stderr
    return [*seen.judge(), *(["a secret is in the log"] if TRACE in log else [])]


async def watch(minutes: float, *work: Coroutine[None, None, None]) -> None:
    """Let these work for so long; raises what they raise."""
    tasks = [asyncio.create_task(each) for each in work]
    done, _ = await asyncio.wait(tasks, timeout=minutes * 60, return_when=asyncio.FIRST_COMPLETED)
    for each in tasks:
        each.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for each in done:
        each.result()


def python(module: str, *words: str) -> list[str]:
    return [sys.executable, "-m", module, *words]


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main() -> int:
    wrong = asyncio.run(soak(float(sys.argv[1]) if len(sys.argv) > 1 else 30.0))
    say("\n".join(wrong) or "as promised")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
