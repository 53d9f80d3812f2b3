"""Wall-clock limits of one request: connected by, first output by, done by. Whatever trickles in re-arms nothing."""

import asyncio

from exporter.core.outcome import Failure, Reason
from exporter.core.target import Deadlines

_SAYS = {
    Reason.TIMEOUT_CONNECT: "not connected",
    Reason.TIMEOUT_FIRST_TOKEN: "no output",
    Reason.TIMEOUT_TOTAL: "not done",
}


class Deadline:
    """The limit that holds now; they follow one another as the request proceeds. To be made at t0.

    `async with deadline.timeout` ends with TimeoutError when it passes; `passed` then tells it from other timeouts.
    """

    def __init__(self, limits: Deadlines, *, streamed: bool) -> None:
        self._limits = limits
        self._streamed = streamed
        self._started = asyncio.get_running_loop().time()
        self._reason, self._seconds = self._find_nearest(Reason.TIMEOUT_CONNECT, limits.connect)
        self.timeout = asyncio.timeout_at(self._started + self._seconds)

    def start_waiting(self) -> None:
        """The connection stands: now the first output is waited for, or the whole where nothing is streamed."""
        if self._streamed:
            self._arm(Reason.TIMEOUT_FIRST_TOKEN, self._limits.first_token)
        else:
            self.start_generating()

    def start_generating(self) -> None:
        """The model has begun to answer: only the whole is limited from here."""
        self._arm(Reason.TIMEOUT_TOTAL, self._limits.total)

    @property
    def is_passed(self) -> bool:
        """Whether the limit was hit."""
        return self.timeout.expired()

    def make_failure(self) -> Failure:
        """What it means that this limit was hit."""
        return Failure(reason=self._reason, detail=f"{_SAYS[self._reason]} within {round(self._seconds, 3):g} s")

    def _arm(self, reason: Reason, seconds: float) -> None:
        self._reason, self._seconds = self._find_nearest(reason, seconds)
        self.timeout.reschedule(self._started + self._seconds)

    def _find_nearest(self, reason: Reason, seconds: float) -> tuple[Reason, float]:
        return (reason, seconds) if seconds < self._limits.total else (Reason.TIMEOUT_TOTAL, self._limits.total)
