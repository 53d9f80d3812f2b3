"""Workers (bench/worker.py) as the benchmarks use them: hired with an errand, given orders, dismissed."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from bench.answers import Pace
from bench.serving import Reference, started

BLACKBOX = "blackbox_exporter"
"""The client (bench/worker.py) that knows no tokens: it tells when the first byte came."""


class Hired:
    """A worker that waits for orders."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._heard()

    def do(self, order: str, **given: float) -> dict[str, Any]:
        """Have it done and wait for the answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": order, **given}) + "\n")
        self._process.stdin.flush()
        return self._heard()

    def _heard(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise ChildProcessError(f"the worker ended: {self._process.args!r}")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextlib.contextmanager
def hired(
    client: str, served: Reference, pace: Pace | None = None, *, tls: bool = True, **more: object
) -> Iterator[Hired]:
    """A worker that asks the reference server with that client."""
    errand = json.dumps({"base": served.at(pace, tls=tls), "ca": served.ca, **more})
    with started([sys.executable, "-m", "bench.worker", client, errand]) as process:
        yield Hired(process)
