"""Long work on the event loop in short slices: probes are under way, and what holds the loop holds them up."""

import asyncio
from collections.abc import Iterable

from exporter.core.clock import Clock

LONGEST = 0.003
"""Seconds for which the loop is held at a time; one step may take longer."""


async def run_in_slices(steps: Iterable[object], clock: Clock, longest: float = LONGEST) -> None:
    """Take all steps, and let the loop turn between them as often as it takes."""
    until = clock.monotonic_ns() + longest * 1e9
    for _ in steps:
        if clock.monotonic_ns() >= until:
            await asyncio.sleep(0)
            until = clock.monotonic_ns() + longest * 1e9
    await asyncio.sleep(0)
