"""The only client of the network: one request out, its answer in, every step stamped, every failure named.

Time is measured from the call, but for the waits that are no part of it: for the provider's session (once), for a
signature or token, and for a connect slot. What disturbs the event loop does not disturb arrivals where the kernel
stamps them (`stamps`); `Exchange.stall` says how long data had to wait for us at most.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Literal, Protocol

from pydantic import SecretStr

from exporter.core.ask import Ask
from exporter.core.clock import Clock
from exporter.core.errors import UsageError
from exporter.core.exchange import Exchange, Moments, Request
from exporter.core.outcome import Failure
from exporter.core.target import Deadlines, Provider, Target
from exporter.dialects.base import Dialect
from exporter.transport.answer import AnswerBuilder
from exporter.transport.deadline import Deadline
from exporter.transport.failures import SetupError
from exporter.transport.http.connector import Connector
from exporter.transport.http.prepared_request import PreparedRequest, describe_request, prepare_request
from exporter.transport.http.provider_client import ProviderClient, open_client
from exporter.transport.http.request_execution import RequestExecution
from exporter.transport.http.resolver import ThreadPerLookup
from exporter.transport.http.tls import TlsContexts
from exporter.transport.timing.connect_slots import ConnectSlots
from exporter.transport.timing.fair_queue import FairQueue
from exporter.transport.timing.stamps import open_stamp_switch, supports_kernel_stamps
from exporter.transport.timing.timings import Timings


class Delays(Protocol):
    """Receives delays that are our own, in seconds."""

    def observe_connect_wait(self, seconds: float) -> None:
        """Observe how long a request waited for its turn to connect."""

    def observe_read_delay(self, seconds: float) -> None:
        """Observe the longest time that data of an answer lay in the kernel before it was read."""


class _IgnoredDelays:
    """Default: delays are not observed."""

    def observe_connect_wait(self, seconds: float) -> None:
        """Nothing to do."""

    def observe_read_delay(self, seconds: float) -> None:
        """Nothing to do."""


class HttpTransport:
    """Sends requests and stamps answers. To be made inside a running event loop.

    stamps: `kernel` insists on the kernel's receive stamps (UsageError where there are none), `user` does without,
    `auto` takes what there is; `clock_source` says which. loop_stall: given a monotonic moment in nanoseconds, the
    longest hold of the event loop since then in seconds; asked where the loop itself is not a watched one.
    delays: told what we added ourselves, never part of an exchange's times; at most `most_connecting` connect at once.
    most_bytes: limit of an answer's body. resolver: looks names up.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        stamps: Literal["auto", "kernel", "user"] = "auto",
        loop_stall: Callable[[int], float] = lambda _: 0.0,
        delays: Delays | None = None,
        most_connecting: int = 48,
        most_bytes: int = 8 * 1024 * 1024,
        resolver: ThreadPerLookup | None = None,
    ) -> None:
        self._clock = clock
        self._kernel = stamps != "user" and supports_kernel_stamps()
        if stamps == "kernel" and not self._kernel:
            raise UsageError("no kernel receive stamps here (they need Linux); use stamps=auto")
        self._switch = open_stamp_switch() if self._kernel else None
        self._loop_stall = loop_stall
        self._delays = delays or _IgnoredDelays()
        self._slots = ConnectSlots(most_connecting, self._delays.observe_connect_wait, clock)
        self._most_bytes = most_bytes
        self._clients: dict[str, ProviderClient] = {}
        self._opening: dict[str, asyncio.Lock] = {}
        self._contexts = TlsContexts()
        self._turns = FairQueue(asyncio.get_running_loop())
        self._dialler = Connector(clock, self._turns, kernel=self._kernel, resolver=resolver)

    @property
    def clock_source(self) -> str:
        """Where arrival stamps come from: `kernel` or `user`."""
        return "kernel" if self._kernel else "user"

    async def exchange(
        self, request: Request, dialect: Dialect, ask: Ask, target: Target, deadlines: Deadlines
    ) -> Exchange:
        """Ask once and wait for the protocol's own end of the answer, the failure, or a deadline.

        Raises only CancelledError. Only with `keep_alive` it asks again, and only where a kept connection was dead.
        """
        await self._turns.wait()
        try:
            out = prepare_request(target.provider, request, dialect)
            client = await self._enter(target.provider)
        except SetupError as error:
            return self._fail_unsent(request, error.failure)
        try:
            try:
                out = await client.authorize(out, deadlines.connect)
            except SetupError as error:
                return self._fail_unsent(request, error.failure)
            began = self._clock.monotonic_ns()
            limits = deadlines
            while (
                seen := await self._attempt(client, out, AnswerBuilder(dialect, ask, target, self._most_bytes), limits)
            ) is None:
                limits = deadlines.after((self._clock.monotonic_ns() - began) / 1e9)
            return seen
        finally:
            client.leave()

    def list_secrets(self) -> Iterable[SecretStr]:
        """List what was put into headers beside the keys: signatures' secrets, tokens."""
        return [each for client in self._clients.values() for each in client.list_secrets()]

    async def forget_provider(self, provider: Provider) -> None:
        """Forget a provider that was removed or changed: close its client after the exchanges under way."""
        client = self._clients.pop(provider.name, None)
        if client is not None:
            client.retire()

    async def close(self) -> None:
        """Close every session, whatever is under way; nothing is to be asked afterwards."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()
        if self._switch is not None:
            self._switch.close()

    async def _enter(self, provider: Provider) -> ProviderClient:
        async with self._opening.setdefault(provider.name, asyncio.Lock()):
            client = self._clients.get(provider.name)
            if client is None or not client.serves(provider):
                await self.forget_provider(provider)
                client = self._clients[provider.name] = await open_client(
                    provider, self._clock, self._dialler, self._contexts
                )
            client.users += 1
            return client

    async def _attempt(
        self, client: ProviderClient, out: PreparedRequest, answer: AnswerBuilder, limits: Deadlines
    ) -> Exchange | None:
        """One request; None where it met a dead kept connection and has to be sent again."""
        give_back = await self._slots.take(client.provider.name)
        deadline = Deadline(limits, streamed=out.streamed, is_answered=lambda: answer.done)
        answer.on_output = deadline.start_generating

        def ready() -> None:
            give_back()
            deadline.start_waiting()

        record = Timings(self._clock, kernel=self._kernel)
        attempt = RequestExecution(self._clock, client, out, answer, record, deadline, ready)
        try:
            await attempt.run()
        finally:
            deadline.cancel()
            give_back()
            # The deadline asks the answer and the answer tells the deadline: left so, the events of a huge answer would
            # wait for the garbage collector.
            answer.on_output = None
        if attempt.stale:
            return None
        keep_alive = client.provider.keep_alive
        return self._make_exchange(out, answer, record, attempt.certificate_expires_at, keep_alive=keep_alive)

    def _make_exchange(
        self,
        out: PreparedRequest,
        answer: AnswerBuilder,
        record: Timings,
        certificate: float | None,
        *,
        keep_alive: bool,
    ) -> Exchange:
        ended = max(answer.ended_ns or 0, record.t0)
        if record.has_kernel_stamps and record.first_byte_ns is not None:
            self._delays.observe_read_delay(record.read_delay)
        return Exchange(
            started_at=record.started_at,
            moments=record.to_moments(ended),
            ended=(ended - record.t0) / 1e9,
            events=answer.log.list_events(record.t0, ended),
            longest_gap=None if answer.log.longest_gap is None else answer.log.longest_gap / 1e9,
            is_complete=answer.log.is_complete,
            status=answer.status,
            headers=answer.headers,
            failure=answer.failure,
            reused=record.reused,
            stall=self._measure_stall(record),
            clock_source="kernel" if record.has_kernel_stamps else "user",
            certificate_expires_at=certificate,
            sent=describe_request(out, keep_alive=keep_alive),
            sent_bytes=out.body or b"",
            received_bytes=bytes(answer.received),
        )

    def _measure_stall(self, record: Timings) -> float:
        """How long some of what came can have waited for us; a loop that does not know tells its longest hold."""
        if record.longest_wait is not None:
            return record.longest_wait
        return max(record.read_delay, self._loop_stall(record.t0))

    def _fail_unsent(self, request: Request, failure: Failure) -> Exchange:
        return Exchange(
            started_at=self._clock.wall(),
            moments=Moments(),
            ended=0.0,
            failure=failure,
            clock_source=self.clock_source,
            sent_bytes=request.body or b"",
        )
