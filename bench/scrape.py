"""What a scrape costs: processor time, time, and the longest hold of the loop, at 10 to 5,000 checks.

`python -m bench.scrape`. Our side is the real application over HTTP (bench/scrape_server.py) on the exposition of the
demo's `chat` check, with outcomes arriving, so that what is kept ready is out of date as in life. Beside it stand
prometheus-client and, where Go is at hand, client_golang, each with as many series.
"""

import asyncio
import http.client
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, process_time, sleep
from urllib.parse import urlsplit

from bench.exposition import taken_apart, write
from bench.figures import Figure, Results
from bench.population import Example, Population, example, lived, series, text
from tests.parts.programs import installed

SIZES = (10, 100, 1000, 5000)
FORMS = {"text": "text/plain", "OpenMetrics": "application/openmetrics-text; version=1.0.0"}
CODINGS = {"": "identity", ", gzip": "gzip"}
ARRIVING = 100
"""Runs that end a second, and that end between two scrapes where processor time is measured."""

REFERENCE = 70
"""Series per check of the checks that the goals in milliseconds were set for."""

ROOT = Path(__file__).resolve().parents[1]
GO_SOURCE, GO_KEPT = ROOT / "bench" / "go_exporter", ROOT / ".cache" / "go"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scraped:
    """The median of some scrapes of one kind: milliseconds of processor time and until all was there, and bytes."""

    cpu: float
    took: float
    size: int


Kinds = dict[str, Scraped]
"""By format and coding, as "text" or "OpenMetrics, gzip"."""


class Client:
    """One kept connection to an exporter, as Prometheus has it; bodies are read and thrown away."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc)

    def ask(self, method: str, path: str) -> bytes:
        self._connection.request(method, path)
        return self._connection.getresponse().read()

    def told(self, path: str) -> dict[str, float]:
        found: dict[str, float] = json.loads(self.ask("POST", path))
        return found

    def scrape(self, form: str, coding: str) -> tuple[float, int]:
        """Milliseconds and bytes of one scrape."""
        began = perf_counter()
        headers = {"Accept": FORMS[form], "Accept-Encoding": CODINGS[coding]}
        self._connection.request("GET", "/metrics", headers=headers)
        answer = self._connection.getresponse()
        assert FORMS[form].split(";")[0] in (answer.headers["Content-Type"] or "")
        assert (answer.headers["Content-Encoding"] == "gzip") == (CODINGS[coding] == "gzip")
        size = sum(len(chunk) for chunk in iter(lambda: answer.read(1 << 20), b""))
        return (perf_counter() - began) * 1000, size


@contextmanager
def serving(*command: str) -> Iterator[Client]:
    """A server that prints its address and ends with its standard input."""
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None  # noqa: PT018  (both or neither)
        try:
            yield Client(process.stdout.readline().strip())
        finally:
            process.stdin.close()


def each_kind() -> Iterator[tuple[str, str]]:
    for form in FORMS:
        for coding in CODINGS:
            yield form, coding


def ours(client: Client, runs: int) -> Kinds:
    """Processor time of scrapes, each after some runs have ended; nothing else happens meanwhile."""
    return {f"{form}{coding}": _ours(client, form, coding, runs) for form, coding in each_kind()}


def _ours(client: Client, form: str, coding: str, runs: int) -> Scraped:
    cpu, took, size = [], [], 0
    client.scrape(form, coding)
    for _ in range(runs):
        client.told(f"/bench/feed?runs={ARRIVING}")
        client.told("/bench/begin")
        milliseconds, size = client.scrape(form, coding)
        cpu.append(client.told("/bench/end")["cpu"])
        took.append(milliseconds)
    return Scraped(cpu=median(cpu), took=median(took), size=size)


@dataclass(frozen=True, slots=True)
class Held:
    """The longest hold of the loop in one stretch of time, milliseconds; `late` with the waits for a core in it."""

    longest: float
    late: float


Holds = dict[str, list[Held]]
"""By kind, one for each scrape; "" for stretches as long without a scrape."""


def holds(client: Client, runs: int) -> Holds:
    """What scrapes do to the loop while outcomes arrive."""
    found: Holds = {"": []}
    for form, coding in (*each_kind(), *each_kind()):
        for _ in range(runs):
            client.told(f"/bench/begin?trickle={ARRIVING}")
            took, _ = client.scrape(form, coding)
            found.setdefault(f"{form}{coding}", []).append(_noted(client))
            client.told(f"/bench/begin?trickle={ARRIVING}")
            sleep(took / 1000)
            found[""].append(_noted(client))
    return found


def _noted(client: Client) -> Held:
    told = client.told("/bench/end")
    return Held(longest=told["held"], late=told["late"])


def peer_forms(checks: int) -> tuple[str, ...]:
    """The formats that peers are asked for: with very many checks they take ten seconds for each."""
    return tuple(FORMS) if checks <= 1000 else ("text",)


def ordinary(exposition: str, checks: int) -> dict[str, float]:
    """Milliseconds of processor time of prometheus-client by kind."""
    command = (sys.executable, "-m", "bench.scrape_peer", str(checks), *peer_forms(checks))
    ended = subprocess.run(command, cwd=ROOT, input=exposition, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(ended.stdout)
    return found


def built_in_go() -> Path | str:
    """The Go exporter, built; or why there is none."""
    if installed("go") is None:
        return "there is no go here"
    environment = {
        **os.environ,
        "GOCACHE": str(GO_KEPT / "build"),
        "GOMODCACHE": str(GO_KEPT / "mod"),
        "GOFLAGS": "-buildvcs=false -modcacherw",
    }
    binary = GO_KEPT / "go_exporter"
    command = ("go", "build", "-o", str(binary), ".")
    ended = subprocess.run(command, cwd=GO_SOURCE, env=environment, capture_output=True, text=True, check=False)
    return binary if ended.returncode == 0 else f"go build failed: {ended.stderr.strip().splitlines()[-1]}"


def in_go(binary: Path, exposition: str, checks: int, runs: int) -> Kinds:
    """The same of client_golang."""
    with tempfile.TemporaryDirectory() as folder:
        specification = Path(folder) / "check.json"
        write(taken_apart(exposition), specification)
        with serving(str(binary), str(specification), str(checks)) as client:
            forms = [(form, coding) for form, coding in each_kind() if form in peer_forms(checks)]
            return {f"{form}{coding}": _in_go(client, form, coding, runs) for form, coding in forms}


def _in_go(client: Client, form: str, coding: str, runs: int) -> Scraped:
    cpu, took, size = [], [], 0
    for _ in range(runs):
        before = float(client.ask("GET", "/cpu"))
        milliseconds, size = client.scrape(form, coding)
        cpu.append(float(client.ask("GET", "/cpu")) - before)
        took.append(milliseconds)
    return Scraped(cpu=median(cpu), took=median(took), size=size)


def fragment(population: Population) -> float:
    """Microseconds of processor time that the metrics take for one run: counted and written anew."""
    found = []
    for _ in range(20):
        seen = list(population.seen(ARRIVING))
        began = process_time()
        for each in seen:
            population.metrics.record_start(each.check)
            population.metrics.record_run(each)
        found.append((process_time() - began) / ARRIVING * 1e6)
    return median(found)


def figures_of(checks: int, mine: Kinds, ordinary: dict[str, float], go: Kinds) -> Iterator[Figure]:
    """What a scrape costs beside the others, kind by kind; the goals stand at 1,000 checks, in the usual kind."""
    for kind, scraped in mine.items():
        what = f"CPU of a scrape, {checks:,} checks, {kind}"
        goal = checks == 1000 and kind == "text, gzip"
        cost = partial(Figure, ours=scraped.cpu, unit="ms", of_ratio=True)
        told = f"{scraped.size / 1e6:,.2f} MB, all there after {scraped.took:.1f} ms"
        yield cost(what=what, peer="prometheus-client", theirs=ordinary.get(kind), note=told)
        if kind in go:
            yield cost(what=what, peer="client_golang", theirs=go[kind].cpu, limit=0.15 if goal else None)
        if goal:
            what = f"{what}, against writing alone"
            yield cost(what=what, peer="generate_latest", theirs=ordinary["text"], limit=0.05)


def scaled(checks: int, per_check: int, mine: Kinds, held: Holds) -> Iterator[Figure]:
    """The goals in milliseconds, which are for checks of 70 series: what ours cost for each 70."""
    share = REFERENCE / per_check
    if checks == 1000:
        cpu = mine["text, gzip"].cpu
        note = f"{cpu:.1f} ms with {per_check} series"
        what = f"CPU of a gzipped scrape, {checks:,} checks, for {REFERENCE} series of each"
        yield Figure(what=what, ours=cpu * share, unit="ms", limit=25.0, note=note)
    limit = {1000: 2.0, 5000: 5.0}.get(checks)
    if limit is not None:
        worst = max(each.longest for kind, found in held.items() if kind for each in found)
        note = f"{worst:.2f} ms with {per_check} series; the longest of all scrapes, whatever the kind"
        what = f"longest hold of the loop in a scrape, {checks:,} checks, for {REFERENCE} series of each"
        yield Figure(what=what, ours=worst * share, unit="ms", limit=limit, note=note)


def held_figures(checks: int, held: Holds, ordinary: dict[str, float]) -> Iterator[Figure]:
    """The longest hold of any scrape; the ordinary way holds the loop for all the time that writing takes."""
    for kind, found in held.items():
        if kind:
            note = f"{_described(found)}; without a scrape, in as long, {_described(held[''])}"
            what = f"longest hold of the loop in a scrape, {checks:,} checks, {kind}"
            peer, theirs = "prometheus-client in the loop", ordinary.get(kind)
            longest = max(each.longest for each in found)
            yield Figure(what=what, ours=longest, unit="ms", peer=peer, theirs=theirs, note=note)


def _described(found: list[Held]) -> str:
    holds, late = [each.longest for each in found], max(each.late for each in found)
    return f"median {median(holds):.2f}, longest {max(holds):.2f} ms (with waits for a core {late:.2f} ms)"


def measure(checks: int, exposition: str, go: Path | str, results: Results) -> None:
    """One size, everybody in turn."""
    runs = 10 if checks <= 1000 else 4
    with serving(sys.executable, "-m", "bench.scrape_server", str(checks)) as client:
        mine, held = ours(client, runs), holds(client, runs)
    peer = ordinary(exposition, checks)
    golang = in_go(go, exposition, checks, 3 if checks <= 1000 else 1) if isinstance(go, Path) else {}
    results.extend(scaled(checks, series(exposition), mine, held))
    results.extend(held_figures(checks, held, peer))
    results.extend(figures_of(checks, mine, peer, golang))


def _one(like: Example) -> str:
    return text(lived(like, 1))


def main() -> None:
    results = Results()
    like = asyncio.run(example())
    exposition = _one(like)
    per_check = series(exposition)
    go = built_in_go()
    if isinstance(go, str):
        print(f"no figures of client_golang: {go}")
    micros = fragment(lived(like, 1000))
    results.add(Figure(what="series of one check", ours=per_check, unit="series"))
    note = f"{micros:.0f} us with {per_check} series: counted, and every family that changed written anew"
    what = f"metrics of one run written anew, for {REFERENCE} series"
    results.add(Figure(what=what, ours=micros * REFERENCE / per_check, unit="us", limit=25.0, note=note))
    for checks in SIZES:
        measure(checks, exposition, go, results)
    results.write("scrape", "what a scrape costs, and how long it holds the loop")


if __name__ == "__main__":
    main()
