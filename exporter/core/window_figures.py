"""What a window says of each model, from the store or a Prometheus: sums, and the figures made of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from exporter.core.outcome import FAULTS, Fault, Reason

OURS = frozenset({Fault.US, Fault.EXPORTER})
"""Failures that say nothing of whether a model was there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One model at one provider. Times are seconds, `cost` USD (None if the price is unknown).

    `errors` are failed runs by error type. Latencies are of successful runs that no response cache answered.
    """

    provider: str
    model: str
    alias: str
    requests: int
    errors: Mapping[str, int] = field(default_factory=dict)
    latency_sum: float = 0.0
    latency_count: int = 0
    p95: float | None = None
    first_token_sum: float = 0.0
    first_token_count: int = 0
    input: int = 0
    output: int = 0
    cost: float | None = None

    @property
    def failed(self) -> int:
        """Runs that failed, for whatever reason."""
        return sum(self.errors.values())

    @property
    def mean(self) -> float | None:
        """Mean response time."""
        return _divide(self.latency_sum, self.latency_count)

    @property
    def first_token(self) -> float | None:
        """Mean time to first token."""
        return _divide(self.first_token_sum, self.first_token_count)

    @property
    def tokens(self) -> int:
        """Input and output."""
        return self.input + self.output

    @property
    def error_rate(self) -> float | None:
        """Failed runs over all."""
        return _divide(self.failed, self.requests)

    @property
    def availability(self) -> float | None:
        """Successful runs over those that did not fail by our own doing."""
        ours = sum(count for reason, count in self.errors.items() if _usual_fault(reason) in OURS)
        return _divide(self.requests - self.failed, self.requests - ours)

    @property
    def price(self) -> float | None:
        """USD per million tokens, as they were used."""
        return None if self.cost is None else _divide(self.cost * 1e6, self.tokens)

    def to_row(self) -> dict[str, Any]:
        """Make the row of the report."""
        return {
            "provider": self.provider,
            "model": self.model,
            "alias": self.alias,
            "mean_seconds": self.mean,
            "p95_seconds": self.p95,
            "first_token_seconds": self.first_token,
            "requests": self.requests,
            "input_tokens": self.input,
            "output_tokens": self.output,
            "tokens_per_request": _divide(self.tokens, self.requests),
            "cost_usd": self.cost,
            "usd_per_million_tokens": self.price,
            "error_rate": self.error_rate,
            "availability": self.availability,
        }


def summarize(figures: Iterable[Figures]) -> dict[str, Any]:
    """Make the row over all models; an active model is one that answered at least once."""
    every = tuple(figures)
    requests = sum(each.requests for each in every)
    costs = [each.cost for each in every if each.cost is not None]
    return {
        "requests": requests,
        "input_tokens": sum(each.input for each in every),
        "output_tokens": sum(each.output for each in every),
        "cost_usd": sum(costs) if costs else None,
        "error_rate": _divide(sum(each.failed for each in every), requests),
        "active_models": sum(each.requests > each.failed for each in every),
    }


def _usual_fault(reason: str) -> Fault | None:
    try:
        return FAULTS.get(Reason(reason))
    except ValueError:
        return None


def _divide(part: float, whole: float) -> float | None:
    return part / whole if whole else None
