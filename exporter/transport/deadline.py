"""Wall-clock limits of one request: connected by, first output by, done by. Whatever trickles in re-arms nothing.

A limit that passes while this process stood still (stopped, a paused machine, a held event loop) is not the vendor's
failure by itself: what arrived meanwhile is read first, and the kernel's receive stamps decide.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from exporter.core.outcome import Failure, Reason
from exporter.core.target import Deadlines

STOOD_STILL = 0.1
"""Seconds by which a timer fires late where the process did not run; a busy loop stays far below."""

SHORTEST_GRACE = 0.25
LONGEST_GRACE = 2.0
"""Seconds in which what arrived during a pause is read; within them as long as the pause."""

_SAYS = {
    Reason.TIMEOUT_CONNECT: "not connected",
    Reason.TIMEOUT_FIRST_TOKEN: "no output",
    Reason.TIMEOUT_TOTAL: "not done",
}


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause of this process that covered a limit: which one, when it passed, when the process ran again.

    Moments are monotonic nanoseconds; `seconds` is the limit's length.
    """

    reason: Reason
    seconds: float
    limit_ns: int
    resumed_ns: int


class Deadline:
    """The limit that holds now; they follow one another as the request proceeds. Build it at t0.

    `async with deadline.timeout` ends with TimeoutError when a limit passes; `is_passed` then tells it from other
    timeouts. `is_answered` says whether the answer is there: then nothing ends it any more.
    """

    def __init__(self, limits: Deadlines, *, streamed: bool, is_answered: Callable[[], bool] = lambda: False) -> None:
        self._limits = limits
        self._streamed = streamed
        self._is_answered = is_answered
        self._loop = asyncio.get_running_loop()
        self._started = self._loop.time()
        self._pauses: list[Pause] = []
        self._in_grace = False
        self._timer: asyncio.TimerHandle | None = None
        self.timeout = asyncio.timeout(None)
        self._arm(Reason.TIMEOUT_CONNECT, limits.connect)

    def start_waiting(self) -> None:
        """Limit the time to the first output, or to the end where nothing is streamed: the connection stands."""
        if self._streamed:
            self._arm(Reason.TIMEOUT_FIRST_TOKEN, self._limits.first_token)
        else:
            self.start_generating()

    def start_generating(self) -> None:
        """Limit only the whole from here: the model has begun to answer."""
        self._arm(Reason.TIMEOUT_TOTAL, self._limits.total)

    def cancel(self) -> None:
        """Limit nothing any more: the request is over."""
        if self._timer is not None:
            self._timer.cancel()

    @property
    def is_passed(self) -> bool:
        """Whether a limit was hit."""
        return self.timeout.expired()

    def make_failure(self) -> Failure:
        """Return what it means that the limit was hit."""
        if self._in_grace:
            return _make_paused(self._pauses[-1])
        return _make_timeout(self._reason, self._seconds + self._limits.spent)

    def judge(self, reached_ns: Mapping[Reason, int | None]) -> Failure | None:
        """Return the failure of a request that a pause overtook, or None where everything was in time.

        `reached_ns` holds for each limit when the connection, the first output or the end was reached, in monotonic
        nanoseconds by the kernel's stamp. Before the limit: in time. After it but before this process ran again: the
        vendor was late. Afterwards or never: it cannot be told.
        """
        if not (self.is_passed or self._in_grace) and self._loop.time() - self._when > STOOD_STILL:
            self._note_pause(self._when)  # the answer was read before the timer had its turn
        for pause in self._pauses:
            reached = reached_ns[pause.reason]
            if reached is not None and reached <= pause.limit_ns:
                continue
            if reached is not None and reached < pause.resumed_ns:
                return _make_timeout(pause.reason, pause.seconds + self._limits.spent)
            return _make_paused(pause)
        return None

    def _arm(self, reason: Reason, seconds: float) -> None:
        self._reason, self._seconds = self._find_nearest(reason, seconds)
        when = self._started + self._seconds
        if not self._in_grace or when > self._loop.time():
            self._in_grace = False
            self._set_timer(when)

    def _set_timer(self, when: float) -> None:
        self.cancel()
        self._when = when
        self._timer = self._loop.call_at(when, self._on_time, when)

    def _on_time(self, when: float) -> None:
        if self._is_answered():
            return
        now = self._loop.time()
        if now - when > STOOD_STILL and not self._in_grace:
            self._note_pause(when)
            self._in_grace = True
            self._set_timer(now + min(max(now - when, SHORTEST_GRACE), LONGEST_GRACE))
        else:
            self.timeout.reschedule(now)

    def _note_pause(self, when: float) -> None:
        resumed = self._loop.time()
        self._pauses.append(Pause(self._reason, self._seconds, round(when * 1e9), round(resumed * 1e9)))

    def _find_nearest(self, reason: Reason, seconds: float) -> tuple[Reason, float]:
        return (reason, seconds) if seconds < self._limits.total else (Reason.TIMEOUT_TOTAL, self._limits.total)


def _make_timeout(reason: Reason, seconds: float) -> Failure:
    return Failure(reason=reason, detail=f"{_SAYS[reason]} within {round(seconds, 3):g} s")


def _make_paused(pause: Pause) -> Failure:
    stood = (pause.resumed_ns - pause.limit_ns) / 1e9
    said = (
        f"the exporter stood still until {stood:.1f} s after the limit of {round(pause.seconds, 3):g} s; "
        "whether the answer was in time cannot be told"
    )
    return Failure(reason=Reason.PAUSED, detail=said)
