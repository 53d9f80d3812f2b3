"""From a name to a connection: looked up, then its addresses tried as RFC 8305 has it, every step noted."""

import asyncio
import ipaddress
import socket
from functools import partial

from aiohappyeyeballs import AddrInfoType, start_connection

from exporter.aio.instrumented_loop import InstrumentedLoop
from exporter.core.clock import Clock
from exporter.transport.failures import LookupFailedError
from exporter.transport.http.connection import Connection
from exporter.transport.http.resolver import ThreadPerLookup
from exporter.transport.timing.fair_queue import FairQueue
from exporter.transport.timing.stamps import StampedSocket
from exporter.transport.timing.timings import Timings

_HEAD_START = 0.25
"""Seconds that an address has before the next is tried beside it (RFC 8305, 5: 250 ms)."""


class Connector:
    """Makes connections; `kernel`: their arrivals are to be stamped by the kernel. To be made inside a loop."""

    def __init__(
        self, clock: Clock, turns: FairQueue, *, kernel: bool, resolver: ThreadPerLookup | None = None
    ) -> None:
        self._clock = clock
        self._kernel = kernel
        self._resolver = resolver or ThreadPerLookup()
        self._numeric: dict[tuple[str, int], list[AddrInfoType]] = {}
        loop = asyncio.get_running_loop()
        self._turns = turns
        self._unseen_since = loop.last_empty_poll_ns if isinstance(loop, InstrumentedLoop) else None

    async def connect(self, host: str, port: int, record: Timings) -> Connection:
        """Connect to a host. Raises LookupFailedError, OSError (of no number where addresses failed differently)."""
        addresses = self._find_literal(host, port) or await self._look_up(host, port)
        record.resolved_ns = self._clock.monotonic_ns()
        connected = await self._connect_any(addresses)
        record.connected_ns = connected.connected_ns or self._clock.monotonic_ns()
        try:
            await self._turns.wait()
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except BaseException:
            connected.close()
            raise
        return Connection(connected, self._turns)

    async def resolve(self, host: str, port: int) -> str:
        """Return an address of a host, the one that would be tried first. Raises LookupFailedError."""
        return str((self._find_literal(host, port) or await self._look_up(host, port))[0][4][0])

    async def has_moved(self, host: str, port: int, line: Connection) -> bool:
        """Return whether a host has addresses by now, but no longer the one that a connection leads to."""
        if self._find_literal(host, port):
            return False
        try:
            addresses = await self._look_up(host, port)
        except LookupFailedError:
            return False
        return line.peer not in {each[4][0] for each in addresses}

    def _find_literal(self, host: str, port: int) -> list[AddrInfoType]:
        """Return the address if the host is an IP address, parsed once; nothing for a name."""
        known = self._numeric.get((host, port))
        if known is None:
            known = self._numeric[host, port] = _parse_literal(host, port)
        return known

    async def _look_up(self, host: str, port: int) -> list[AddrInfoType]:
        try:
            found = await self._resolver.resolve(host, port)
        except OSError as error:
            raise LookupFailedError from error
        return [_make_address(each["family"], each["host"], port, each["proto"]) for each in found]

    async def _connect_any(self, addresses: list[AddrInfoType]) -> StampedSocket:
        if len(addresses) == 1:
            return await self._connect_one(addresses[0])
        made: list[StampedSocket] = []
        won = await start_connection(
            addresses, happy_eyeballs_delay=_HEAD_START, socket_factory=partial(self._note_address, made)
        )
        return next(each for each in made if each is won)

    async def _connect_one(self, address: AddrInfoType) -> StampedSocket:
        opened = self._open(address)
        try:
            opened.settimeout(0)
            await asyncio.get_running_loop().sock_connect(opened, address[4])
        except BaseException:
            opened.close()
            raise
        return opened

    def _note_address(self, made: list[StampedSocket], address: AddrInfoType) -> StampedSocket:
        made.append(self._open(address))
        return made[-1]

    def _open(self, address: AddrInfoType) -> StampedSocket:
        return StampedSocket.open(
            address[0],
            address[1],
            address[2],
            self._clock,
            kernel=self._kernel,
            unseen_since=self._unseen_since,
        )


def _parse_literal(host: str, port: int) -> list[AddrInfoType]:
    """Return the address if the host is an IP address; nothing for a name."""
    if not (host[-1:].isdigit() or ":" in host):
        return []
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return []
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6  # noqa: PLR2004 (IPv4)
    return [_make_address(family, host, port, socket.IPPROTO_TCP)]


def _make_address(family: int, host: str, port: int, protocol: int) -> AddrInfoType:
    where = (host, port) if family == socket.AF_INET else (host, port, 0, 0)
    return (family, socket.SOCK_STREAM, protocol, "", where)
