"""Background tasks beside the probes, owned until they end. A task that fails is reported and ends alone."""

import asyncio
from collections.abc import Callable, Coroutine

from structlog.typing import FilteringBoundLogger


class TaskSet:
    """Starts tasks and ends them all. `failed` receives each that broke by a bug of ours."""

    def __init__(self, log: FilteringBoundLogger, failed: Callable[[], None]) -> None:
        self._log = log
        self._failed = failed
        self._tasks: set[asyncio.Task[object]] = set()

    def start(self, work: Coroutine[object, object, object], name: str) -> "asyncio.Task[object]":
        """Start it; `name` appears in the report of its failure."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._report_failure)
        return task

    async def cancel_all(self) -> None:
        """Cancel what is under way and wait until it is gone."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _report_failure(self, task: asyncio.Task[object]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failed()
            self._log.error("internal error, please report it", part=task.get_name(), exc_info=error)
