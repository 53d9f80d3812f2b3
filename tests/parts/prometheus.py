"""A real Prometheus on a free loopback port with a data folder of its own, and how to ask it."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from tests.parts.process import free_port, running
from tests.parts.programs import program
from tests.parts.waiting import eventually


@dataclass(frozen=True, slots=True)
class Sample:
    """One series of an answer: its labels, and its value now."""

    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class Prometheus:
    """A Prometheus that is up at `url`."""

    url: str
    session: aiohttp.ClientSession

    async def query(self, promql: str) -> tuple[Sample, ...]:
        """The instant vector of an expression, now; AssertionError if it is not valid."""
        async with self.session.get(f"{self.url}/api/v1/query", params={"query": promql}) as response:
            answer = await response.json()
        assert answer["status"] == "success", answer
        assert answer["data"]["resultType"] == "vector", answer
        return tuple(Sample(each["metric"], float(each["value"][1])) for each in answer["data"]["result"])

    async def eventually(self, promql: str, series: int = 1) -> tuple[Sample, ...]:
        """The same, once it has at least that many series, none of them NaN."""

        async def look() -> tuple[Sample, ...] | None:
            seen = await self.query(promql)
            return seen if len(seen) >= series and all(each.value == each.value for each in seen) else None

        return await eventually(look, f"{series} series of {promql}")


@contextlib.asynccontextmanager
async def running_prometheus(config: str, folder: Path) -> AsyncIterator[Prometheus]:
    """Start one with this configuration text and wait until it is ready to scrape and to answer."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "prometheus.yml").write_text(config)
    address = f"127.0.0.1:{free_port()}"
    command = (
        program("prometheus"),
        "--config.file=prometheus.yml",
        "--storage.tsdb.path=data",
        f"--web.listen-address={address}",
    )
    async with running(command, folder) as process, aiohttp.ClientSession() as session:
        await process.answers(f"http://{address}/-/ready")
        yield Prometheus(f"http://{address}", session)
