"""How cost grows with the number of checks, 100 to 5,000 in one process: `python -m bench.growth`.

The real daemon asks the reference server over HTTP, always so many runs a second whatever the number of checks, so
that what one run costs can be compared; then it is scraped. Total cost is n times the cost of one; it is linear where
the power that fits it is 1.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import log
from statistics import fmean

from bench.figures import Figure, Results
from bench.scrape import Client
from bench.serving import Reference, cpu, reference, resident
from bench.start import running

SIZES = (100, 1000, 5000)
RATE = 25
"""Runs that begin a second: no more than first runs are spread over, so that rounds are alike from the start."""

AFTER, SECONDS = 0.3, 3.6
"""Within the first round of the fewest checks: first runs, which write all there is to write, cost more than others."""
SCRAPES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of one size: seconds of processor time a run and a scrape took, and resident megabytes."""

    run: float
    scrape: float
    resident: float


def measured(served: Reference, checks: int) -> Cost:
    """A daemon with so many checks, in its first round."""
    served.stamps()
    with running(served, checks, checks / RATE, tls=False) as daemon:
        while not served.stamps():
            time.sleep(0.1)
        time.sleep(AFTER)
        served.stamps()
        before = cpu(daemon.pid)
        time.sleep(SECONDS)
        runs = len(served.stamps())
        spent = cpu(daemon.pid) - before
        client, before = Client(daemon.url), cpu(daemon.pid)
        for _ in range(SCRAPES):
            client.scrape("text", ", gzip")
        scrape = (cpu(daemon.pid) - before) / SCRAPES
        return Cost(run=spent / runs, scrape=scrape, resident=resident(daemon.pid))


def power(costs: Mapping[int, float]) -> float:
    """The exponent of the power of n that fits costs best: the slope of a line through their logarithms."""
    across, up = [log(size) for size in costs], [log(cost) for cost in costs.values()]
    middle, height = fmean(across), fmean(up)
    rise = sum((x - middle) * (y - height) for x, y in zip(across, up, strict=True))
    return rise / sum((x - middle) ** 2 for x in across)


def figures(found: Mapping[int, Cost]) -> Iterator[Figure]:
    for checks, cost in found.items():
        yield Figure(what=f"CPU of a run, {checks:,} checks", ours=cost.run * 1e6, unit="us")
    few, many = min(found), max(found)
    each = (found[many].resident - found[few].resident) / (many - few)
    for checks, cost in found.items():
        yield Figure(what=f"resident memory, {checks:,} checks", ours=cost.resident, unit="MB")
    yield Figure(what=f"memory of one more check, {few:,} to {many:,}", ours=each * 1000, unit="kB")
    runs = {checks: checks * cost.run for checks, cost in found.items()}
    told = "CPU of a round of all checks"
    yield Figure(what=f"{told}: exponent", ours=power(runs), unit="", limit=1.1, goal="<= 1.1 (linear is 1)")
    # A scrape has a cost of its own, whatever the number of checks: it is the growth that is asked for.
    scrapes = {checks: cost.scrape for checks, cost in found.items() if checks >= 1000}
    yield Figure(
        what="CPU of a scrape from 1,000 checks on: exponent",
        ours=power(scrapes),
        unit="",
        limit=1.1,
        goal="<= 1.1 (linear is 1)",
        note=", ".join(f"{checks:,} checks {cost * 1000:.0f} ms" for checks, cost in scrapes.items()),
    )


def main() -> None:
    results = Results()
    with reference() as served:
        found = {checks: measured(served, checks) for checks in SIZES}
    results.extend(figures(found))
    results.write("growth", "how cost grows with the number of checks")


if __name__ == "__main__":
    main()
