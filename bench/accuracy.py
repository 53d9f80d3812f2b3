"""How exact the times are that the exporter tells: `python -m bench.accuracy`.

The whole daemon with 1,100 checks, 100 probes a second over HTTPS, against the stamps of the reference server, with
and without a scrape each second; then blackbox_exporter, httpx and the openai SDK at the same pace. How many probes
are under way follows from how long an answer takes to begin.
"""

import argparse
import time
from collections.abc import Mapping

from bench.answers import Pace
from bench.daemons import RunningDaemon, daemon
from bench.errors import Errors, compared, size
from bench.figures import Figure, Results, percentile
from bench.hired import BLACKBOX, hired
from bench.serving import Reference, Sent, cpu, reference

RATE = 100
CHECKS, INTERVAL = 1100, 11.0
LEVELS: Mapping[int, Pace] = {
    1: Pace(headers=2, first=5, chunks=2, gap=4),
    100: Pace(headers=450, first=900, chunks=8, gap=10),
    500: Pace(headers=2_450, first=4_900, chunks=8, gap=10),
    1000: Pace(headers=4_950, first=9_900, chunks=8, gap=10),
}
"""Probes under way -> the pace that has so many under way at `RATE`."""
MOST = max(LEVELS)
SECONDS = 2.0
SECONDS_AT_MOST = 4.0
PEERS = ("httpx", "openai SDK", BLACKBOX)

Told = dict[int, Errors]


class Stamps:
    """All stamps of the reference server so far: an answer is often asked for after the next run has begun."""

    def __init__(self, served: Reference) -> None:
        self._served = served
        self.all: dict[str, Sent] = {}

    def now(self) -> Mapping[str, Sent]:
        self.all |= self._served.stamps()
        return self.all


def length(level: int) -> float:
    """How long is measured, in seconds."""
    return SECONDS_AT_MOST if level == MOST else SECONDS


def measured(running: RunningDaemon, stamps: Stamps, seconds: float) -> Errors:
    """The errors of what the daemon brings in so many seconds from now."""
    time.sleep(0.3)
    running.forget()
    before = cpu(running.pid)
    time.sleep(seconds)
    taken = cpu(running.pid) - before
    errors = Errors.of(running.rows(), stamps.now())
    errors.processor = taken / seconds * 100
    return errors


def of_daemon(served: Reference, stamps: Stamps) -> tuple[Told, Told]:
    """The daemon's errors by probes under way: scraped each second, and not scraped."""
    scraped, unscraped = {}, {}
    served.live(LEVELS[1])
    with daemon(served, checks=CHECKS, interval=INTERVAL) as running:
        for level, pace in LEVELS.items():
            served.live(pace)
            time.sleep(pace.first / 1000 + 0.5)
            with running.scraped():
                scraped[level] = measured(running, stamps, length(level))
            unscraped[level] = measured(running, stamps, length(level))
    return scraped, unscraped


def of_uvloop(served: Reference, stamps: Stamps) -> Errors:
    """The daemon's errors on the other event loop: 1,000 under way, scraped each second."""
    served.live(LEVELS[MOST])
    with daemon(served, checks=CHECKS, interval=INTERVAL, loop="uvloop") as running, running.scraped():
        return measured(running, stamps, length(MOST))


def of_peer(client: str, served: Reference, stamps: Stamps) -> Told:
    """A peer's errors by probes under way. For one that only sees the first byte, that is what comes so late."""
    found = {}
    with hired(client, served) as worker:
        for level, pace in LEVELS.items():
            served.live(pace.all_late() if client == BLACKBOX else pace)
            told = worker.do("paced", rate=RATE, seconds=pace.first / 1000 + length(level))
            found[level] = Errors.of(told, stamps.now())
    return found


def goals(scraped: Errors, unscraped: Errors) -> list[Figure]:
    """What is promised of the hardest case: 1,000 under way, scraped each second."""
    what = f"{MOST:,} under way, scraped"
    limits = {"p50": 0.05, "p99": 0.1, "max": 1.0}
    receive = [
        Figure(what=f"first token received, {what}, {share}", ours=size(scraped.receive, share), unit="ms", limit=limit)
        for share, limit in limits.items()
    ]
    return [
        *receive,
        Figure(what=f"time to first token, {what}, p99", ours=size(scraped.whole, "p99"), unit="ms", limit=0.3),
        Figure(
            what=f"first token received, {what}, p99 with and without scrapes",
            ours=size(scraped.receive, "p99"),
            unit="ms",
            peer="without scrapes",
            theirs=size(unscraped.receive, "p99"),
            limit=1.5,
            of_ratio=True,
        ),
    ]


def beside_peers(unscraped: Told, peers: Mapping[str, Told]) -> list[Figure]:
    """Every level, not scraped (the peers are not either)."""
    found = []
    for level, ours in unscraped.items():
        receive = {peer: told[level].receive for peer, told in peers.items() if told[level].receive}
        whole = {peer: told[level].whole for peer, told in peers.items() if told[level].whole}
        found += compared(f"first token received, {level:,} under way", ours.receive, receive)
        found += compared(f"time to first token (theirs: first byte), {level:,} under way", ours.whole, whole)
        found += compared(f"end of the answer, {level:,} under way", ours.duration, {}, ["p99"])
    return found


def when_scraped(scraped: Told) -> list[Figure]:
    """Every level, scraped each second."""
    found = []
    for level, ours in scraped.items():
        found += compared(f"first token received, {level:,} under way, scraped", ours.receive, {}, ["p50", "p99"])
        found += compared(f"end of the answer, {level:,} under way, scraped", ours.duration, {}, ["p99"])
    return found


def beside_uvloop(own: Errors, uvloop: Errors) -> list[Figure]:
    """The loop that the daemon makes for itself beside the other one, one run after the other."""
    what = f"{MOST:,} under way, scraped, own loop"
    busy = Figure(
        what=f"processor, {what}", ours=own.processor, unit="% of a core", peer="uvloop", theirs=uvloop.processor
    )
    return [*compared(f"first token received, {what}", own.receive, {"uvloop": uvloop.receive}), busy]


def of_reference(sent: Mapping[str, Sent], cost: float) -> list[Figure]:
    """Whether the reference server kept up: it is the ruler."""
    late = [each.late / 1e6 for each in sent.values()]
    took = [each.took / 1e6 for each in sent.values()]
    return [
        Figure(what="reference server: latest piece of an answer, p99", ours=percentile(late, 0.99), unit="ms late"),
        Figure(what="reference server: longest write of an answer, p99", ours=percentile(took, 0.99), unit="ms"),
        Figure(what="reference server: processor time of an answer", ours=cost / len(sent) * 1e6, unit="us"),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.accuracy", description=__doc__)
    parser.add_argument("--uvloop", action="store_true", help="the daemon on uvloop too; half a minute more")
    asked = parser.parse_args()
    results = Results()
    with reference() as served:
        stamps = Stamps(served)
        scraped, unscraped = of_daemon(served, stamps)
        uvloop = of_uvloop(served, stamps) if asked.uvloop else None
        peers = {client: of_peer(client, served, stamps) for client in PEERS}
        ruler = of_reference(stamps.now(), served.cost())
    results.extend(goals(scraped[MOST], unscraped[MOST]))
    results.extend(beside_peers(unscraped, peers))
    results.extend(when_scraped(scraped))
    if uvloop is not None:
        results.extend(beside_uvloop(scraped[MOST], uvloop))
    results.extend(ruler)
    failed = sum(each.failed for told in (scraped, unscraped) for each in told.values())
    results.add(Figure(what="our probes without an answer", ours=failed, unit="probes", limit=0))
    results.write("accuracy", f"error against the server's own stamps, {RATE} probes a second over HTTPS")


if __name__ == "__main__":
    main()
