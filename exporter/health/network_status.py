"""Is it us: whether the network that probes go by is up, as far as the probes themselves and a few connections tell.

Said only where it can be known: many providers on different hosts that all fail by the network at the same time, or
addresses that the user named. One gateway behind everything is one host, and its outage is no outage of ours.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from exporter.core.outcome import UNJUDGED, Fault, Outcome
from exporter.core.sink import Observation, Sink
from exporter.core.target import Check

FEWEST_HOSTS = 3
FRESH = 2
"""Intervals for which a run counts as current."""
LOOK_EVERY = 30.0
"""Seconds between two looks at the addresses named."""
PATIENCE = 5.0
"""Seconds that one of them has to take a connection."""

Address = tuple[str, int]


class _Run(NamedTuple):
    """What the latest run of a provider says of the network: `reached` None is nothing. `until` is Unix seconds."""

    reached: bool | None
    until: float


class NetworkStatus(Sink):
    """A sink that tells whether we are online.

    `reach(host, port, seconds)` says whether a connection stood within so many seconds; `tell` hears True, False or
    None (cannot be known) after each run and each look.
    """

    def __init__(
        self,
        reach: Callable[[str, int, float], Awaitable[bool]],
        tell: Callable[[bool | None], None],
        wall: Callable[[], float],
    ) -> None:
        self._reach = reach
        self._tell = tell
        self._wall = wall
        self._addresses: tuple[Address, ...] = ()
        self._connected: bool | None = None
        self._hosts: dict[str, str] = {}
        self._runs: dict[str, _Run] = {}

    def configure(self, checks: Iterable[Check], addresses: Sequence[Address]) -> None:
        """Take the checks that run now and the configured addresses."""
        addressed = {each.target.provider.name: each.target.provider.base_url for each in checks}
        self._hosts = {name: _host_of(base_url) for name, base_url in addressed.items()}
        self._runs = {name: run for name, run in self._runs.items() if name in self._hosts}
        if tuple(addresses) != self._addresses:
            self._addresses, self._connected = tuple(addresses), None
        self.publish()

    def is_up(self) -> bool | None:
        """Return whether the network is up; None where that cannot be known."""
        told = (self._connected, self._judge_by_runs())
        return False if False in told else True if True in told else None

    def publish(self) -> None:
        """Tell it again: what was told some time ago grows too old to be true."""
        self._tell(self.is_up())

    async def run(self, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Look at the addresses named every half minute, until cancelled."""
        while True:
            await self.try_addresses()
            await pause(LOOK_EVERY)

    async def try_addresses(self) -> None:
        """Try every address named once; one that takes a connection is enough."""
        addresses = self._addresses
        stood = await asyncio.gather(*(self._reach(host, port, PATIENCE) for host, port in addresses))
        if addresses == self._addresses:
            self._connected = any(stood) if addresses else None
            self.publish()

    def record_run(self, seen: Observation) -> None:
        name = seen.check.target.provider.name
        if name in self._hosts and seen.outcome.reason not in UNJUDGED:
            ended = seen.outcome.started_at + seen.outcome.timing.duration
            self._runs[name] = _Run(_reached_vendor(seen.outcome), ended + FRESH * seen.check.interval)
            self.publish()

    def _judge_by_runs(self) -> bool | None:
        if len(set(self._hosts.values())) < FEWEST_HOSTS:
            return None
        now = self._wall()
        told = [run.reached if run and run.until >= now else None for run in map(self._runs.get, self._hosts)]
        if True in told:
            return True
        return None if None in told else False


def _host_of(base_url: str) -> str:
    return (urlsplit(base_url).hostname or base_url).lower()


def _reached_vendor(outcome: Outcome) -> bool | None:
    """Return whether the run got through to the vendor; None where it says nothing (a key that could not be read)."""
    if outcome.blamed is Fault.NETWORK:
        return False
    return True if outcome.ok or outcome.http_status is not None else None
