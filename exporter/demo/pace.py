"""How fast simulated vendors answer: drawn by chance around what is usual for a model, never read from a clock."""

import random
from dataclasses import dataclass

from exporter.demo.catalog import Model

FASTEST, SLOWEST = 0.15, 0.9
"""Bounds of the time to the first token in seconds, when nothing is wrong."""
SLUGGISH = 4.0
"""Time to the first token in seconds while `slow_first_token` is played."""
_SPEEDS = (40.0, 120.0)


@dataclass(frozen=True, slots=True)
class Pace:
    """The waits of one answer in seconds: to the head of it, from there to the first token, between two tokens."""

    head: float
    first: float
    gaps: tuple[float, ...]


def draw_pace(model: Model, tokens: int, delay: float, chance: random.Random, *, sluggish: bool = False) -> Pace:
    """Draw the waits for an answer of that many tokens; times to first token are lognormal around the median.

    `delay` is how much slower this route is than the model itself.
    """
    first = model.first_token * delay * chance.lognormvariate(0, 0.22)
    first = SLUGGISH * chance.uniform(0.9, 1.1) if sluggish else min(max(first, FASTEST), SLOWEST)
    slowest, fastest = _SPEEDS
    gap = 1 / min(max(model.speed / delay * chance.lognormvariate(0, 0.08), slowest), fastest)
    head = min(first * 0.4, 0.12)
    return Pace(head, first - head, tuple(gap * chance.uniform(0.7, 1.3) for _ in range(tokens)))
