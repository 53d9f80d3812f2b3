"""A client that does what no client should: bodies, bombs, half requests, wrong paths, many connections.

`python -m tests.soak.client URL` attacks until it is ended.
"""

import asyncio
import contextlib
import gzip
import random
import sys
from urllib.parse import urlsplit

BOMB = gzip.compress(bytes(50_000_000))
ATTACKS = (
    b"GET /metrics HTTP/1.1\r\nhost: a\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n%b" % (len(BOMB), BOMB),
    b"POST /-/reload HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n" + b"fffff\r\n" * 1000,
    b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nhost: a\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"".join(b"x%d: %b\r\n" % (at, b"y" * 500) for at in range(500)) + b"\r\n",
    b"GET /metrics HTTP/1.1\r\nhost: a\r\nconnection: keep-alive\r\n\r\n" * 20,
    b"GET /probe?target=nothing HTTP/1.1\r\nhost: a\r\n\r\n",
    b"GET /checks/%2e%2e/%00 HTTP/1.1\r\nhost: a\r\n\r\n",
    b"GET /api/v1/report?window=1e9d HTTP/1.1\r\nhost: a\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET /metr",
    b"",
)


async def attack(url: str) -> None:
    """Attack for as long as the task lives."""
    where = urlsplit(url)
    while True:
        await asyncio.gather(*(_attack_once(where.hostname or "", where.port or 0) for _ in range(4)))
        await asyncio.sleep(0.5)


async def _attack_once(host: str, port: int) -> None:
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(5):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(random.choice(ATTACKS))
                await writer.drain()
                if random.random() < 0.5:  # the other half does not read what it asked for
                    await reader.read(1000)
                await asyncio.sleep(random.random() * 3)
            finally:
                writer.close()


if __name__ == "__main__":
    asyncio.run(attack(sys.argv[1]))
