"""A cap on connects in progress: a thousand TLS handshakes at once would measure this machine, not the vendor."""

import asyncio
from collections.abc import Callable

from exporter.core.clock import Clock


class ConnectSlots:
    """At most `most` connects at once; `waited` is told the seconds each request waited for its turn."""

    def __init__(self, most: int, waited: Callable[[float], None], clock: Clock) -> None:
        self._free = asyncio.Semaphore(most)
        self._waited = waited
        self._clock = clock

    async def take(self) -> Callable[[], None]:
        """Wait for a slot; returns the function that gives it back (calling it again does nothing)."""
        began = self._clock.monotonic_ns()
        await self._free.acquire()
        self._waited((self._clock.monotonic_ns() - began) / 1e9)
        given_back = False

        def give_back() -> None:
            nonlocal given_back
            if not given_back:
                given_back = True
                self._free.release()

        return give_back
