"""Answers of HTTP/1.1 however they are cut: the head, the body, the end, what is no answer at all."""

import gzip
import zlib

import pytest

from exporter.transport.failures import BodyError, NotHttpError
from exporter.transport.http.response import ResponseReader
from tests.fakes.script import chunk, head

CHUNKED = {"transfer-encoding": "chunked"}
ANSWERS = {
    "a length": (head(200, {"content-length": "5"}) + b"hello", 200, True),
    "chunks": (head(200, CHUNKED) + chunk(b"hel") + chunk(b"lo") + chunk(b""), 200, True),
    "chunks and trailers": (head(200, CHUNKED) + chunk(b"hello") + b"0\r\nx-late: 1\r\n\r\n", 200, True),
    "interim answers before": (
        head(100) + head(103, {"link": "</x>"}) + head(404, {"content-length": "5"}) + b"hello",
        404,
        True,
    ),
    "a connection that will be closed": (
        head(200, {"content-length": "5", "connection": "close"}) + b"hello",
        200,
        False,
    ),
    "no reason": (b"HTTP/1.1 200\r\ncontent-length: 5\r\n\r\nhello", 200, True),
    "lines that end in LF alone": (b"HTTP/1.1 200 OK\ncontent-length: 5\n\nhello", 200, True),
    "spaces after the size of a chunk": (head(200, CHUNKED) + b"5  \r\nhello\r\n0\r\n\r\n", 200, True),
    "a length and chunks": (head(200, {"content-length": "9", **CHUNKED}) + chunk(b"hello") + chunk(b""), 200, False),
    "more than was asked for": (head(200, {"content-length": "5"}) + b"hello" + head(500), 200, False),
    "another answer afterwards": (2 * (head(200, {"content-length": "5"}) + b"hello"), 200, False),
    "garbage afterwards": (head(200, {"content-length": "5"}) + b"hello\x00\x00\r\n\r\n", 200, False),
    "an empty line afterwards": (head(200, {"content-length": "5"}) + b"hello\r\n", 200, True),
}


def fed(pieces: list[bytes]) -> tuple[ResponseReader, bytes]:
    reader, body = ResponseReader(), b""
    for piece in pieces:
        reader.feed(piece)
        body += reader.take_body()
    return reader, body


@pytest.mark.parametrize(
    ("answer", "status", "lasting"), [pytest.param(*row, id=name) for name, row in ANSWERS.items()]
)
@pytest.mark.parametrize("byte_by_byte", [False, True])
def test_an_answer_is_read_however_it_comes(answer: bytes, status: int, lasting: bool, byte_by_byte: bool) -> None:
    pieces = [answer[at : at + 1] for at in range(len(answer))] if byte_by_byte else [answer]
    reader, body = fed(pieces)
    assert (reader.status, body, reader.whole, reader.lasting) == (status, b"hello", True, lasting)


def test_a_body_without_an_end_of_its_own_ends_with_the_connection() -> None:
    reader, body = fed([head(200), b"hel", b"lo"])
    assert (body, reader.whole, reader.lasting) == (b"hello", False, False)
    reader.end()
    assert reader.whole


@pytest.mark.parametrize(
    "cut",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"HTTP/1.1 200 OK\r\n", id="in the head"),
        pytest.param(head(100), id="after an interim answer"),
        pytest.param(head(200, {"content-length": "5"}) + b"hell", id="in a body with a length"),
        pytest.param(head(200, CHUNKED) + chunk(b"hello"), id="between chunks"),
    ],
)
def test_what_was_cut_is_not_whole(cut: bytes) -> None:
    reader, _ = fed([cut] if cut else [])
    reader.end()
    assert not reader.whole


@pytest.mark.parametrize("status", [204, 304])
def test_answers_without_a_body(status: int) -> None:
    reader, body = fed([head(status)])
    assert (reader.whole, body) == (True, b"")


def test_what_is_told_twice_is_one_list() -> None:
    reader, _ = fed([b"HTTP/1.1 200 OK\r\nX-A: 1\r\nx-b: \xc3\xa9\r\nx-a: 2\r\ncontent-length: 0\r\n\r\n"])
    assert reader.headers == {"x-a": "1, 2", "x-b": "é", "content-length": "0"}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        pytest.param(b"SSH-2.0-x\r\n", "Expected HTTP", id="another protocol"),
        pytest.param(b"HTTP/1.1 abc\r\n\r\n", "status", id="no status"),
        pytest.param(head(200, CHUNKED) + b"no size\r\n", "chunk size", id="no chunk"),
        pytest.param(b"HTTP/1.1 200 OK\r\nx: " + b"y" * 70_000, "head has more than", id="an endless head"),
        pytest.param(head(101, {"upgrade": "x", "connection": "upgrade"}), "another protocol", id="an upgrade"),
    ],
)
def test_what_is_not_http(data: bytes, says: str) -> None:
    with pytest.raises(NotHttpError, match=says):
        fed([data])


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "deflate"])
def test_compression_that_nobody_asked_for_is_undone(coding: str) -> None:
    packed = zlib.compress(b"hello") if coding == "deflate" else gzip.compress(b"hello")
    pieces = [head(200, {"content-encoding": coding, "content-length": str(len(packed))}), packed[:7], packed[7:]]
    reader, body = fed(pieces)
    assert (body, reader.whole) == (b"hello", True)


@pytest.mark.parametrize(("coding", "says"), [("gzip", "which it says"), ("br", "not asked for")])
def test_compression_that_cannot_be_undone(coding: str, says: str) -> None:
    reader = ResponseReader()
    reader.feed(head(200, {"content-encoding": coding}) + b"plain text")
    assert reader.status == 200
    with pytest.raises(BodyError, match=says):
        reader.take_body()


def test_what_grows_without_end_is_not_unpacked_whole() -> None:
    bomb = gzip.compress(bytes(64 * 1024 * 1024))
    _, body = fed([head(200, {"content-encoding": "gzip", "content-length": str(len(bomb))}) + bomb])
    assert len(body) == 16 * 1024 * 1024
