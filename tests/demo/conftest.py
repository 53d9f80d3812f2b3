"""A stage whose clock stands still and whose servers do not wait, and plain clients of each dialect."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import ClientSession

from exporter.demo import Vendors
from tests.demo.caller import Caller


@dataclass
class HeldClock:
    """Time is what the test says: `second` since the start, at a fixed date."""

    second: float = 0.0
    date: float = 1_795_000_000.0

    def monotonic_ns(self) -> int:
        return round((1_000 + self.second) * 1e9)

    def wall(self) -> float:
        return self.date + self.second


@dataclass
class Naps:
    """Takes the place of sleeping; remembers how long each would have been."""

    seconds: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock()


@pytest.fixture
def naps() -> Naps:
    return Naps()


@pytest.fixture
async def vendors(clock: HeldClock, naps: Naps) -> AsyncIterator[Vendors]:
    async with Vendors(clock=clock, sleep=naps) as running:
        yield running


@pytest.fixture
async def caller(vendors: Vendors) -> AsyncIterator[Caller]:
    async with ClientSession() as session:
        yield Caller(session, vendors)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that would lead any client astray that listened to it."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
        monkeypatch.setenv(name.lower(), "http://127.0.0.1:9")
