"""Is it us: what many failing providers and a few connections tell of the network."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import pytest

from exporter.core.health_state import Health
from exporter.core.outcome import FAULTS, Outcome, Reason, Timing
from exporter.core.sink import Observation
from exporter.core.target import Check
from exporter.health.network_status import LOOK_EVERY, Address, NetworkStatus
from tests.probes.recording import HeldClock
from tests.probes.samples import a_check, a_provider

INTERVAL = 60.0
NTP, DNS = ("ntp.example", 123), ("dns.example", 53)
THREE = {"a": "https://a.example/v1", "b": "https://b.example/v1", "c": "https://c.example:8443"}
NETWORK = [Reason.DNS, Reason.CONNECT, Reason.TLS, Reason.TIMEOUT_CONNECT]


class Watched:
    """A watch over some providers, a clock held in the hand, and addresses that take connections or do not."""

    def __init__(self, hosts: Mapping[str, str], *addresses: Address) -> None:
        self.clock = HeldClock()
        self.told: list[bool | None] = []
        self.open: set[Address] = set()
        self.tried: list[Address] = []
        self.watch = NetworkStatus(self._reach, self.told.append, self.clock.wall)
        self.configure(hosts, *addresses)

    def configure(self, hosts: Mapping[str, str], *addresses: Address) -> None:
        self.checks = {
            name: a_check(provider=replace(a_provider(name), base_url=url), interval=INTERVAL)
            for name, url in hosts.items()
        }
        self.watch.configure(self.checks.values(), addresses)

    async def _reach(self, host: str, port: int, _: float) -> bool:
        self.tried.append((host, port))
        return (host, port) in self.open

    def ran(self, name: str, reason: Reason, check: Check | None = None) -> None:
        failed = reason is not Reason.OK
        status = None if failed and FAULTS[reason] == "network" else 200 if not failed else 503
        outcome = Outcome(reason=reason, started_at=self.clock.wall(), timing=Timing(duration=0.0), http_status=status)
        self.watch.record_run(
            Observation(
                check=check or self.checks[name],
                outcome=outcome,
                before=Health(),
                after=Health(),
                model_health=None,
            )
        )

    @property
    def up(self) -> bool | None:
        assert self.told[-1] is self.watch.is_up()
        return self.watch.is_up()


class TestByRuns:
    @pytest.mark.parametrize(
        ("runs", "up"),
        [
            pytest.param({}, None, id="no run yet"),
            pytest.param({"a": Reason.OK}, True, id="one got through"),
            pytest.param({"a": Reason.CONNECT, "b": Reason.CONNECT}, None, id="one has not run yet"),
            pytest.param(dict.fromkeys("abc", Reason.CONNECT), False, id="all failed by the network"),
            pytest.param(dict(zip("abc", NETWORK, strict=False)), False, id="in different ways"),
            pytest.param({"a": Reason.DNS, "b": Reason.DNS, "c": Reason.OK}, True, id="all but one"),
            pytest.param({"a": Reason.DNS, "b": Reason.DNS, "c": Reason.OVERLOADED}, True, id="one was refused"),
        ],
    )
    def test_three_hosts(self, runs: dict[str, Reason], up: bool | None) -> None:
        watched = Watched(THREE)
        for name, reason in runs.items():
            watched.ran(name, reason)

        assert watched.up is up

    @pytest.mark.parametrize(
        "hosts",
        [
            pytest.param({"a": "https://a.example"}, id="one"),
            pytest.param({"a": "https://a.example", "b": "https://b.example"}, id="two"),
            pytest.param(dict.fromkeys("abcd", "https://gateway.example/v1"), id="many behind one gateway"),
            pytest.param({"a": "http://h:1", "b": "http://h:2", "c": "http://H:3"}, id="ports of one host"),
            pytest.param(THREE | {"b": THREE["a"]}, id="two on one host"),
        ],
    )
    @pytest.mark.parametrize("reason", [Reason.CONNECT, Reason.OK])
    def test_with_fewer_hosts_nothing_is_known(self, hosts: dict[str, str], reason: Reason) -> None:
        watched = Watched(hosts)
        for name in hosts:
            watched.ran(name, reason)

        assert watched.up is None

    @pytest.mark.parametrize(
        ("seconds", "up"), [(2 * INTERVAL, False), (2 * INTERVAL + 1, None)], ids=["within two intervals", "older"]
    )
    def test_old_failures_say_nothing_of_now(self, seconds: float, up: bool | None) -> None:
        watched = Watched(THREE)
        for name in THREE:
            watched.ran(name, Reason.CONNECT)
        watched.clock.seconds += seconds
        watched.watch.publish()

        assert watched.up is up

    def test_the_latest_run_of_a_provider_counts_whichever_check_it_was(self) -> None:
        watched = Watched(THREE)
        for name in THREE:
            watched.ran(name, Reason.OK)
        for name in THREE:
            other = replace(watched.checks[name], probe="models", kind="models")
            watched.ran(name, Reason.CONNECT, other)

        assert watched.up is False

    def test_it_is_over_with_the_first_that_gets_through(self) -> None:
        watched = Watched(THREE)
        for name in THREE:
            watched.ran(name, Reason.DNS)
        watched.ran("b", Reason.OK)

        assert watched.told[-2:] == [False, True]

    def test_our_own_bug_says_nothing(self) -> None:
        watched = Watched(THREE)
        for name in THREE:
            watched.ran(name, Reason.CONNECT)
        watched.ran("a", Reason.INTERNAL)

        assert watched.up is False

    def test_a_provider_that_is_no_longer_configured_does_not_count(self) -> None:
        watched = Watched(THREE | {"d": "https://d.example"})
        for name in "abcd":
            watched.ran(name, Reason.OK if name == "d" else Reason.CONNECT)
        gone = watched.checks["d"]
        watched.configure(THREE)
        assert watched.up is False

        watched.ran("d", Reason.OK, gone)
        assert watched.up is False


class TestByAddresses:
    @pytest.mark.parametrize(
        ("opened", "up"),
        [
            pytest.param({NTP, DNS}, True, id="both"),
            pytest.param({DNS}, True, id="one is enough"),
            pytest.param(set(), False, id="none"),
        ],
    )
    async def test_they_tell_even_where_there_is_one_provider(self, opened: set[Address], up: bool) -> None:
        watched = Watched({"a": "https://a.example"}, NTP, DNS)
        assert watched.up is None
        watched.open = opened
        await watched.watch.try_addresses()

        assert watched.up is up
        assert set(watched.tried) == {NTP, DNS}

    async def test_providers_that_all_fail_outweigh_them(self) -> None:
        watched = Watched(THREE, NTP)
        watched.open = {NTP}
        await watched.watch.try_addresses()
        for name in THREE:
            watched.ran(name, Reason.CONNECT)

        assert watched.up is False

    async def test_they_outweigh_providers_that_answer(self) -> None:
        watched = Watched(THREE, NTP)
        watched.ran("a", Reason.OK)
        await watched.watch.try_addresses()

        assert watched.up is False

    async def test_without_any_nothing_is_tried(self) -> None:
        watched = Watched({"a": "https://a.example"})
        await watched.watch.try_addresses()

        assert watched.tried == []
        assert watched.up is None

    async def test_what_the_old_ones_told_is_forgotten_with_them(self) -> None:
        watched = Watched({"a": "https://a.example"}, NTP)
        await watched.watch.try_addresses()
        watched.configure({"a": "https://a.example"}, DNS)

        assert watched.up is None

    async def test_they_are_tried_again_and_again(self) -> None:
        watched = Watched({"a": "https://a.example"}, NTP)
        waits: list[float] = []
        third = asyncio.Event()

        async def pause(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) == 3:
                third.set()
                await asyncio.Event().wait()

        running = asyncio.create_task(watched.watch.run(pause))
        await third.wait()
        running.cancel()

        assert watched.tried == [NTP] * 3
        assert waits == [LOOK_EVERY] * 3
