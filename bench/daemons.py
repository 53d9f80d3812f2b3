"""The daemon (bench/daemon_watched.py) as benchmarks use it: started on a configuration, scraped, asked for rows."""

import contextlib
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from bench.clients.base import Errand
from bench.hired import Hired
from bench.plan import written
from bench.serving import Reference, started
from tests.parts.process import free_port

ACCEPT = {
    "accept": "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5",
    "accept-encoding": "gzip",
}
"""What Prometheus sends."""


class Scraper:
    """Reads /metrics once a second, as Prometheus would, in the moments between `begin` and `end`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.bytes = 0

    def begin(self) -> None:
        self._stop.clear()
        self._thread = threading.Thread(target=self._scrape)
        self._thread.start()

    def end(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _scrape(self) -> None:
        while True:
            with contextlib.suppress(OSError), urlopen(Request(f"{self._url}/metrics", headers=ACCEPT)) as answer:
                self.bytes = len(answer.read())
            if self._stop.wait(1.0):
                return


class RunningDaemon:
    """A daemon that probes the reference server."""

    def __init__(self, worker: Hired, pid: int, url: str) -> None:
        self._worker = worker
        self.pid = pid
        self.url = url
        self.scraper = Scraper(url)

    def rows(self) -> dict[str, Any]:
        """What its runs came to since the last call."""
        return self._worker.do("rows")

    def forget(self) -> None:
        """What came so far does not count."""
        self._worker.do("forget")

    @contextlib.contextmanager
    def scraped(self) -> Iterator[None]:
        """Once a second meanwhile."""
        self.scraper.begin()
        try:
            yield
        finally:
            self.scraper.end()

    def metrics(self) -> str:
        """The page in the text format."""
        with urlopen(f"{self.url}/metrics", timeout=30) as answer:
            return str(answer.read().decode())


@contextlib.contextmanager
def daemon(served: Reference, *, checks: int, interval: float, loop: str = "own") -> Iterator[RunningDaemon]:
    """So many checks at the reference server's live pace, over HTTPS. Its first runs are over when it is yielded."""
    with tempfile.TemporaryDirectory() as folder:
        config = written(Errand(base=served.at(), ca=Path(served.ca)), checks, interval, Path(folder))
        address = f"127.0.0.1:{free_port()}"
        command = [sys.executable, "-m", "bench.daemon_watched", str(config), address, loop]
        with started(command) as process:
            running = RunningDaemon(Hired(process), process.pid, f"http://{address}")
            time.sleep(first_round(checks, interval))
            yield running


def first_round(checks: int, interval: float) -> float:
    """Seconds until every check has run once: their first runs are spread, 50 a second, over an interval at most."""
    return min(interval, max(5.0, checks / 50)) + 1.0
