"""A cap on connects in progress: a thousand TLS handshakes at once would measure this machine, not the vendor."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable

from exporter.core.clock import Clock

HELD_AT_MOST = 0.25
"""Seconds after which a connect gives its slot back by itself: it waits for the network then, not for this machine."""


class ConnectSlots:
    """At most `most` connects at once; `waited` receives the seconds that each request waited for its slot.

    Providers that wait are served in turn, one connect each, so a provider whose connects hang costs others nothing.
    """

    def __init__(self, most: int, waited: Callable[[float], None], clock: Clock, held: float = HELD_AT_MOST) -> None:
        self._free = most
        self._waited = waited
        self._clock = clock
        self._held = held
        self._queues: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    async def take(self, provider: str) -> Callable[[], None]:
        """Wait for a slot and return the function that gives it back; calling it again does nothing."""
        began = self._clock.monotonic_ns()
        if self._free > 0:
            self._free -= 1
        else:
            await self._wait(provider)
        self._waited((self._clock.monotonic_ns() - began) / 1e9)
        return _Slot(self._release, self._held).give_back

    async def _wait(self, provider: str) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(provider, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._release()  # the slot came with the cancellation
            raise

    def _release(self) -> None:
        """Hand a slot to the provider that has waited longest since its last one."""
        while self._queues:
            provider, queue = self._queues.popitem(last=False)
            turn = queue.popleft()
            if queue:
                self._queues[provider] = queue
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1


class _Slot:
    """One slot in use, given back once: by its user, or by itself after a while."""

    def __init__(self, release: Callable[[], None], held: float) -> None:
        self._release: Callable[[], None] | None = release
        self._timer = asyncio.get_running_loop().call_later(held, self.give_back)

    def give_back(self) -> None:
        if self._release is not None:
            self._timer.cancel()
            release, self._release = self._release, None
            release()
