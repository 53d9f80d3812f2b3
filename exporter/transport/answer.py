"""What came back for one request, as it grows: status, headers, events, failure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from exporter.core.ask import Ask
from exporter.core.exchange import OUTPUT, Event, RemoteError
from exporter.core.outcome import Failure, Fault, Reason
from exporter.core.target import Target
from exporter.dialects.base import Decoder, Dialect
from exporter.transport.event_log import EventLog

_SHOWN_BYTES = 16 * 1024
_ERROR_BODY_BYTES = 64 * 1024
_PROXY_WANTS_CREDENTIALS = 407


class AnswerBuilder:
    """Fed with bytes and their arrival (monotonic nanoseconds) until it is `done`.

    It is done at the protocol's own end, at the first error, at the end of the body, or over `most_bytes`.
    `on_output` is called at the first event that carries something the model produced.
    """

    def __init__(self, dialect: Dialect, ask: Ask, target: Target, most_bytes: int) -> None:
        self.status: int | None = None
        self.headers: Mapping[str, str] = {}
        self.log = EventLog()
        self.failure: Failure | None = None
        self.received = bytearray()
        self.done = False
        self.ended_ns: int | None = None
        self.on_output: Callable[[], None] | None = None
        self._dialect = dialect
        self._ask = ask
        self._target = target
        self._most_bytes = most_bytes
        self._decoder: Decoder | None = None
        self._page = False
        self._last_event_ns = 0
        self._size = 0
        self._error_body = bytearray()

    def begin(self, status: int, headers: Mapping[str, str], at: int, wall: float) -> None:
        """Take the status and headers. Header names are lower-case; `wall` is Unix seconds now."""
        self.status, self.headers = status, headers
        self._add_events(self._dialect.read_headers(headers, wall, self._target.quirks), at)
        self._page = headers.get("content-type", "").lower().startswith("text/html")
        if self._is_success:
            self._decoder = self._dialect.make_decoder(self._ask, self._target)

    def feed(self, data: bytes, at: int) -> None:
        """Take the next bytes of the body."""
        self._size += len(data)
        self.received += data[: max(0, _SHOWN_BYTES - len(self.received))]
        if self._decoder is None:
            self._error_body += data
            if len(self._error_body) >= _ERROR_BODY_BYTES:
                self.close(at)
        elif self._page:
            self.fail(Failure(reason=Reason.INVALID_RESPONSE, detail="an HTML page instead of an answer"), at)
        else:
            self._add_events(self._decoder.feed(data), at)
            if self._decoder.ended and not self.done:
                self._finish(at)
            elif self._size > self._most_bytes:
                self.fail(Failure(reason=Reason.TOO_LARGE, detail=f"more than {self._most_bytes} bytes"), at)

    def close(self, at: int) -> None:
        """Take the end of the body."""
        if self._decoder is not None:
            self._add_events(self._decoder.close(), at)
        else:
            self._add_events((self._explain_refusal(),), at)
        if not self.done:
            self._finish(at)

    def interrupt(self, failure: Failure, at: int) -> None:
        """End an answer whose reading broke off. An error status says more than how its body ended.

        Of an answer that was whole nothing was lost: it ended with its last event.
        """
        if self._decoder is not None and self._decoder.settled:
            self.close(self._last_event_ns)
        elif self.status is None or self._decoder is not None:
            self.fail(failure, at)
        else:
            self.close(at)

    def fail(self, failure: Failure, at: int) -> None:
        """End the answer with this failure."""
        self.failure = replace(failure, http_status=self.status) if failure.http_status is None else failure
        self._finish(at)

    @property
    def first_output_ns(self) -> int | None:
        """When the first event came that carries something the model produced (monotonic nanoseconds)."""
        return self.log.first_output_ns

    @property
    def _is_success(self) -> bool:
        return self.status is not None and self.status // 100 == 2  # noqa: PLR2004 (the class of success)

    def _add_events(self, events: Iterable[Event], at: int) -> None:
        for event in events:
            first = self.first_output_ns is None and isinstance(event, OUTPUT)
            self.log.add(event, at)
            self._last_event_ns = at
            if first and self.on_output is not None:
                self.on_output()
            if isinstance(event, RemoteError) and not self.done:
                self.fail(event.failure, at)

    def _finish(self, at: int) -> None:
        self.done = True
        self.ended_ns = at

    def _explain_refusal(self) -> Event:
        """Explain an answer without success. A proxy's refusal is not the vendor's."""
        assert self.status is not None
        if self.status == _PROXY_WANTS_CREDENTIALS:
            said = "the proxy wants other credentials (407)"
            return RemoteError(Failure(reason=Reason.CONNECT, detail=said, fault=Fault.US))
        return self._dialect.classify_error(self.status, self.headers, bytes(self._error_body))
