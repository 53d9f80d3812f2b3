"""Whether something can be reached at all: one TCP connection, opened and closed again."""

import asyncio
import contextlib

from exporter.transport.http.resolver import ThreadPerLookup


class TcpCheck:
    """Opens connections to see whether it can. Names are looked up in threads of their own."""

    def __init__(self) -> None:
        self._resolver = ThreadPerLookup()

    async def __call__(self, host: str, port: int, seconds: float) -> bool:
        """Return whether a connection was made within that many seconds. Raises only CancelledError."""
        with contextlib.suppress(OSError):  # TimeoutError is one
            async with asyncio.timeout(seconds):
                for found in await self._resolver.resolve(host, port):
                    if await _can_connect(found["host"], port):
                        return True
        return False


async def _can_connect(address: str, port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(address, port)
    except OSError:
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True
