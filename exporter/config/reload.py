"""Reads the configuration anew while everything runs: on a thread, one reading at a time, and only if it is whole.

A configuration that cannot be used changes nothing; the answer, the log, the metric and the pages say why.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from structlog.typing import FilteringBoundLogger

from exporter.aio.gc_tuning import shorter_switch_interval
from exporter.core.clock import Clock
from exporter.core.errors import ConfigError
from exporter.core.plan import Plan
from exporter.core.redaction import Clean


@dataclass(frozen=True, slots=True, kw_only=True)
class ReloadResult:
    """What one reading came to.

    `at` is Unix seconds, `source` what was read, `asked_by` what made us read it, `checks` how many it configures.
    `problems` are one sentence each: where there are any, the configuration before stays in use. `notices` are
    sentences on what was taken otherwise than written.
    """

    at: float
    source: str
    asked_by: str
    checks: int = 0
    problems: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether what was read is what runs."""
        return not self.problems


class Reloader:
    """Reloads by `load` (on a thread: reading thousands of checks takes seconds) and `apply` (on the event loop).

    `apply` returns what it could not take over as sentences. `told` hears of every attempt; `last` is the newest one,
    None before the first. `clean` takes secrets out of messages about a file that cannot be used.
    """

    def __init__(
        self,
        load: Callable[[], Plan],
        apply: Callable[[Plan], Awaitable[Sequence[str]]],
        *,
        told: Callable[[ReloadResult], None],
        log: FilteringBoundLogger,
        clock: Clock,
        clean: Clean,
    ) -> None:
        self._load = load
        self._apply = apply
        self._told = told
        self._log = log
        self._clock = clock
        self._clean = clean
        self._turn = asyncio.Lock()
        self._waiting: asyncio.Task[ReloadResult] | None = None
        self._tasks: set[asyncio.Task[ReloadResult]] = set()
        self.last: ReloadResult | None = None

    async def reload(self, asked_by: str) -> ReloadResult:
        """Read and take the configuration as it is written now; who asks while one reading waits, shares it."""
        if self._waiting is None:
            self._waiting = asyncio.ensure_future(self._reload_in_turn(asked_by))
            self._tasks.add(self._waiting)
            self._waiting.add_done_callback(self._tasks.discard)
        return await asyncio.shield(self._waiting)

    async def stop(self) -> None:
        """Take nothing more: cancel what is under way and wait until it is gone."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _reload_in_turn(self, asked_by: str) -> ReloadResult:
        async with self._turn:
            # Who asks from here on may have written since the reading began, and gets one of their own.
            self._waiting = None
            self.last = await self._reload_once(asked_by)
        self._told(self.last)
        return self.last

    async def _reload_once(self, asked_by: str) -> ReloadResult:
        reading = asyncio.get_running_loop().run_in_executor(None, self._load)
        with shorter_switch_interval():
            await asyncio.wait({reading})
        match reading.exception():
            case None:
                return await self._report_success(reading.result(), asked_by)
            case ConfigError() as error:
                return self._report_refusal(
                    tuple(self._clean(str(each)) for each in error.problems), asked_by, error.problems[0].source
                )
            case error:
                # Not ours to raise: the watch over the models goes on, whatever a file made us trip over.
                self._log.error("internal error, please report it", part="reload", exc_info=error)
                return self._report_refusal((f"internal error of the exporter: {type(error).__name__}",), asked_by, "")

    async def _report_success(self, plan: Plan, asked_by: str) -> ReloadResult:
        notices = (*plan.warnings, *plan.notices, *await self._apply(plan))
        checks = len(plan.checks)
        self._log.info("configuration reloaded", asked_by=asked_by, checks=checks, config=plan.source)
        for notice in notices:
            self._log.warning(notice)
        return ReloadResult(
            at=self._clock.wall(), source=plan.source, asked_by=asked_by, checks=checks, notices=notices
        )

    def _report_refusal(self, problems: tuple[str, ...], asked_by: str, source: str) -> ReloadResult:
        self._log.error(
            "configuration not reloaded, the one before stays in use", asked_by=asked_by, problems="\n".join(problems)
        )
        return ReloadResult(at=self._clock.wall(), source=source, asked_by=asked_by, problems=problems)
