"""Reading the configuration anew: one at a time, on a thread, and a bad one changes nothing."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog
from pydantic import SecretStr
from structlog.testing import CapturingLogger

from exporter.config.reload import Reloader, ReloadResult
from exporter.core.errors import ConfigError, Problem
from exporter.core.plan import Plan
from exporter.core.redaction import Redactor
from tests.metrics.make import StoppedClock, check

EVERY_LEVEL = structlog.make_filtering_bound_logger(0)
GOOD = Plan(source="exporter.yml", providers=(), checks=(check(),), notices=("a notice",))
BAD = ConfigError(
    [Problem("exporter.yml", 3, "interval", "is no time"), Problem("exporter.yml", 2, "models", "missing")]
)


@dataclass
class Parts:
    """A reloader and what it moves; `load` is what the next reading comes to."""

    load: Callable[[], Plan] = lambda: GOOD
    kept: Sequence[str] = ()
    applied: list[Plan] = field(default_factory=list)
    told: list[ReloadResult] = field(default_factory=list)
    logged: CapturingLogger = field(default_factory=CapturingLogger)

    def __post_init__(self) -> None:
        self.reloader = Reloader(
            self.read,
            self.apply,
            told=self.told.append,
            log=structlog.wrap_logger(self.logged, processors=[], wrapper_class=EVERY_LEVEL),
            clock=StoppedClock(),
            clean=Redactor(lambda: (SecretStr("sk-live-0123456789"),)).clean,
        )

    def read(self) -> Plan:
        return self.load()

    async def apply(self, plan: Plan) -> Sequence[str]:
        self.applied.append(plan)
        return self.kept

    @property
    def levels(self) -> list[str]:
        return [call.method_name for call in self.logged.calls]


def raising(error: Exception) -> Callable[[], Plan]:
    def load() -> Plan:
        raise error

    return load


async def test_what_is_read_is_applied_and_told() -> None:
    parts = Parts(kept=("the buckets need a restart",))
    reloaded = await parts.reloader.reload("SIGHUP")
    assert parts.applied == [GOOD]
    assert parts.told == [reloaded]
    assert parts.reloader.last is reloaded
    assert (reloaded.ok, reloaded.checks, reloaded.source, reloaded.asked_by) == (True, 1, "exporter.yml", "SIGHUP")
    assert reloaded.notices == ("a notice", "the buckets need a restart")
    assert parts.levels == ["info", "warning", "warning"]


async def test_a_bad_one_changes_nothing_and_tells_every_problem() -> None:
    parts = Parts(raising(BAD))
    reloaded = await parts.reloader.reload("HTTP")
    assert parts.applied == []
    assert parts.told == [reloaded]
    assert reloaded.problems == ("exporter.yml:2: models: missing", "exporter.yml:3: interval: is no time")
    assert not reloaded.ok
    assert parts.levels == ["error"]
    assert parts.logged.calls[0].kwargs["problems"] == "\n".join(reloaded.problems)


async def test_no_problem_tells_a_secret() -> None:
    """One that is in use now may stand in the wrong place of the new file."""
    problem = Problem("exporter.yml", 2, "providers.relay.kind", '"sk-live-0123456789" is not one of the choices')
    parts = Parts(raising(ConfigError([problem])))
    reloaded = await parts.reloader.reload("HTTP")
    assert reloaded.problems == ('exporter.yml:2: providers.relay.kind: "***" is not one of the choices',)
    assert "sk-live-0123456789" not in str(parts.logged.calls)


async def test_a_bug_of_ours_is_told_as_one_and_the_next_reload_works() -> None:
    parts = Parts(raising(LookupError("a key that nobody should see")))
    reloaded = await parts.reloader.reload("file")
    assert reloaded.problems == ("internal error of the exporter: LookupError",)
    parts.load = lambda: GOOD
    assert (await parts.reloader.reload("file")).ok
    assert parts.levels == ["error", "error", "info", "warning"]


async def test_the_event_loop_does_not_read() -> None:
    readers = []

    def load() -> Plan:
        readers.append(threading.current_thread())
        return GOOD

    await Parts(load).reloader.reload("HTTP")
    assert readers != [threading.main_thread()]


async def test_readings_come_one_after_another_and_those_who_wait_share_one() -> None:
    """The first reads; whoever asks meanwhile may have written since, so there is one more reading, for them all."""
    let_go, begun = threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    inside: list[int] = []
    most: list[int] = []

    def load() -> Plan:
        inside.append(1)
        most.append(len(inside))
        loop.call_soon_threadsafe(begun.set)
        assert let_go.wait(30)
        inside.pop()
        return GOOD

    parts = Parts(load)
    first = asyncio.create_task(parts.reloader.reload("first"))
    await begun.wait()
    others = [asyncio.create_task(parts.reloader.reload(f"other {number}")) for number in range(5)]
    await asyncio.sleep(0)
    let_go.set()
    await asyncio.gather(first, *others)
    assert most == [1, 1]
    assert [each.asked_by for each in parts.told] == ["first", "other 0"]
    assert len({id(other.result()) for other in others}) == 1


class HeldReading:
    """A reading of the configuration that has `begun` and goes on when it is `let_go`."""

    def __init__(self) -> None:
        self.begun, self.let_go = asyncio.Event(), threading.Event()
        self._loop = asyncio.get_running_loop()

    def __call__(self) -> Plan:
        self._loop.call_soon_threadsafe(self.begun.set)
        assert self.let_go.wait(30)
        return GOOD


async def test_what_is_read_at_the_end_is_not_taken() -> None:
    """The parts are being closed: to take a plan now would open them again."""
    reading = HeldReading()
    parts = Parts(reading)
    asking = [asyncio.create_task(parts.reloader.reload(who)) for who in ("HTTP", "SIGHUP")]
    await reading.begun.wait()
    await parts.reloader.stop()
    reading.let_go.set()
    ended = await asyncio.gather(*asking, return_exceptions=True)
    assert [type(each) for each in ended] == [asyncio.CancelledError] * 2
    assert (parts.applied, parts.told) == ([], [])


async def test_who_hangs_up_does_not_end_the_reading() -> None:
    reading = HeldReading()
    parts = Parts(reading)
    asking = asyncio.create_task(parts.reloader.reload("HTTP"))
    await reading.begun.wait()
    asking.cancel()
    again = asyncio.create_task(parts.reloader.reload("SIGHUP"))
    await asyncio.sleep(0)
    reading.let_go.set()
    await again
    assert [each.asked_by for each in parts.told] == ["HTTP", "SIGHUP"]
