"""Programs that a benchmark needs beside itself, each a process of its own, gone when the benchmark is over."""

import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from bench.answers import Pace

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Sent:
    """When the reference server got a request and sent its answer, monotonic nanoseconds; `first` only of a stream."""

    name: str
    came: int
    headers: int
    first: int | None
    last: int
    took: int
    late: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The reference server as it runs. `ca` is the certificate to trust."""

    http: str
    https: str
    ca: str

    def at(self, pace: Pace | None = None, *, tls: bool = True) -> str:
        """A base address whose answers come at this pace; without one, at the live pace."""
        return f"{self.https if tls else self.http}/pace/{pace or 'live'}/v1"

    def live(self, pace: Pace) -> None:
        """From now on answers at the live pace come so."""
        self._asked(f"/live/{pace}")

    def stamps(self) -> dict[str, Sent]:
        """All answers since the last call, by name."""
        return {row[0]: Sent(*row) for row in json.loads(self._asked("/stamps"))}

    def cost(self) -> float:
        """The processor time it has used so far, in seconds."""
        return float(json.loads(self._asked("/cost"))["nanoseconds"]) / 1e9

    def _asked(self, path: str) -> bytes:
        with urlopen(self.http + path, timeout=30) as answer:
            return bytes(answer.read())


@contextlib.contextmanager
def started(command: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    """A process with pipes; it is told to end by the end of its input, then by a signal."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    try:
        yield process
    finally:
        for end in (process.stdin.close, process.terminate, process.kill):
            end()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(3)
                break
        if process.stdout:
            process.stdout.close()


@contextlib.contextmanager
def reference() -> Iterator[Reference]:
    """The reference server, on a core of its own where there are several."""
    with (
        tempfile.TemporaryDirectory() as folder,
        started([sys.executable, "-m", "bench.reference", folder]) as process,
    ):
        assert process.stdout is not None
        yield Reference(**json.loads(process.stdout.readline()))


def told(*words: str) -> Any:
    """The JSON that `python WORDS` prints."""
    return json.loads(subprocess.run((sys.executable, *words), stdout=subprocess.PIPE, text=True, check=True).stdout)


def take_many_sockets() -> None:
    """As many open files as the machine lets this process have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def cpu(pid: int) -> float:
    """Processor time of a process and its threads so far, in seconds, to 10 ms (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident(pid: int) -> float:
    """Resident memory of a process in megabytes (Linux)."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def answers(url: str) -> None:
    """Wait until an address answers. Raises TimeoutError."""
    until = time.monotonic() + 15.0
    while time.monotonic() < until:
        with contextlib.suppress(OSError), urlopen(url, timeout=5):
            return
        time.sleep(0.05)
    raise TimeoutError(f"{url} does not answer")
