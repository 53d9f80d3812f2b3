"""A server that knows when it sent what: stamps directly around each write, handed out when the run is over.

`python -m bench.reference FOLDER` serves HTTP and HTTPS on free loopback ports and prints where, as one line of JSON;
it ends with its standard input. It writes to the socket itself: an event loop would put the bytes into a queue, and
the stamp beside the queue would tell nothing. A request's arrival is the kernel's own stamp. Paths:

    /pace/HEADERS-FIRST-CHUNKS-GAP/...   an answer at that pace (bench/answers.py); `live` stands for the pace last set
        .../chat/completions, .../models, any other: a tiny page. `?id=NAME` names the answer, else the server does
    /live/HEADERS-FIRST-CHUNKS-GAP       set the live pace
    /stamps                              the stamps of all answers since the last call, as JSON
    /cost                                the processor time used so far, in nanoseconds
"""

import asyncio
import gc
import json
import os
import socket
import ssl
import struct
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import uvloop

from bench.answers import MODELS, PAGE, Pace, Piece, streamed, whole
from exporter.demo.certificate import issue_certificate

SO_TIMESTAMPNS = 35  # linux: asm-generic/socket.h
TIMESPEC = struct.Struct("@ll")
READ = 64 * 1024


class Answer:
    """One answer: when its request came, and when its headers, first token and end were sent (monotonic, ns).

    `took` is the longest write, `late` by how much the latest piece was sent after the moment it was due.
    """

    __slots__ = ("came", "late", "name", "sent", "took")

    def __init__(self, name: str, came: int) -> None:
        self.name = name
        self.came = came
        self.sent: dict[str, int] = {}
        self.took = 0
        self.late = 0

    def row(self) -> tuple[object, ...]:
        sent = self.sent
        headers = sent.get("headers", sent["last"])
        return self.name, self.came, headers, sent.get("first"), sent["last"], self.took, self.late


class Desk:
    """What all connections share: the live pace, the names, the answers given."""

    def __init__(self) -> None:
        self.pace = Pace()
        self.finished: list[Answer] = []
        self._named = 0

    def answer(self, target: str, came: int) -> tuple[Answer | None, Sequence[Piece]]:
        """The pieces to send for a request; without an `Answer` it is one of the bench itself."""
        url = urlsplit(target)
        place, _, rest = url.path.lstrip("/").partition("/")
        if place != "pace":
            return None, whole(b"", Pace(), self._control(place, rest), b"application/json")
        told, _, path = rest.partition("/")
        pace = self.pace if told == "live" else Pace.parse(told)
        self._named += 1
        name = parse_qs(url.query).get("id", [f"a{self._named}"])[0]
        return Answer(name, came), self._pieces(name.encode(), path, pace)

    def _pieces(self, name: bytes, path: str, pace: Pace) -> Sequence[Piece]:
        if path.endswith("/chat/completions"):
            return streamed(name, pace)
        if path.endswith("/models"):
            return whole(name, Pace(), MODELS, b"application/json")
        return whole(name, pace, PAGE, b"text/html")

    def _control(self, place: str, rest: str) -> bytes:
        if place == "live":
            self.pace = Pace.parse(rest)
            return b"{}"
        if place == "cost":
            return json.dumps({"nanoseconds": time.process_time_ns()}).encode()
        done, self.finished = self.finished, []
        return json.dumps([each.row() for each in done]).encode()


class Connection:
    """One client: reads requests, sends each piece of an answer when it is due, and stamps it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, made: socket.socket, desk: Desk, tls: "Tls | None") -> None:
        made.settimeout(0)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._loop = loop
        self._socket = made
        self._desk = desk
        self._tls = tls
        self._request = bytearray()
        self._closed = False
        loop.add_reader(made, self._readable)

    def _readable(self) -> None:
        try:
            data, ancillary, _, _ = self._socket.recvmsg(READ, 64)
        except BlockingIOError:
            return
        except OSError:
            data, ancillary = b"", []
        if not data:
            self._close()
            return
        came = arrival(ancillary)
        if self._tls is not None:
            data, reply, broken = self._tls.received(data)
            if reply and not self._closed:
                self._write(reply)
            if broken:
                self._close()
                return
        self._request += data
        self._answer(came)

    def _answer(self, came: int) -> None:
        head, found, rest = self._request.partition(b"\r\n\r\n")
        if not found:
            return
        lines = head.decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:])
        if len(rest) < int(headers.get("content-length", "0")):
            return
        self._request.clear()
        answer, pieces = self._desk.answer(lines[0].split(" ")[1], came)
        keep = headers.get("connection") != "close"
        self._send(answer, pieces, 0, came, keep)

    def _send(self, answer: Answer | None, pieces: Sequence[Piece], place: int, came: int, keep: bool) -> None:
        """Send what is due, and come back for what is not."""
        while place < len(pieces) and not self._closed:
            piece = pieces[place]
            due = came + piece.after * 1_000_000
            wait = due - time.monotonic_ns()
            if piece.after and wait > 0:
                self._loop.call_later(wait / 1e9, self._send, answer, pieces, place, came, keep)
                return
            data = piece.data if self._tls is None else self._tls.sealed(piece.data)
            before = time.monotonic_ns()
            self._write(data)
            if answer is not None:
                answer.sent[piece.step] = before
                answer.took = max(answer.took, time.monotonic_ns() - before)
                answer.late = max(answer.late, before - due)
            place += 1
        if answer is not None and "last" in answer.sent:
            self._desk.finished.append(answer)
        if not keep:
            self._close()

    def _write(self, data: bytes) -> None:
        """A few hundred bytes always fit into the socket's buffer, unless the client is gone."""
        try:
            if self._socket.send(data) != len(data):
                self._close()
        except OSError:
            self._close()

    def _close(self) -> None:
        if not self._closed:
            self._closed = True
            self._loop.remove_reader(self._socket)
            self._socket.close()


class Tls:
    """The server's side of TLS over bytes that somebody else carries."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._object = context.wrap_bio(self._in, self._out, server_side=True)
        self._secured = False

    def received(self, data: bytes) -> tuple[bytes, bytes, bool]:
        """What the bytes mean, what is to be sent back at once, and whether it is over."""
        self._in.write(data)
        clear = b""
        try:
            if not self._secured:
                self._object.do_handshake()
                self._secured = True
            while more := self._object.read(READ):
                clear += more
        except ssl.SSLWantReadError:
            return clear, self._out.read(), False
        except ssl.SSLError:
            pass
        return clear, self._out.read(), True

    def sealed(self, data: bytes) -> bytes:
        self._object.write(data)
        return self._out.read()


def arrival(ancillary: Sequence[tuple[int, int, bytes]]) -> int:
    """When the kernel had the data, on the monotonic clock; now where it does not tell."""
    now, wall = time.monotonic_ns(), time.time_ns()
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
            seconds, nanoseconds = map(int, TIMESPEC.unpack(data))
            return now - max(0, wall - (seconds * 1_000_000_000 + nanoseconds))
    return now


def listen(loop: asyncio.AbstractEventLoop, made: Callable[[socket.socket], object]) -> int:
    """Accept connections on a free port of loopback; which."""
    door = socket.create_server(("127.0.0.1", 0), backlog=4096)
    door.settimeout(0)

    def accept() -> None:
        try:
            while True:
                made(door.accept()[0])
        except BlockingIOError:
            return

    loop.add_reader(door, accept)
    return int(door.getsockname()[1])


async def serve(folder: Path) -> None:
    loop, desk = asyncio.get_running_loop(), Desk()
    identity = issue_certificate(folder, datetime.now(UTC))
    plain = listen(loop, lambda made: Connection(loop, made, desk, None))
    secure = listen(loop, lambda made: Connection(loop, made, desk, Tls(identity.context)))
    told = {"http": f"http://127.0.0.1:{plain}", "https": f"https://127.0.0.1:{secure}", "ca": str(identity.ca_file)}
    print(json.dumps(told), flush=True)
    # Nothing here makes cycles that matter within minutes, and a collection would delay a write.
    gc.disable()
    await asyncio.to_thread(sys.stdin.read)


def main() -> None:
    if len(cores := os.sched_getaffinity(0)) > 1:
        os.sched_setaffinity(0, {max(cores)})
    uvloop.run(serve(Path(sys.argv[1])))


if __name__ == "__main__":
    main()
