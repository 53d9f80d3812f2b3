"""Runs on demand: one check, once, now. A second request for a check that is running gets the same run.

Such a run moves neither health nor metrics; what it costs is real, so it may not be admitted.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace

from exporter.core.errors import ExporterError, UsageError
from exporter.core.target import Check, Deadlines
from exporter.run.runner import OnDemandRun

GRACE = 0.25
"""Seconds that a run which used up its time gets to say so."""


class StillRunningError(ExporterError):
    """The run did not end in the time that the caller has."""


class OnDemandRuns:
    """Finds configured checks by the words of a query and runs them by `run`; owns these runs until `stop`."""

    def __init__(self, run: Callable[[Check], Awaitable[OnDemandRun]]) -> None:
        self._run = run
        self._named: dict[str, dict[str, Check]] = {}
        self._under_way: dict[str, asyncio.Task[OnDemandRun]] = {}

    def set_checks(self, checks: Iterable[Check]) -> None:
        """Set the checks that can be run."""
        self._named = {}
        for check in checks:
            self._named.setdefault(query_target(check), {})[check.probe] = check

    def find(self, target: str, probe: str | None = None) -> Check:
        """Find the check of that target and probe; without a probe the target's `chat`, or its only check.

        Raises UsageError in one sentence that quotes nothing of the question.
        """
        found = self._named.get(target.removesuffix("/"), {})
        if not found:
            raise UsageError("there is no such target; /sd lists those that are configured")
        wanted = probe or ("chat" if "chat" in found or len(found) > 1 else next(iter(found)))
        if wanted not in found:
            raise UsageError(f"this target has no such probe; it has: {', '.join(sorted(found))}")
        return found[wanted]

    async def run(self, check: Check, seconds: float) -> OnDemandRun:
        """Run the check, or wait for its run under way, for at most that many seconds.

        Raises what `run` raises (NotAdmittedError), or StillRunningError where the run did not get its turn or end in
        that time.
        """
        task = self._under_way.get(check.id) or self._start(check, seconds)
        done, _ = await asyncio.wait({task}, timeout=seconds + GRACE)
        if not done:
            raise StillRunningError(f"the run did not end within {seconds:g} s; it goes on, ask again")
        return task.result()

    async def stop(self) -> None:
        """Cancel what is under way and wait until it is gone."""
        tasks = tuple(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, check: Check, seconds: float) -> asyncio.Task[OnDemandRun]:
        task = asyncio.ensure_future(self._run_once(limit_deadlines(check, seconds)))
        self._under_way[check.id] = task
        task.add_done_callback(lambda _: self._forget_task(check.id))
        return task

    def _forget_task(self, check_id: str) -> None:
        task = self._under_way.pop(check_id)
        if not task.cancelled():
            # Read here too: the caller may have left, and an exception that is never read is logged as an error.
            task.exception()

    async def _run_once(self, check: Check) -> OnDemandRun:
        return await self._run(check)


def query_target(check: Check) -> str:
    """Write the check's target for a query: `provider/model`, or `provider` for checks of the provider as a whole."""
    provider, model = check.target.provider.name, check.target.model
    return f"{provider}/{model}" if model else provider


def limit_deadlines(check: Check, seconds: float) -> Check:
    """Return the same check with no deadline later than that."""
    limits = check.deadlines
    if seconds >= limits.total:
        return check
    shorter = Deadlines(
        connect=min(limits.connect, seconds), first_token=min(limits.first_token, seconds), total=seconds
    )
    return replace(check, deadlines=shorter)
