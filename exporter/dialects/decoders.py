"""The two decoders every dialect here uses: one for event streams, one for whole JSON documents.

They own what is the same everywhere: bytes split anywhere, bounds, errors inside a 200, bodies of another protocol,
streams that stop before their end. A dialect adds a `Reading` (stream) or a function (document) that knows its words.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from exporter.core.exchange import OUTPUT, Event, Listed, RemoteError
from exporter.core.outcome import Failure, Reason
from exporter.dialects.delta_fast_path import DeltaFastPath
from exporter.dialects.errors.classify import as_interruption, classify_stream_error, find_error_in_answer
from exporter.dialects.errors.vendor_error import VendorError, describe_body, find_error
from exporter.dialects.fields import LARGEST_LIST, MOST_VALUES, has_too_many_values, parse_json
from exporter.dialects.framing.sse import EventReader, Message

LARGEST_DOCUMENT = 8 << 20
"""Bytes of a whole answer; the longest real ones are lists of models of about half a megabyte."""

LARGEST_PRELUDE = 1 << 16
"""Bytes without one line of an event stream after which the body is taken for something else."""

DONE = b"[DONE]"


class StreamReading(Protocol):
    """How a dialect reads one streamed answer. One per answer; must take any JSON object without raising.

    `ended`: the protocol's own end was seen. `known`: at least one message was this protocol's. `wanted` names the end
    marker for a person. A RemoteError among the events ends the answer.
    """

    ended: bool
    known: bool
    wanted: str

    def read_message(self, event: str, body: dict[str, Any], /) -> list[Event]:
        """Read one message: the name on its `event` line ("" without one) and its JSON."""

    def read_done_marker(self) -> list[Event]:
        """Take the marker `[DONE]`."""

    def is_complete(self) -> bool:
        """Return whether the answer is complete all the same, now that the body is over without the end marker."""


class Reader(Protocol):
    """Cuts a body into messages: server-sent events, lines, frames. Never raises.

    `recognised`: something came that only stands in such a stream. `too_large`: a message over the bound came.
    `broken`: why nothing more can be read, "" while all is well.
    """

    too_large: bool
    recognised: bool
    broken: str

    def feed(self, data: bytes) -> list[Message]:
        """Take the next bytes, split anywhere; return the messages they complete."""

    def close(self) -> list[Message]:
        """Take the end of the bytes and return what was left without its end."""


def make_failure(reason: Reason, detail: str) -> RemoteError:
    """Make a failure that we saw, as opposed to one that the vendor reported."""
    return RemoteError(Failure(reason=reason, detail=detail))


def fail_long_list() -> RemoteError:
    """Make the failure for a list of models that is too long."""
    return make_failure(Reason.TOO_LARGE, f"the list has more than {LARGEST_LIST} models")


class StreamDecoder:
    """Decodes a stream, by default of server-sent events.

    `ended` is True too once an error came: nothing after it belongs to the answer.
    """

    def __init__(self, reading: StreamReading, reader: Reader | None = None) -> None:
        self.ended = False
        self._reading = reading
        self._reader = reader or EventReader()
        self._fast_path = DeltaFastPath()
        self._prelude = bytearray()
        self._any_message = False
        self._output = False
        self._over = False

    @property
    def settled(self) -> bool:
        return not self._over and self._reading.is_complete()

    def feed(self, data: bytes) -> Sequence[Event]:
        if self._over:
            return ()
        events: list[Event] = []
        reader = self._reader
        if not reader.recognised:
            self._prelude += data
        self._read_messages(reader.feed(data), events)
        if reader.recognised and not (reader.too_large or reader.broken):
            return events
        if reader.too_large and not self.ended:
            self._stop(make_failure(Reason.TOO_LARGE, "one event of the stream is larger than 1 MiB"), events)
        elif reader.broken and reader.recognised and not self._over:
            reason = Reason.STREAM_INTERRUPTED if self._output else Reason.INVALID_RESPONSE
            self._stop(make_failure(reason, reader.broken), events)
        elif not reader.recognised and len(self._prelude) > LARGEST_PRELUDE:
            self._stop(self._fail_other_protocol(), events)
        return events

    def close(self) -> Sequence[Event]:
        if self._over:
            return ()
        events: list[Event] = []
        # an event torn by the end of the body is no event: what counts is that the end marker never came
        whole = (
            each for each in self._reader.close() if each.data.startswith(DONE) or parse_json(each.data) is not None
        )
        self._read_messages(whole, events)
        if not self.ended and (missing := self._explain_missing_end()) is not None:
            self._stop(missing, events)
        return events

    def _read_messages(self, messages: Iterable[Message], events: list[Event]) -> None:
        fast_path = self._fast_path
        for message in messages:
            if (same := fast_path.match(message)) is not None:
                events.append(same)
            elif message.data and not self._over:
                before = len(events)
                self._read_one(message, events)
                fast_path.learn(message, () if self.ended else events[before:])

    def _stop(self, last: Event, events: list[Event]) -> None:
        events.append(last)
        self._over = self.ended = True

    def _read_one(self, message: Message, events: list[Event]) -> None:
        last: Event | None = None
        found: Iterable[Event] = ()
        if message.data.startswith(DONE):
            last = self._find_foreign_error()
            found = () if last else self._reading.read_done_marker()
        elif has_too_many_values(message.data):
            last = make_failure(Reason.TOO_LARGE, f"one event of the stream holds more than {MOST_VALUES} values")
        elif isinstance(body := parse_json(message.data), (dict, list)):
            self._any_message = True
            if (error := find_error(body)) is not None:
                last = classify_stream_error(error, after_output=self._output)
            elif isinstance(body, dict):
                found = self._reading.read_message(message.event, body)
        else:
            last = self._fail_unreadable(message)
        if last is not None and not self._reading.ended:
            self._stop(last, events)
            return
        self._add_events(found, events)

    def _add_events(self, found: Iterable[Event], events: list[Event]) -> None:
        for event in found:
            if isinstance(event, RemoteError):
                self._stop(as_interruption(event) if self._output else event, events)
                return
            events.append(event)
            self._output = self._output or isinstance(event, OUTPUT)
        self.ended = self._reading.ended

    def _fail_unreadable(self, message: Message) -> Event:
        words = describe_body(message.data)
        if message.event == "error":
            return classify_stream_error(VendorError(message=words), after_output=self._output)
        reason = Reason.STREAM_INTERRUPTED if self._output else Reason.INVALID_RESPONSE
        return make_failure(reason, f"an event of the stream is not JSON: {words[:100]}")

    def _find_foreign_error(self) -> Event | None:
        if self._any_message and not self._reading.known:
            return make_failure(Reason.INVALID_RESPONSE, "the events of the stream are of another protocol")
        return None

    def _explain_missing_end(self) -> Event | None:
        """Explain a body that is over before the end of the answer; None if the answer was complete."""
        if not self._reader.recognised:
            return self._fail_other_protocol()
        if self._reading.is_complete():
            return None
        return self._find_foreign_error() or make_failure(
            Reason.STREAM_INTERRUPTED, f"the stream ended without {self._reading.wanted}"
        )

    def _fail_other_protocol(self) -> Event:
        body = bytes(self._prelude)
        if not body.strip():
            return make_failure(Reason.EMPTY_RESPONSE, "the body is empty")
        document = parse_json(body)
        error = find_error_in_answer(document, known=False)
        if error is not None:
            return error
        if document is not None:
            return make_failure(Reason.INVALID_RESPONSE, "one JSON document came where a stream was asked for")
        return make_failure(Reason.INVALID_RESPONSE, f"not an event stream: {describe_body(body)[:100]}")


class DocumentDecoder:
    """Decodes one whole JSON document when the body is over. `read` returns None where it is not of the protocol."""

    def __init__(self, read: Callable[[Any], Sequence[Event] | None]) -> None:
        self.ended = self.settled = False
        self._read = read
        self._body = bytearray()

    def feed(self, data: bytes) -> Sequence[Event]:
        if self.ended:
            return ()
        self._body += data
        if len(self._body) <= LARGEST_DOCUMENT:
            return ()
        self._body.clear()
        self.ended = True
        return (make_failure(Reason.TOO_LARGE, "the answer is larger than 8 MiB"),)

    def close(self) -> Sequence[Event]:
        if self.ended:
            return ()
        self.ended = True
        body = bytes(self._body)
        if not body.strip():
            return (make_failure(Reason.EMPTY_RESPONSE, "the body is empty"),)
        if has_too_many_values(body):
            return (make_failure(Reason.TOO_LARGE, f"the answer holds more than {MOST_VALUES} values"),)
        document = parse_json(body)
        if document is None:
            return (make_failure(Reason.INVALID_RESPONSE, f"not JSON: {describe_body(body)[:100]}"),)
        return self._read_document(document, body)

    def _read_document(self, document: Any, body: bytes) -> Sequence[Event]:
        error = find_error_in_answer(document)
        if error is not None:
            return (error,)
        events = self._read(document)
        if events is None:
            return (
                find_error_in_answer(document, known=False)
                or make_failure(Reason.INVALID_RESPONSE, _describe_unknown(body)),
            )
        if any(isinstance(each, Listed) and len(each.models) > LARGEST_LIST for each in events):
            return (fail_long_list(),)
        return events


def _describe_unknown(body: bytes) -> str:
    return f"JSON of another protocol: {describe_body(body)[:100]}"
