"""One request on one connection: send, read, notice the end or the trouble, and leave nothing open behind."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable

from exporter.core.clock import Clock
from exporter.core.outcome import Reason
from exporter.transport.answer import AnswerBuilder
from exporter.transport.deadline import Deadline
from exporter.transport.failures import CAUGHT, EndedError, NotHttpError, Stage, explain_failure, explain_unresolved
from exporter.transport.http.connection import Connection
from exporter.transport.http.prepared_request import PreparedRequest, make_request
from exporter.transport.http.provider_client import ProviderClient
from exporter.transport.http.response import ResponseReader
from exporter.transport.timing.timings import Timings

_DRAIN_SECONDS = 0.25
_DRAIN_BYTES = 64 * 1024


class RequestExecution:
    """Everything about one request under way; `on_ready` is called when the connection can be written to.

    `stale`: a kept connection was dead, nothing was learnt.
    """

    def __init__(  # noqa: PLR0917 (the parts of one request)
        self,
        clock: Clock,
        client: ProviderClient,
        out: PreparedRequest,
        answer: AnswerBuilder,
        record: Timings,
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
        self._refused_certificate = False

    async def run(self) -> None:
        """Ask and read until the answer is done. Raises only CancelledError."""
        line: Connection | None = None
        lasting = False
        try:
            try:
                async with self._deadline.timeout:
                    line = await self._client.get_connection(self._out, self._record)
                    await self._send_and_read(line)
            except CAUGHT as error:
                if not self._answer.done:  # nothing that comes afterwards undoes an answer that came whole
                    self._interrupt(error)
            self._judge_pause()
            if self._refused_certificate:
                self.certificate_expires_at = await self._client.read_refused_certificate(self._out)
            if line is not None:
                self.certificate_expires_at = self._client.certificate_expiry(line)
                lasting = self._client.provider.keep_alive and await self._drain(line)
        finally:
            if line is not None:
                self._client.give_back(line, self._out, lasting=lasting)
            self._reader.close()

    async def _send_and_read(self, line: Connection) -> None:
        self._record.set_connected(line.socket)
        self._on_ready()
        # A server may have answered before it had heard all: what there is to read tells what became of it.
        with contextlib.suppress(OSError):
            await line.send(make_request(self._out, keep_alive=self._client.provider.keep_alive))
        self._record.sent_ns = line.socket.sent_ns
        await line.listen(self._read_piece)

    def _read_piece(self, data: bytes, at: int) -> bool:
        """Take what came, with the moment of its arrival; whether the answer is done."""
        reader, answer = self._reader, self._answer
        if not data:
            self._read_end(at)
            return True
        if self._record.first_byte_ns is None:
            self._record.first_byte_ns = at
        reader.feed(data)
        if answer.status is None and reader.status is not None:
            self._record.stage = Stage.ANSWERING
            answer.begin(reader.status, reader.headers, at, self._clock.wall())
        body = reader.take_body()
        if body:
            answer.feed(body, at)
        if reader.whole and not answer.done:
            answer.close(at)
        return answer.done

    def _read_end(self, at: int) -> None:
        self._reader.end()
        if not self._reader.whole:
            if self._answer.status is None and self._record.first_byte_ns is not None:
                raise NotHttpError("it ended within its head")
            raise EndedError
        self._answer.close(at)

    def _interrupt(self, error: BaseException) -> None:
        record = self._record
        if self._deadline.is_passed:
            failure = self._deadline.make_failure()
            if record.resolved_ns is None and record.place.host and failure.reason is not Reason.PAUSED:
                failure = explain_unresolved(record.place, (self._clock.monotonic_ns() - record.t0) / 1e9)
        else:
            self._refused_certificate = isinstance(error, ssl.SSLCertVerificationError)
            failure = explain_failure(error, self._record.stage, self._record.place)
            lost = isinstance(error, EndedError | OSError)
            self.stale = lost and self._record.reused and self._record.first_byte_ns is None
        self._answer.interrupt(failure, self._clock.monotonic_ns())

    def _judge_pause(self) -> None:
        """Decide by the stamps what became of a request that a pause of this process overtook."""
        ended = None if self._deadline.is_passed else self._answer.ended_ns
        reached = {
            Reason.TIMEOUT_CONNECT: self._record.ready_ns,
            Reason.TIMEOUT_FIRST_TOKEN: self._answer.first_output_ns or ended,
            Reason.TIMEOUT_TOTAL: ended,
        }
        if (failure := self._deadline.judge(reached)) is not None:
            self._answer.fail(failure, self._answer.ended_ns or self._clock.monotonic_ns())

    async def _drain(self, line: Connection) -> bool:
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
