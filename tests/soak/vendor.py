"""A vendor with one healthy address and many hostile ones: `/ok/v1`, `/NAME/v1` for each name in `HOSTILE`.

`python -m tests.soak.vendor PORT` serves it on loopback.
"""

import asyncio
import itertools
import json
import random
import struct
import sys
from collections.abc import AsyncIterator, Callable, Mapping

DONE = b"data: [DONE]\n\n"
OK = b"HTTP/1.1 200 OK\r\nconnection: close\r\n"
STREAM = OK + b"content-type: text/event-stream\r\n\r\n"
JSON = OK + b"content-type: application/json\r\n\r\n"
BIG = 7_900_000

Play = Callable[[asyncio.StreamWriter], AsyncIterator[bytes]]


def event(**delta: object) -> bytes:
    """One event of a chat stream."""
    choice = {"index": 0, "delta": delta, "finish_reason": None}
    return b"data: " + json.dumps({"id": "c1", "model": "m", "choices": [choice]}).encode() + b"\n\n"


def end() -> bytes:
    """The end of a chat stream, with its usage."""
    usage = {"prompt_tokens": 5, "completion_tokens": 9}
    choice = {"index": 0, "delta": {}, "finish_reason": "stop"}
    return b"data: " + json.dumps({"choices": [choice], "usage": usage}).encode() + b"\n\n" + DONE


async def answer_well(_writer: asyncio.StreamWriter) -> AsyncIterator[bytes]:
    """Two words, some milliseconds apart."""
    yield STREAM + event(role="assistant", content="")
    for word in ("one", " two"):
        await asyncio.sleep(0.02)
        yield event(content=word)
    yield end()


async def flood(_writer: asyncio.StreamWriter) -> AsyncIterator[bytes]:
    """Nearly 8 MB of small, different events."""
    yield STREAM
    sent = 0
    for first in itertools.count(0, 500):
        piece = b"".join(event(content=f"w{at}") for at in range(first, first + 500))
        sent += len(piece)
        yield piece
        if sent > BIG:
            break
    yield end()


async def list_many(_writer: asyncio.StreamWriter) -> AsyncIterator[bytes]:
    """A document of 120,000 models."""
    yield JSON + b'{"data": ['
    for first in range(0, 120_000, 5000):
        yield b"".join(b'{"id":"m%d"},' % at for at in range(first, first + 5000))
    yield b'{"id":"last"}]}'


async def nest(_writer: asyncio.StreamWriter) -> AsyncIterator[bytes]:
    """Brackets and nothing else."""
    yield JSON + b"[" * 4_000_000


async def drip(_writer: asyncio.StreamWriter) -> AsyncIterator[bytes]:
    """A byte every now and then, for ever."""
    yield STREAM
    while True:
        await asyncio.sleep(0.1)
        yield b":"


async def hang(_writer: asyncio.StreamWriter) -> AsyncIterator[bytes]:
    """Nothing at all."""
    await asyncio.sleep(3600)
    yield b""


async def reset(writer: asyncio.StreamWriter) -> AsyncIterator[bytes]:
    """Half an answer, then a reset."""
    yield STREAM + event(content="one")
    sock = writer.get_extra_info("socket")
    sock.setsockopt(1, 13, struct.pack("ii", 1, 0))  # SO_LINGER of SOL_SOCKET: close means reset
    writer.transport.abort()


async def babble(_writer: asyncio.StreamWriter) -> AsyncIterator[bytes]:
    """Random bytes, as a status line, as headers or as a body."""
    noise = random.Random().randbytes(200_000)
    yield random.choice((b"", b"HTTP/1.1 ", OK, STREAM, JSON)) + noise


async def refuse(_writer: asyncio.StreamWriter) -> AsyncIterator[bytes]:
    """Too many requests, with an absurd time to wait and a key in its words."""
    body = b'{"error":{"message":"slow down, \\u0073\\u006b-soak-secret-0123456789","code":"rate_limit_exceeded"}}'
    yield b"HTTP/1.1 429 No\r\nretry-after: 1e300\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(body) + body


HOSTILE: Mapping[str, Play] = {
    each.__name__: each for each in (flood, list_many, nest, drip, hang, reset, babble, refuse)
}


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        path = head.split(b" ", 2)[1].decode()
        name = path.split("/")[1]
        if name == "health":
            writer.write(OK + b"\r\n")
        elif name == "ok" and path.endswith("/models"):
            writer.write(JSON + b'{"object":"list","data":[{"id":"m"}]}')
        else:
            async for piece in HOSTILE.get(name, answer_well)(writer):
                writer.write(piece)
                await writer.drain()
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        pass
    finally:
        writer.close()


async def main(port: int) -> None:
    """Serve until the process is ended."""
    server = await asyncio.start_server(_serve, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
