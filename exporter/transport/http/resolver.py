"""Looks names up in threads of its own, so that a name server that hangs holds up nobody else.

The event loop's executor has few threads and is waited for at exit: one dead name server would fill it, delay the
lookups of every other provider and keep the process from ending. Nothing is cached: resolving is part of the measure.
"""

import asyncio
import contextlib
import socket
import threading

from aiohttp.abc import AbstractResolver, ResolveResult

MOST_AT_ONCE = 256


class ThreadPerLookup(AbstractResolver):
    """One daemon thread per lookup; at most 256 at once, counting those that nobody waits for any more."""

    def __init__(self) -> None:
        self._under_way = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a name, in the system's order. OSError where there are none."""
        if self._under_way >= MOST_AT_ONCE:
            raise OSError(None, "too many lookups wait for a name server")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[ResolveResult]] = loop.create_future()
        self._under_way += 1
        threading.Thread(
            target=self._look_up, args=(loop, answer, host, port, family), name=f"resolve-{host}", daemon=True
        ).start()
        return await answer

    async def close(self) -> None:
        """Lookups under way end by themselves."""

    def _look_up(
        self,
        loop: asyncio.AbstractEventLoop,
        answer: "asyncio.Future[list[ResolveResult]]",
        host: str,
        port: int,
        family: socket.AddressFamily,
    ) -> None:
        found: list[ResolveResult] | OSError
        try:
            found = _look_up_addresses(host, port, family)
        except OSError as error:
            found = error
        except UnicodeError:
            found = OSError(None, "not a host name")
        # The loop may be closed by now: then nobody waits.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(self._deliver, answer, found)

    def _deliver(self, answer: "asyncio.Future[list[ResolveResult]]", found: list[ResolveResult] | OSError) -> None:
        self._under_way -= 1
        if answer.done():
            return
        if isinstance(found, OSError):
            answer.set_exception(found)
        else:
            answer.set_result(found)


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
