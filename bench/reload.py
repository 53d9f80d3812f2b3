"""What a reload costs while everything runs: `python -m bench.reload`.

The real daemon, with its first runs under way against the reference server, is told to reload over HTTP: once nothing
changed, once one check, once one of ten providers with all of its checks. Reading happens on a thread; what is taken
over is taken over on the event loop, and how long that holds the loop is the figure that matters.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from urllib.request import Request, urlopen

import yaml

from bench.clients.base import KEY
from bench.figures import Figure, Results
from bench.hold import HoldWatch
from bench.serving import reference, told
from exporter.aio.gc_tuning import freeze_heap, tune_gc
from exporter.app.daemon import SETTLED_AFTER, Daemon
from exporter.config.load import load_plan
from exporter.config.settings import Listen, Settings
from exporter.core.plan import Plan
from exporter.dialects import DIALECTS
from exporter.probes import PROBES

SIZES = (100, 1000, 3000)
PROVIDERS = 10
ROUNDS = 2
CASES = ("nothing changed", "one check changed", "one provider changed")
AFTERWARDS = "afterwards"
"""While the daemon settles: what was made is told from what is no longer used."""


@dataclass(slots=True)
class Reloads:
    """Milliseconds that reloads of one kind took, and for which they held the loop at worst."""

    took: list[float] = field(default_factory=list)
    held: list[float] = field(default_factory=list)


class Configuration:
    """So many checks, an equal part at each provider; `write` makes another version of it."""

    def __init__(self, path: Path, address: str, checks: int) -> None:
        self._path = path
        self._address = address
        self._checks = checks
        self._version = 0

    def write(self, case: str) -> None:
        self._version += 1
        providers = {f"p{number}": self._provider() for number in range(PROVIDERS)}
        models: list[dict[str, Any]] = [
            {"model": f"model-{number:05}", "provider": f"p{number % PROVIDERS}"} for number in range(self._checks)
        ]
        if case == "one check changed":
            models[0]["degraded_above"] = f"{self._version}s"
        if case == "one provider changed":
            providers["p0"]["max_in_flight"] = 100 + self._version
        head = {"interval": "1h", "status_pages": False, "budget": {"daily_usd": 1000.0}}
        self._path.write_text(yaml.dump({**head, "providers": providers, "models": models}, Dumper=yaml.CSafeDumper))

    def load(self) -> Plan:
        return load_plan(self._path, {"REFERENCE_KEY": KEY}, PROBES, DIALECTS)

    def _provider(self) -> dict[str, Any]:
        key = {"env": "REFERENCE_KEY"}
        return {"preset": "openai-compatible", "base_url": self._address, "api_key": key, "probes": ["chat"]}


async def measured(configuration: Configuration) -> Mapping[str, Reloads]:
    """Reloads of every kind, in turn."""
    tune_gc()
    configuration.write(CASES[0])
    settings = Settings(listen=Listen("127.0.0.1", 0), log_level="error")
    daemon = Daemon(configuration.load, settings, freeze=freeze_heap)
    ready, watch = asyncio.Event(), HoldWatch()
    running = asyncio.create_task(daemon.run(on_ready=ready.set))
    found = {case: Reloads() for case in (*CASES, AFTERWARDS)}
    await ready.wait()
    await asyncio.sleep(1.0)
    for case in CASES * ROUNDS:
        # On a thread: what writing it takes of the loop would be counted as a hold of the reload.
        await asyncio.to_thread(configuration.write, case)
        await held_by(watch, partial(asyncio.to_thread, reload, daemon.server.url), found[case])
        await held_by(watch, partial(asyncio.sleep, SETTLED_AFTER + 0.2), found[AFTERWARDS])
    await watch.stop()
    daemon.stop()
    await running
    return found


def reload(url: str) -> None:
    with urlopen(Request(f"{url}-/reload", method="POST"), timeout=60) as answer:
        answer.read()


async def held_by(watch: HoldWatch, work: Callable[[], Awaitable[None]], noted: Reloads) -> None:
    watch.begin()
    began = perf_counter()
    await work()
    noted.took.append((perf_counter() - began) * 1000)
    await asyncio.sleep(0.01)
    noted.held.append(watch.longest * 1000)


def in_a_process(address: str, checks: int) -> Mapping[str, Reloads]:
    return {case: Reloads(**found) for case, found in told("-m", "bench.reload", address, str(checks)).items()}


def figures(checks: int, found: Mapping[str, Reloads]) -> Iterator[Figure]:
    for case in CASES:
        reloads, what = found[case], f"{checks:,} checks, {case}"
        note = f"the longest of {ROUNDS}, the other {min(reloads.held):.1f} ms"
        yield Figure(what=f"longest hold of the loop in a reload, {what}", ours=max(reloads.held), unit="ms", note=note)
        yield Figure(what=f"a reload, {what}", ours=median(reloads.took), unit="ms")
    later = found[AFTERWARDS].held
    what = f"longest hold of the loop in the second after a reload, {checks:,} checks"
    yield Figure(what=what, ours=max(later), unit="ms", note=f"median of {len(later)}: {median(later):.1f} ms")


def alone(address: str, checks: int) -> None:
    """One size in this process; prints what was found as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(measured(Configuration(Path(folder) / "exporter.yml", address, checks)))
    print(json.dumps({case: asdict(reloads) for case, reloads in found.items()}))


def main() -> None:
    if len(sys.argv) > 1:
        alone(sys.argv[1], int(sys.argv[2]))
        return
    results = Results()
    with reference() as served:
        for checks in SIZES:
            results.extend(figures(checks, in_a_process(served.at(tls=False), checks)))
    results.write("reload", "what a reload costs while everything runs")


if __name__ == "__main__":
    main()
