"""How long the first page takes for 500 checks that lived a day: `python -m bench.page`. The figure to keep: 100 ms."""

from statistics import median
from time import perf_counter, process_time

from bench.figures import Figure, Results
from exporter.core.health_state import Grade, Health, State
from exporter.core.sink import Observation
from exporter.results.status_cache import StatusCache
from exporter.server.pages.html import PageRenderer
from tests.browser.day import NOW, checks, lived

CHECKS = 500
RUNS = 20


def filled() -> StatusCache:
    """So many checks, each with an hour behind it; every plot and bar is full."""
    board = StatusCache()
    for check in list(checks(CHECKS // 4)):
        board.add_check(check)
        health = Health(state=State.UP, since=NOW - 3600, recent=(Grade.CLEAN,))
        for outcome in lived(check, 3600):
            board.record_run(Observation(check=check, outcome=outcome, before=health, after=health, model_health=None))
    return board


def main() -> None:
    board, page = filled(), PageRenderer()
    took: list[float] = []
    busy: list[float] = []
    html = ""
    for _ in range(RUNS):
        begin, working = perf_counter(), process_time()
        html = page.render_overview(board.overview(), NOW, costs=board.costs(NOW))
        took.append((perf_counter() - begin) * 1000)
        busy.append((process_time() - working) * 1000)
    results = Results()
    size = f"{len(board.snapshot())} checks, {len(html)} characters"
    results.add(Figure(what="the page, median", ours=median(took), unit="ms", limit=100, note=size))
    results.add(Figure(what="the page, slowest", ours=max(took), unit="ms"))
    results.add(Figure(what="processor time of the page, median", ours=median(busy), unit="ms"))
    results.write("page", "the first page for 500 checks that lived a day")


if __name__ == "__main__":
    main()
