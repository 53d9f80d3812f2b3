"""One request on one connection: send, read, notice the end or the trouble, and leave nothing open behind."""

import asyncio
import contextlib
from collections.abc import Callable

from exporter.core.clock import Clock
from exporter.transport.answer import Answer
from exporter.transport.deadline import Deadline
from exporter.transport.failures import CAUGHT, EndedError, Stage, failure_of
from exporter.transport.http.connection import Line
from exporter.transport.http.prepared_request import Outgoing
from exporter.transport.http.provider_client import Client
from exporter.transport.http.request import request_bytes
from exporter.transport.http.response import ResponseReader
from exporter.transport.timing.timings import Record

_DRAIN_SECONDS = 0.25
_DRAIN_BYTES = 64 * 1024


class Attempt:
    """Everything about one request under way; `on_ready` is called when the connection can be written to.

    `stale`: a kept connection was dead, nothing was learnt.
    """

    def __init__(  # noqa: PLR0917 (the parts of one request)
        self,
        clock: Clock,
        client: Client,
        out: Outgoing,
        answer: Answer,
        record: Record,
        deadline: Deadline,
        on_ready: Callable[[], None],
    ) -> None:
        self.stale = False
        self.certificate_expires_at: float | None = None
        self._clock = clock
        self._client = client
        self._out = out
        self._answer = answer
        self._record = record
        self._deadline = deadline
        self._on_ready = on_ready
        self._reader = ResponseReader()

    async def run(self) -> None:
        """Ask and read until the answer is done. Raises only CancelledError."""
        line: Line | None = None
        lasting = False
        try:
            try:
                async with self._deadline.timeout:
                    line = await self._client.line(self._out, self._record)
                    await self._talk(line)
            except CAUGHT as error:
                if not self._answer.done:  # nothing that comes afterwards undoes an answer that came whole
                    self._broke_off(error)
            if line is not None:
                self.certificate_expires_at = self._client.expires_at(line)
                lasting = self._client.provider.keep_alive and await self._drained(line)
        finally:
            if line is not None:
                self._client.give_back(line, self._out, lasting=lasting)

    async def _talk(self, line: Line) -> None:
        self._record.ready(line.socket)
        self._on_ready()
        # A server may have answered before it had heard all: what there is to read tells what became of it.
        with contextlib.suppress(OSError):
            await line.send(request_bytes(self._out, keep_alive=self._client.provider.keep_alive))
        self._record.sent_ns = line.socket.sent_ns
        await line.listen(self._hear)

    def _hear(self, data: bytes, at: int) -> bool:
        """Take what came, with the moment of its arrival; whether the answer is done."""
        reader, answer = self._reader, self._answer
        if not data:
            self._hear_the_end(at)
            return True
        if self._record.first_byte_ns is None:
            self._record.first_byte_ns = at
        reader.feed(data)
        if answer.status is None and reader.status is not None:
            self._record.stage = Stage.ANSWERING
            answer.begin(reader.status, reader.headers, at, self._clock.wall())
        body = reader.body()
        if body:
            answer.feed(body, at)
        if reader.whole and not answer.done:
            answer.close(at)
        return answer.done

    def _hear_the_end(self, at: int) -> None:
        self._reader.end()
        if not self._reader.whole:
            raise EndedError
        self._answer.close(at)

    def _broke_off(self, error: BaseException) -> None:
        if self._deadline.passed:
            failure = self._deadline.failure()
        else:
            failure = failure_of(error, self._record.stage, self._record.place)
            lost = isinstance(error, EndedError | OSError)
            self.stale = lost and self._record.reused and self._record.first_byte_ns is None
        self._answer.interrupt(failure, self._clock.monotonic_ns())

    async def _drained(self, line: Line) -> bool:
        """Read what little may follow the end of the answer; whether the connection can serve again."""
        size = 0
        try:
            async with asyncio.timeout(_DRAIN_SECONDS):
                while not self._reader.whole and size < _DRAIN_BYTES:
                    data, _ = await line.receive()
                    if not data:
                        return False
                    self._reader.feed(data)
                    size += len(data)
        except CAUGHT:
            return False
        return self._reader.whole and self._reader.lasting
