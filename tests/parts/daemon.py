"""The exporter as its users run it: a process of its own, with an environment of its own, asked over HTTP."""

import contextlib
import os
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tests.parts.process import Running, free_port, running
from tests.parts.programs import ROOT
from tests.parts.waiting import PATIENCE, eventually


class Metrics:
    """One scrape; `text` is the page as it came."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._samples: dict[str, list[Sample]] = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                self._samples.setdefault(sample.name, []).append(sample)

    def samples(self, name: str, **labels: str) -> tuple[Sample, ...]:
        """The samples of that name that carry at least these labels, in the order of the page."""
        named = self._samples.get(name, ())
        return tuple(sample for sample in named if labels.items() <= sample.labels.items())

    def value(self, name: str, **labels: str) -> float | None:
        """The value of the one sample that fits, None if there is none."""
        found = self.samples(name, **labels)
        assert len(found) <= 1, found
        return found[0].value if found else None


@dataclass(frozen=True, slots=True)
class Daemon:
    """A running exporter that serves at `url`."""

    url: str
    process: Running
    session: aiohttp.ClientSession

    async def get(self, path: str, accept: str = "*/*") -> str:
        """The body of a page, whatever its status."""
        async with self.session.get(self.url + path, headers={"accept": accept}) as response:
            return await response.text()

    async def scrape(self) -> Metrics:
        """/metrics in the text format."""
        return Metrics(await self.get("/metrics", accept="text/plain"))

    async def shows(self, name: str, value: float, *, seconds: float = PATIENCE, **labels: str) -> Metrics:
        """Wait until a sample has this value (a counter: at least); the scrape that showed it."""

        async def look() -> Metrics | None:
            seen = await self.scrape()
            shown = seen.value(name, **labels)
            counted = name.endswith("_total") and shown is not None and shown > value
            return seen if shown == value or counted else None

        return await eventually(look, f"{name}{labels} {value:g}", seconds)


def command(*words: str | Path) -> list[str]:
    """`ai-api-exporter WORDS` with this Python."""
    return [sys.executable, "-m", "exporter", *map(str, words)]


def environment(**variables: str) -> dict[str, str]:
    """An environment with nothing of this machine in it but where programs are and where the package is."""
    return {"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(ROOT), **variables}


@contextlib.asynccontextmanager
async def running_daemon(
    folder: Path, *words: str | Path, variables: Mapping[str, str] | None = None
) -> AsyncIterator[Daemon]:
    """Start `ai-api-exporter WORDS` on a free port and wait until it is ready."""
    address = f"127.0.0.1:{free_port()}"
    started = running(command(*words, "--listen", address), folder, environment(**(variables or {})))
    async with started as process, aiohttp.ClientSession() as session:
        await process.answers(f"http://{address}/-/ready")
        yield Daemon(f"http://{address}", process, session)
