"""Waiting for something another process does: look again and again until it is there or the deadline is over."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

Seen = TypeVar("Seen")

PAUSE = 0.05
"""Seconds between two looks."""

PATIENCE = 60.0
"""Seconds after which nobody waits any longer: many, for the machine may have other work."""


async def eventually(
    look: Callable[[], Awaitable[Seen | None]], what: object, seconds: float = PATIENCE, pause: float = PAUSE
) -> Seen:
    """The first thing `look` sees that is not None (or False); AssertionError after that many seconds.

    `what` is shown as it is then: a collection that `look` empties tells what is missing, a function is called.
    """
    try:
        async with asyncio.timeout(seconds):
            while True:
                seen = await look()
                if seen is not None and seen is not False:
                    return seen
                await asyncio.sleep(pause)
    except TimeoutError:
        raise AssertionError(f"not seen within {seconds:g} s: {what() if callable(what) else what}") from None
