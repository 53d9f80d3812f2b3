"""Looks names up in threads of its own, so that a name server that hangs delays no other lookup.

The event loop's executor has few threads and is waited for at exit: one dead name server would fill it, delay the
lookups of every other provider and keep the process from ending. Nothing is cached: resolving is part of the measure.
"""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable

from aiohttp.abc import AbstractResolver, ResolveResult

MOST_AT_ONCE = 256
"""Lookups under way, abandoned ones included: each is a thread."""

MOST_PER_NAME = 8
"""Lookups of one name under way. A name server that hangs for one name must leave room for all others."""

_Found = list[ResolveResult] | OSError
_Name = tuple[str, int, socket.AddressFamily]
_LookUp = Callable[[str, int, socket.AddressFamily], list[ResolveResult]]


def _look_up_addresses(host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
    rows = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, 0, socket.AI_ADDRCONFIG)
    return [
        ResolveResult(
            hostname=host,
            host=str(address[0]),
            port=port,
            family=found,
            proto=protocol,
            flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
        )
        for found, _, protocol, _, address in rows
    ]


class ThreadPerLookup(AbstractResolver):
    """One daemon thread per lookup, within the two limits above.

    Over the limit of its name a request waits for the newest lookup of that name that is under way already. `look_up`
    is called on the thread; it returns the addresses or raises OSError or UnicodeError.
    """

    def __init__(self, look_up: _LookUp = _look_up_addresses) -> None:
        self._look_up_addresses = look_up
        self._under_way: dict[_Name, list[asyncio.Future[_Found]]] = {}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of a name, in the system's order. Raises OSError if there are none."""
        name = (host, port, family)
        same = self._under_way.get(name) or []
        # A request that gives up must not take the answer from another that waits for the same lookup.
        found: _Found = await asyncio.shield(same[-1] if len(same) >= MOST_PER_NAME else self._start(name))
        if isinstance(found, OSError):
            raise found
        return found

    async def close(self) -> None:
        """Lookups under way end by themselves."""

    def _start(self, name: _Name) -> asyncio.Future[_Found]:
        if sum(map(len, self._under_way.values())) >= MOST_AT_ONCE:
            raise OSError(None, "too many lookups wait for a name server")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[_Found] = loop.create_future()
        threading.Thread(
            target=self._look_up, args=(loop, name, answer), name=f"resolve-{name[0]}", daemon=True
        ).start()
        self._under_way.setdefault(name, []).append(answer)
        return answer

    def _look_up(self, loop: asyncio.AbstractEventLoop, name: _Name, answer: asyncio.Future[_Found]) -> None:
        found: _Found
        try:
            found = self._look_up_addresses(*name)
        except OSError as error:
            found = error
        except UnicodeError:
            found = OSError(None, "not a host name")
        # The loop may be closed by now: then nothing waits for it.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(self._deliver, name, answer, found)

    def _deliver(self, name: _Name, answer: asyncio.Future[_Found], found: _Found) -> None:
        under_way = self._under_way[name]
        under_way.remove(answer)
        if not under_way:
            del self._under_way[name]
        answer.set_result(found)
