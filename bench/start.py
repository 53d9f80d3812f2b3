"""From the start of the process to its first probe, and what it takes in memory: `python -m bench.start`.

A real process on a real configuration asks the reference server, which knows when the first request came. Beside it
stands what Python and the libraries take alone, below which no start can be.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.clients.base import Errand
from bench.figures import Figure, Results
from bench.plan import environment, written
from bench.serving import Reference, answers, reference, resident
from tests.parts.daemon import command
from tests.parts.daemon import environment as clean
from tests.parts.process import free_port
from tests.parts.programs import installed

ROUNDS = 5
SIZES = (100, 1000, 5000)
SETTLED = 8.0
"""Seconds after which ten checks have had their first runs."""

LIBRARIES = (
    "aiohappyeyeballs, aiohttp.web, apscheduler.schedulers.asyncio, bcrypt, httptools, jinja2, orjson, "
    "prometheus_client, pydantic, pydantic_settings, structlog, yaml"
)
"""What `run` imports before it has a configuration."""

PACKAGE = "exporter.commands.run"


@dataclass(frozen=True, slots=True)
class Running:
    """A daemon as users start it: its process, where it serves, and when it was started (monotonic nanoseconds)."""

    pid: int
    url: str
    began: int


@contextmanager
def running(served: Reference, checks: int, interval: float = 3600.0, *, tls: bool = True) -> Iterator[Running]:
    """So many `chat` checks of the reference server, over HTTPS or HTTP; nothing is waited for."""
    with tempfile.TemporaryDirectory() as folder:
        errand = Errand(base=served.at(tls=tls), ca=Path(served.ca))
        config = written(errand, checks, interval, Path(folder))
        address = f"127.0.0.1:{free_port()}"
        words = ("run", "--config", config, "--listen", address, "--log-level", "error")
        began = time.monotonic_ns()
        with ended(command(*words), clean(**environment())) as pid:
            yield Running(pid, f"http://{address}", began)


@contextmanager
def ended(words: list[str], variables: dict[str, str] | None = None) -> Iterator[int]:
    """A process that is told to end when it is no longer looked at."""
    with subprocess.Popen(words, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield process.pid
        finally:
            process.terminate()


def first_probe(served: Reference, checks: int) -> float:
    """Seconds from the start of a process to its first request."""
    served.stamps()
    with running(served, checks) as daemon:
        while not (sent := served.stamps()):
            time.sleep(0.02)
        return (min(each.came for each in sent.values()) - daemon.began) / 1e9


def idle(served: Reference) -> float:
    """Megabytes that ten checks take when all have run once."""
    with running(served, 10) as daemon:
        time.sleep(SETTLED)
        return resident(daemon.pid)


def blackbox_idle() -> float | None:
    """Megabytes of a blackbox_exporter that nobody has asked anything; None where there is none."""
    found = installed("prometheus-blackbox-exporter")
    if found is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "blackbox.yml"
        config.write_text("modules: {chat: {prober: http}}")
        address = f"127.0.0.1:{free_port()}"
        with ended([str(found), f"--config.file={config}", f"--web.listen-address={address}"]) as pid:
            answers(f"http://{address}/-/healthy")
            return resident(pid)


def imported(what: str) -> tuple[float, float]:
    """Seconds that an interpreter needs to import it and end, and the megabytes it then has."""
    script = f"import {what}, os\nprint(open('/proc/self/statm').read().split()[1], os.sysconf('SC_PAGE_SIZE'))"
    began = time.perf_counter()
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=clean())
    took = time.perf_counter() - began
    pages, size = map(int, told.stdout.split())
    return took, pages * size / 1e6


def imports() -> Iterator[Figure]:
    """Ours and what stands below it, in turn."""
    pairs = [(imported(PACKAGE), imported(LIBRARIES)) for _ in range(ROUNDS)]
    took, floor = median(mine[0] for mine, _ in pairs), median(theirs[0] for _, theirs in pairs)
    yield Figure(
        what="interpreter started, daemon imported",
        ours=took * 1000,
        unit="ms",
        peer="its libraries",
        theirs=floor * 1000,
    )
    (_, mine), (_, theirs) = pairs[-1]
    yield Figure(what="memory, daemon imported", ours=mine, unit="MB", peer="its libraries", theirs=theirs)


def main() -> None:
    results = Results()
    with reference() as served:
        for checks in SIZES:
            rounds = [first_probe(served, checks) for _ in range(ROUNDS if checks == SIZES[0] else 1)]
            results.add(
                Figure(
                    what=f"start of the process to its first request, {checks:,} checks",
                    ours=median(rounds),
                    unit="s",
                    limit=1.0 if checks == SIZES[0] else None,
                    note=f"median of {len(rounds)}, from {min(rounds):.2f} to {max(rounds):.2f} s",
                )
            )
        results.add(
            Figure(
                what="resident memory, idle with 10 checks",
                ours=idle(served),
                unit="MB",
                peer="blackbox_exporter idle",
                theirs=blackbox_idle(),
                limit=64.0,
            )
        )
    results.extend(imports())
    results.write("start", "how soon it probes, and what it takes in memory")


if __name__ == "__main__":
    main()
