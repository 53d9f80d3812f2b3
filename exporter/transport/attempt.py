"""One request on one connection: send, read, notice the end or the trouble, and leave nothing open behind."""

import asyncio
import contextlib

import aiohttp

from exporter.clock import Clock
from exporter.transport.answer import Answer
from exporter.transport.deadline import Deadline
from exporter.transport.failures import FOREIGN, Stage, failure_of
from exporter.transport.outgoing import Outgoing
from exporter.transport.peer import expires_at
from exporter.transport.recorder import RECORDER, Recorder

_DRAIN_SECONDS = 0.25
_DRAIN_BYTES = 64 * 1024


class Once(Exception):  # noqa: N818 (not an error of its own: the wrapping around one)
    """Carries a lost connection past aiohttp, which would ask again by itself where the method is GET."""

    def __init__(self, error: aiohttp.ClientError) -> None:
        super().__init__()
        self.error = error


async def one_try(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """A middleware for sessions whose requests are attempts: keeps aiohttp from repeating them."""
    try:
        return await handler(request)
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise Once(error) from error


class Attempt:
    """Everything about one request under way. `stale`: a kept connection was dead, nothing was learnt."""

    def __init__(self, clock: Clock, out: Outgoing, answer: Answer, recorder: Recorder, deadline: Deadline) -> None:
        self.stale = False
        self.certificate_expires_at: float | None = None
        self._clock = clock
        self._out = out
        self._answer = answer
        self._recorder = recorder
        self._deadline = deadline
        self._response: aiohttp.ClientResponse | None = None

    async def run(self, session: aiohttp.ClientSession, *, keep_alive: bool) -> None:
        """Ask and read until the answer is done. Raises only CancelledError."""
        token = RECORDER.set(self._recorder)
        kept = False
        try:
            await self._talk(session)
            if self._recorder.tap is not None:
                self.certificate_expires_at = expires_at(self._recorder.tap.tls)
            kept = keep_alive and await self._drain()
        finally:
            RECORDER.reset(token)
            if self._recorder.tap is not None:
                self._recorder.tap.rest()
            if not kept:
                self._hang_up()

    async def _talk(self, session: aiohttp.ClientSession) -> None:
        try:
            async with self._deadline.timeout:
                self._response = await self._ask(session)
                await self._read(self._response)
        except Once as once:
            self._broke_off(once.error)
        except FOREIGN as error:
            self._broke_off(error)

    async def _ask(self, session: aiohttp.ClientSession) -> aiohttp.ClientResponse:
        out = self._out
        if session.closed:
            raise aiohttp.ClientConnectionError("the transport was closed")
        return await session.request(
            out.method,
            out.url,
            data=out.body,
            headers=out.headers,
            allow_redirects=False,
            proxy=out.proxy,
            proxy_headers=out.proxy_headers,
        )

    async def _read(self, response: aiohttp.ClientResponse) -> None:
        """Hand over what comes as it comes. One arrival is read at a time, so its stamp is the connection's last."""
        self._recorder.body = response.content
        headers = {name.lower(): ", ".join(response.headers.getall(name)) for name in response.headers}
        self._answer.begin(response.status, headers, self._recorder.arrival(), self._clock.wall())
        while not self._answer.done:
            data = await response.content.readany()
            if data:
                self._answer.feed(data, self._recorder.arrival())
            else:
                self._answer.close(self._recorder.arrival())

    def _broke_off(self, error: BaseException) -> None:
        if self._deadline.passed:
            failure = self._deadline.failure()
        else:
            failure = failure_of(error, self._stage())
            tap = self._recorder.tap
            lost = isinstance(error, aiohttp.ClientConnectionError)
            self.stale = lost and self._recorder.reused and tap is not None and not tap.answered
        self._answer.interrupt(failure, self._clock.monotonic_ns())

    def _stage(self) -> Stage:
        tap = self._recorder.tap
        if tap is None:
            return Stage.SECURING if self._recorder.connected else Stage.CONNECTING
        if self._answer.status is None:
            return Stage.WAITING
        return Stage.CUT if tap.ended else Stage.ANSWERING

    async def _drain(self) -> bool:
        """Read what little may follow the end of the answer, so that the connection can serve again."""
        response, size = self._response, 0
        if response is None:
            return False
        try:
            async with asyncio.timeout(_DRAIN_SECONDS):
                while size < _DRAIN_BYTES and (data := await response.content.readany()):
                    size += len(data)
        except FOREIGN:
            return False
        return response.content.at_eof()

    def _hang_up(self) -> None:
        """Close at once: no TLS farewell that a lingering server could leave unanswered."""
        if self._response is not None:
            self._response.close()
        if self._recorder.tap is not None:
            # In early releases of Python 3.11 a TLS transport that was closed before has forgotten its protocol.
            with contextlib.suppress(AttributeError):
                self._recorder.tap.transport.abort()
