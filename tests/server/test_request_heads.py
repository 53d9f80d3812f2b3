"""Heads out of the bytes of a connection, however they are cut; bodies are refused before anything looks at them."""

import asyncio
import gzip
import time
import zlib
from contextlib import closing

import pytest

from exporter.server.request_heads import MOST_OF_A_HEAD, HeadError, HeadSplitter
from tests.server.running import World, serving

HEAD = b"GET /-/healthy HTTP/1.1\r\nHost: x\r\n"


def feed(*pieces: bytes) -> list[bytes]:
    splitter = HeadSplitter()
    return [splitter.feed(piece) for piece in pieces]


def test_heads_are_handed_on_when_they_are_whole() -> None:
    one = HEAD + b"\r\n"
    assert feed(one) == [one]
    assert feed(*(bytes([byte]) for byte in one))[-1] == one
    assert feed(one + one + HEAD, b"\r\n") == [one + one, one]
    assert feed(HEAD + b"Content-Length: 0\r\n\r\n") == [HEAD + b"Content-Length: 0\r\n\r\n"]


@pytest.mark.parametrize("line", [b"\x16\x03\x01\x02", b"GARBAGE\n", b"GET /\n", b"\r\n"])
def test_what_is_not_http_is_handed_on_at_once(line: bytes) -> None:
    assert feed(line) == [line]


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Length: 1",
        b"content-length:\t10000000000",
        b"CONTENT-LENGTH: 00000000001",
        b"Content-Length: +5",
        b"Content-Length : 5",
        b"Content-Length: 0\r\nContent-Length: 7",
        b"Transfer-Encoding: chunked",
        b"transfer-encoding: identity",
        b"Content-Encoding: gzip\r\nContent-Length: 9",
        b"Content-Encoding: gzip, br",
    ],
)
def test_a_head_that_announces_a_body_is_refused(header: bytes) -> None:
    with pytest.raises(HeadError) as refusal:
        feed(HEAD + header + b"\r\n\r\n" + b"x" * 100)
    assert refusal.value.status == 413


@pytest.mark.parametrize("piece", [1000, MOST_OF_A_HEAD + 1])
def test_a_head_without_end_is_refused(piece: int) -> None:
    with pytest.raises(HeadError) as refusal:
        feed(*([HEAD + b"X: " + b"y" * piece] * 200))
    assert refusal.value.status == 431


BOMB = gzip.compress(bytes(100_000_000))
BODIES = {
    "a gzip bomb": (b"Content-Encoding: gzip\r\nContent-Length: %d" % len(BOMB), BOMB),
    "deflate": (b"Content-Encoding: deflate\r\nContent-Length: 1000000", zlib.compress(bytes(10_000_000))),
    "many codings": (b"Content-Encoding: " + b"gzip, " * 500 + b"gzip\r\nContent-Length: 5", b"12345"),
    "ten gigabytes that do not come": (b"Content-Length: 10000000000", b""),
    "chunks without end": (b"Transfer-Encoding: chunked", b"1\r\nx\r\n" * 100_000),
    "a chunk extension": (b"Transfer-Encoding: chunked", b"1;" + b"e" * 1_000_000),
    "a polite announcement": (b"Expect: 100-continue\r\nContent-Length: 5", b""),
}


@pytest.mark.parametrize(("header", "body"), [pytest.param(*case, id=name) for name, case in BODIES.items()])
@pytest.mark.parametrize("method", [b"GET", b"POST", b"HEAD", b"OPTIONS"])
async def test_a_body_costs_nothing_and_its_sender_reads_why(method: bytes, header: bytes, body: bytes) -> None:
    async with serving(World()) as session:
        assert session._base_url is not None
        port = session._base_url.port
        begin = time.process_time()
        answers = [
            await send(port, method + b" /-/healthy HTTP/1.1\r\nHost: x\r\n" + header + b"\r\n\r\n" + body)
            for _ in range(8)
        ]
        assert time.process_time() - begin < 2, "eight bombs of 100 MB take far longer to unpack"
        assert all(answer.startswith(b"HTTP/1.1 413 ") for answer in answers)
        async with session.get("/-/healthy") as response:
            assert response.status == 200


async def send(port: int | None, data: bytes) -> bytes:
    """Send all that the server takes and return its answer, as a client that reads only afterwards sees it."""

    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with closing(writer):
        writer.write(data)
        return await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
