"""How long the first page takes for 500 checks that lived a day: `python -m bench.page`. The figure to keep: 100 ms."""

from statistics import median
from time import perf_counter, process_time

from exporter.board import Board
from exporter.health import Grade, Health, State
from exporter.server.page import Page
from exporter.sink import Observation
from tests.browser.day import NOW, checks, lived

CHECKS = 500
RUNS = 20


def filled() -> Board:
    """So many checks, each with an hour behind it; every plot and bar is full."""
    board = Board()
    for check in list(checks(CHECKS // 4)):
        board.declare(check)
        health = Health(state=State.UP, since=NOW - 3600, recent=(Grade.CLEAN,))
        for outcome in lived(check, 3600):
            board.observed(Observation(check=check, outcome=outcome, before=health, after=health, model_health=None))
    return board


def main() -> None:
    board, page = filled(), Page()
    took: list[float] = []
    busy: list[float] = []
    html = ""
    for _ in range(RUNS):
        begin, working = perf_counter(), process_time()
        html = page.overview(board.overview(), NOW, costs=board.costs(NOW))
        took.append((perf_counter() - begin) * 1000)
        busy.append((process_time() - working) * 1000)
    print(
        f"{len(board.snapshot())} checks: median {median(took):.0f} ms ({median(busy):.0f} ms of processor time), "
        f"slowest {max(took):.0f} ms, {len(html)} characters"
    )


if __name__ == "__main__":
    main()
