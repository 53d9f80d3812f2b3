"""What the whole daemon takes of the machine beside blackbox_exporter: `python -m bench.process`.

Processor time at 100 probes a second, memory with hardly any and with 1,000 probes under way, and how many checks one
process holds. All over HTTPS, scraped each second.
"""

import re
import time
from dataclasses import dataclass

from bench.answers import Pace
from bench.daemons import daemon
from bench.figures import Figure, Results
from bench.hired import BLACKBOX, Hired, hired
from bench.serving import Reference, cpu, reference, resident

RATE = 100
INTERVAL = 10.0
PROMPT, SLOW = Pace(headers=50, first=100, chunks=16, gap=5), Pace(headers=5_000, first=9_500, chunks=16, gap=5)
SECONDS = 6.0
PLAIN = Pace(headers=50, first=100, chunks=16)
"""What many checks are answered: the first token alone, the rest at once. With 16 pieces apart the reference server
would be the first to have no core left."""
FULL = SLOW.first / 1000 + 1.0
"""Seconds until as many are under way as there will be."""
MANY = {3000: 65.0, 5000: None}
"""Checks -> the share of a core that they may take, in percent."""
LAG = re.compile(r'^ai_api_exporter_schedule_lag_seconds_bucket\{le="([^"]+)"\} (\S+)', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Taken:
    """Share of a core in percent, and resident memory in MB: with few probes under way, and with 1,000."""

    cpu: float
    idle: float
    full: float


def share(pid: int, seconds: float) -> float:
    """How much of a core a process takes in so many seconds from now, in percent."""
    before, begin = cpu(pid), time.monotonic()
    time.sleep(seconds)
    return (cpu(pid) - before) / (time.monotonic() - begin) * 100


def of_daemon(served: Reference) -> Taken:
    served.live(PROMPT)
    with daemon(served, checks=1000, interval=INTERVAL) as running, running.scraped():
        taken, idle = share(running.pid, 2 * SECONDS), resident(running.pid)
        served.live(SLOW)
        time.sleep(FULL)
        return Taken(taken, idle, resident(running.pid))


def of_blackbox(worker: Hired, served: Reference) -> Taken:
    """Its idle memory is that after a start; it keeps no checks."""
    idle = worker.do("memory")["resident"]
    served.live(PROMPT)
    told = worker.do("paced", rate=RATE, seconds=SECONDS)
    served.live(SLOW)
    full = worker.do("paced", rate=RATE, seconds=FULL)["resident"]
    return Taken(told["cpu"] / SECONDS * 100, idle, full)


def against_blackbox(ours: Taken, theirs: Taken) -> list[Figure]:
    busy, full = "memory, 1,000 checks, 950 under way", f"{BLACKBOX} has {theirs.idle:.0f} MB after its start"
    beside = Figure(what=busy, ours=ours.full, unit="MB", peer=BLACKBOX, theirs=theirs.full, limit=1.0, of_ratio=True)
    processor = Figure(
        what=f"processor at {RATE} probes a second",
        ours=ours.cpu,
        unit="% of a core",
        peer=BLACKBOX,
        theirs=theirs.cpu,
        limit=1.16,
        further=1.0,
        of_ratio=True,
    )
    return [
        processor,
        Figure(what="memory, 1,000 checks, 10 under way", ours=ours.idle, unit="MB", limit=128),
        Figure(what=busy, ours=ours.full, unit="MB", limit=200, note=full),
        beside,
    ]


def buckets(page: str) -> dict[float, float]:
    """Lateness of starts so far: upper bound in seconds -> runs."""
    return {float(bound): float(count) for bound, count in LAG.findall(page)}


def lateness(before: dict[float, float], after: dict[float, float], part: float) -> float:
    """The upper bound of the bucket that this share of the starts between two scrapes lies in, in milliseconds."""
    counts = {bound: after[bound] - before.get(bound, 0.0) for bound in after}
    total = max(counts.values(), default=0.0)
    return min((bound for bound, count in counts.items() if count >= part * total), default=0.0) * 1e3


def of_many(served: Reference, checks: int, most: float | None) -> list[Figure]:
    """One process with so many checks every 10 seconds, after its first round."""
    served.live(PLAIN)
    with daemon(served, checks=checks, interval=INTERVAL) as running, running.scraped():
        time.sleep(INTERVAL)
        running.forget()
        before, theirs, begun = buckets(running.metrics()), served.cost(), time.monotonic()
        taken = share(running.pid, SECONDS)
        ruler = (served.cost() - theirs) / (time.monotonic() - begun) * 100
        told, after = running.rows(), buckets(running.metrics())
        memory = resident(running.pid)
    what = f"{checks:,} checks every {INTERVAL:g} s"
    missed = sum(told["missed"].values())
    why = ", ".join(f"{reason} {count:,}" for reason, count in told["missed"].items())
    came = f"{len(told['seen']):,} answers in {SECONDS:g} s, {running.scraper.bytes / 1e3:,.0f} KB a scrape (gzip)"
    return [
        Figure(what=f"{what}: processor", ours=taken, unit="% of a core", limit=most, note=came),
        Figure(what=f"{what}: runs left out or failed", ours=missed, unit="runs", limit=0, note=why),
        Figure(what=f"{what}: starts at most so late, p99", ours=lateness(before, after, 0.99), unit="ms"),
        Figure(what=f"{what}: memory", ours=memory, unit="MB"),
        Figure(what=f"{what}: reference server, share of its core", ours=ruler, unit="%"),
    ]


def main() -> None:
    results = Results()
    with reference() as served:
        with hired(BLACKBOX, served) as worker:
            theirs = of_blackbox(worker, served)
        results.extend(against_blackbox(of_daemon(served), theirs))
        for checks, most in MANY.items():
            served.stamps()
            results.extend(of_many(served, checks, most))
    results.write("process", f"the daemon beside {BLACKBOX}, over HTTPS, scraped each second")


if __name__ == "__main__":
    main()
