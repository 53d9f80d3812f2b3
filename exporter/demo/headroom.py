"""Rate-limit accounting of a simulated vendor: allowances that refill by the minute, as leaky buckets."""

from dataclasses import dataclass

from exporter.core.clock import Clock

MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left of one allowance: `reset` is the seconds until it is full again."""

    limit: int
    remaining: int
    reset: float


class Allowance:
    """An amount per minute, refilled evenly."""

    def __init__(self, limit: int, clock: Clock) -> None:
        self._limit = limit
        self._clock = clock
        self._level = float(limit)
        self._at = clock.monotonic_ns()

    def take(self, amount: int) -> Standing:
        """Use some of it, and say what is left."""
        now = self._clock.monotonic_ns()
        refilled = self._level + self._limit / MINUTE * (now - self._at) / 1e9
        self._level, self._at = max(0.0, min(self._limit, refilled) - amount), now
        return self.peek(self._level / self._limit)

    def peek(self, share: float) -> Standing:
        """Return what the vendor would report with that share of the allowance left."""
        return Standing(self._limit, int(self._limit * share), MINUTE * (1 - share))


@dataclass(frozen=True, slots=True)
class Headroom:
    """The limits of a route as its answers report them: requests, input and output tokens."""

    requests: Standing
    input_tokens: Standing
    output_tokens: Standing


LOW = 0.03
"""The share that is left while `low_headroom` is played."""


class Allowances:
    """The allowances of one model at one vendor. The numbers are those of a small paying account."""

    def __init__(self, clock: Clock) -> None:
        self._requests = Allowance(500, clock)
        self._input = Allowance(200_000, clock)
        self._output = Allowance(40_000, clock)

    def take(self, input_tokens: int, output_tokens: int) -> Headroom:
        """Count one request with that many tokens."""
        return Headroom(self._requests.take(1), self._input.take(input_tokens), self._output.take(output_tokens))

    def peek(self, share: float) -> Headroom:
        """Return the report with that share left of everything: 0 when limited, `LOW` when nearly so."""
        return Headroom(self._requests.peek(share), self._input.peek(share), self._output.peek(share))
