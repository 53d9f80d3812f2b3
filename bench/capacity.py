"""What one probe costs: processor time of a streamed answer, one after the other: `python -m bench.capacity`.

Eight questions at a time, as fast as they are answered; the clients take turns in rounds, so that what else the
machine does meets all of them. blackbox_exporter is charged for its own process only, not for being asked.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

from bench.answers import Pace
from bench.figures import Figure, Results
from bench.hired import BLACKBOX, Hired, hired
from bench.serving import Reference, reference

ROUNDS = 2
COUNT = 250
FEWER = 50
"""Questions in a round; the slow ones are asked fewer."""
CONCURRENCY = 8
SLOW = frozenset({"httpx", "openai SDK"})


@dataclass(frozen=True, slots=True)
class Course:
    """One way to ask. `limits` are the goals of our cost for each of blackbox_exporter's, where there are any."""

    what: str
    tls: bool
    keep_alive: bool
    pace: Pace
    clients: tuple[str, ...]
    limits: tuple[float, float] | None = None


PARTS = ("ours", "ours: transport")
ALL = (*PARTS, BLACKBOX, "aiohttp", "httpx", "openai SDK")
KEEPING = tuple(name for name in ALL if name != BLACKBOX)
AT_ONCE, APART = Pace(), Pace(chunks=16, gap=2)
COURSES = (
    Course("HTTPS", tls=True, keep_alive=False, pace=AT_ONCE, clients=ALL, limits=(1.4, 1.0)),
    Course("HTTP", tls=False, keep_alive=False, pace=AT_ONCE, clients=ALL, limits=(0.85, 0.5)),
    Course(
        "HTTPS, each of 16 tokens apart", tls=True, keep_alive=False, pace=APART, clients=(*PARTS, BLACKBOX, "aiohttp")
    ),
    Course("HTTPS, connection kept", tls=True, keep_alive=True, pace=AT_ONCE, clients=KEEPING),
    Course("HTTP, connection kept", tls=False, keep_alive=True, pace=AT_ONCE, clients=KEEPING),
)

Costs = Mapping[str, Sequence[float]]


@dataclass(slots=True)
class Ruler:
    """How busy the reference server was while it was asked: the most of all turns, as a share of its core."""

    busiest: float = 0.0


def turn(name: str, worker: Hired, served: Reference, ruler: Ruler) -> float:
    """Microseconds of processor time for each question of one turn."""
    count = FEWER if name in SLOW else COUNT
    before = served.cost()
    told = worker.do("back_to_back", count=count, concurrency=CONCURRENCY)
    ruler.busiest = max(ruler.busiest, (served.cost() - before) / told["seconds"])
    if told["failed"]:
        raise RuntimeError(f"{name}: {told['failed']} of {count} questions were not answered")
    return float(told["cpu"] / count * 1e6)


def run(course: Course, served: Reference, ruler: Ruler) -> Costs:
    """What each client's questions cost, round by round."""
    costs: dict[str, list[float]] = defaultdict(list)
    with ExitStack() as stack:
        hire = {
            name: stack.enter_context(hired(name, served, course.pace, tls=course.tls, keep_alive=course.keep_alive))
            for name in course.clients
        }
        for name, worker in hire.items():
            turn(name, worker, served, ruler)
        for _ in range(ROUNDS):
            for name, worker in hire.items():
                costs[name].append(turn(name, worker, served, ruler))
        served.stamps()
    return costs


def figures(course: Course, costs: Costs) -> list[Figure]:
    """Ours beside each peer; the goal is held against blackbox_exporter."""
    cost = {name: median(rounds) for name, rounds in costs.items()}
    found = []
    for part in PARTS:
        what = f"{course.what}: {'a whole run' if part == 'ours' else 'transport and dialect alone'}"
        for peer in (name for name in course.clients if name not in PARTS):
            goal = course.limits if part == "ours" and peer == BLACKBOX else None
            found.append(
                Figure(
                    what=what,
                    ours=cost[part],
                    unit="us",
                    peer=peer,
                    theirs=cost[peer],
                    limit=goal and goal[0],
                    further=goal and goal[1],
                    of_ratio=goal is not None,
                    note=f"{1e6 / cost[part]:,.0f} probes per second of processor time" if goal else "",
                )
            )
    return found


def main() -> None:
    results, ruler = Results(), Ruler()
    with reference() as served:
        for course in COURSES:
            results.extend(figures(course, run(course, served, ruler)))
    results.add(Figure(what="reference server: busiest turn, share of its core", ours=ruler.busiest * 100, unit="%"))
    results.write("capacity", f"processor time of a probe, {CONCURRENCY} at a time, median of {ROUNDS} rounds")


if __name__ == "__main__":
    main()
