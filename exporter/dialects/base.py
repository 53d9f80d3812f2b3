"""A dialect: a wire protocol as pure functions over bytes. No clock, no socket, no logger, no secret.

`BaseDialect` is the part that most protocols share.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

from exporter.core.ask import Ask
from exporter.core.exchange import Event, Finished, RemoteError, Request
from exporter.core.outcome import Failure
from exporter.core.target import Quirks, Target
from exporter.dialects.errors.classify import Verdict, classify_error
from exporter.dialects.response_headers import read_response_headers


@dataclass(frozen=True, slots=True)
class KeyHeader:
    """Where the protocol carries a plain key: header `name` with `prefix` before the key."""

    name: str
    prefix: str = ""


BEARER = KeyHeader("authorization", "Bearer ")
ORDINARY = Quirks()
"""A provider without deviations."""


class Decoder(Protocol):
    """Turns the body of one 2xx answer into events. One per answer; never raises on any bytes.

    `ended` is True once the protocol's own end of the answer, or an error, was seen; reading can stop.
    `settled` is True once the answer is whole, though more of it may come until the body ends (Gemini).
    """

    ended: bool

    @property
    def settled(self) -> bool: ...

    def feed(self, data: bytes) -> Iterable[Event]:
        """Take the next bytes, split anywhere; return the events they complete, in order."""

    def close(self) -> Iterable[Event]:
        """Take the end of the body. A stream that did not reach its end yields a RemoteError(stream_interrupted)."""


class Dialect(Protocol):
    """One wire protocol. Stateless: one instance serves every target."""

    name: ClassVar[str]
    asks: ClassVar[frozenset[type[Ask]]]
    key_header: ClassVar[KeyHeader]
    version_in_base_url: ClassVar[bool | None]
    """Whether base URLs end with the protocol's version (`/v1`); else its own paths begin with it. None: either."""

    def encode(self, ask: Ask, target: Target) -> Request:
        """Write the question down as this protocol wants it for that target."""

    def make_decoder(self, ask: Ask, target: Target) -> Decoder:
        """Make a decoder for the 2xx answer to that question."""

    def classify_error(self, status: int, headers: Mapping[str, str], body: bytes) -> RemoteError | Finished:
        """Name an answer whose status is not 2xx. `Finished(LENGTH)`: alive, but reasoning ate the cap (a 400)."""

    def adapt_quirks(self, quirks: Quirks, failure: Failure) -> Quirks | None:
        """Return how to ask again when the vendor refused the form of the question; None if asking again is useless."""

    def read_headers(self, headers: Mapping[str, str], now: float, quirks: Quirks = ORDINARY) -> tuple[Event, ...]:
        """Read the headers of any answer: request id, headroom, a response cache, a gateway's cost.

        Header names are lower-case; `now` is Unix seconds, to make relative resets absolute; the provider's quirks
        say what its request limits count (Groq's are per day).
        """


class BaseDialect:
    """The part of a dialect that is left as it is unless the protocol deviates."""

    version_in_base_url: ClassVar[bool | None] = False

    def classify_error(self, status: int, headers: Mapping[str, str], body: bytes) -> Verdict:
        return classify_error(status, headers, body)

    def adapt_quirks(self, quirks: Quirks, failure: Failure) -> Quirks | None:  # noqa: ARG002 (one form for every model)
        return None

    def read_headers(self, headers: Mapping[str, str], now: float, quirks: Quirks = ORDINARY) -> tuple[Event, ...]:
        return read_response_headers(headers, now, quirks)
