"""The vocabulary between protocol and network: a Request goes out, Events come back, an Exchange is the whole.

Dialects make Requests and Events without I/O; the transport stamps Events and fills the Exchange; probes judge it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

from exporter.core.outcome import Failure, Limit, ListedModel, Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request, credential not yet added.

    `path` is appended to the provider's base URL as it is (already percent-encoded, with its query, beginning
    with a slash); `body` None means no body. Header names are lower-case. `origin` (`https://HOST`) stands in place of
    the whole base URL where a vendor keeps the answer on another host.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    streamed: bool = False
    origin: str | None = None


class Finish(StrEnum):
    """Why a model stopped, in one vocabulary for all vendors."""

    STOP = "stop"
    LENGTH = "length"
    TOOL = "tool"
    FILTERED = "filtered"
    REFUSED = "refused"
    ERROR = "error"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of the visible answer; never empty."""

    text: str


@dataclass(frozen=True, slots=True)
class Thinking:
    """A piece of reasoning the model showed; never empty."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A piece of a tool call: `name` comes once (else ""), `arguments` is a fragment of JSON text."""

    index: int
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What the vendor counted so far; the last one of an answer wins. `cost_usd` where the vendor tells it.

    `tokens` None: only the cost was told (a gateway's header).
    """

    tokens: Tokens | None
    cost_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """The model stopped; `native` is the vendor's own word for why."""

    why: Finish
    native: str = ""


@dataclass(frozen=True, slots=True)
class RemoteError:
    """The vendor reported an error: an error status, an error inside a 200, or a stream without its end."""

    failure: Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedBy:
    """Who says it answered.

    `cached` means the whole answer came from a response cache (never prefix caching); `retires_at` is Unix seconds,
    where the answer itself tells when the model goes; `gateway`: the answer has the marks of one.
    """

    model: str | None = None
    fingerprint: str | None = None
    upstream: str | None = None
    request_id: str | None = None
    cached: bool = False
    retires_at: float | None = None
    gateway: bool = False

    def fill(self, later: "ServedBy") -> "ServedBy":
        """Return these values with those that are missing taken from a later event: the first of each wins."""
        return ServedBy(
            model=self.model or later.model,
            fingerprint=self.fingerprint or later.fingerprint,
            upstream=self.upstream or later.upstream,
            request_id=self.request_id or later.request_id,
            cached=self.cached or later.cached,
            retires_at=self.retires_at or later.retires_at,
            gateway=self.gateway or later.gateway,
        )


@dataclass(frozen=True, slots=True)
class Listed:
    """The provider's list of models, or one page of it; `next_page` is the path of the next page, if any."""

    models: tuple[ListedModel, ...]
    next_page: str | None = None


@dataclass(frozen=True, slots=True)
class Embedded:
    """The embedding of the text asked for."""

    vector: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Ranked:
    """Documents in the order of their relevance: (position in the request, score)."""

    results: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class Loaded:
    """The server brought the model into memory before it answered, which took `seconds` (next to 0: it was there)."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Headroom:
    """Rate-limit headroom as this answer told it."""

    limits: tuple[Limit, ...]


Event = (
    Delta
    | Thinking
    | ToolCall
    | Usage
    | Finished
    | RemoteError
    | ServedBy
    | Listed
    | Embedded
    | Ranked
    | Loaded
    | Headroom
)
OUTPUT = (Delta, Thinking, ToolCall, Embedded, Ranked)
"""The events that carry something the model produced: the first of them ends time to first token."""


class Stamped(NamedTuple):
    """An event and when its last byte arrived, in seconds since the call (t0)."""

    at: float
    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """When each step of a request was done, in seconds since the call (t0); None where it was not reached.

    On a reused connection `resolved`, `connected` and `secured` are all 0. Without TLS `secured` = `connected`.
    """

    resolved: float | None = None
    connected: float | None = None
    secured: float | None = None
    sent: float | None = None
    first_byte: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentRequest:
    """A request as it was sent, for a person to see: credentials in `headers` are masked already."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and all that came back, or what went wrong: the only thing a probe gets to judge.

    `started_at` is Unix seconds at t0; `ended` is seconds since t0 to the protocol's own end or to the failure;
    header names are lower-case; `stall` is the longest hold of the event loop seen while data arrived, in
    seconds; `sent` and `sent_bytes` are the request and its body, `received_bytes` the first bytes of the answer, all
    for debug.
    Of a huge answer not every event is kept: then `longest_gap` is the longest pause between two outputs in seconds,
    and `is_complete` is False if a text was cut.
    """

    started_at: float
    moments: Moments
    ended: float
    events: tuple[Stamped, ...] = ()
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    failure: Failure | None = None
    reused: bool = False
    stall: float = 0.0
    clock_source: str = "user"
    certificate_expires_at: float | None = None
    sent: SentRequest | None = None
    sent_bytes: bytes = b""
    received_bytes: bytes = b""
    longest_gap: float | None = None
    is_complete: bool = True


SHOWN_CHARACTERS = 400
"""Characters of one event that are kept for a person to see; less is shown, so that no half of a secret is."""

SHOWN_ROWS = 20
"""Models, numbers or documents of one event that are kept for a person to see."""


def shorten_exchange(exchange: Exchange, most_events: int) -> Exchange:
    """Return the exchange with what a person looks at: its first events, the beginnings of their texts and lists."""
    events = tuple(Stamped(at, _shorten_event(event)) for at, event in exchange.events[:most_events])
    whole = exchange.is_complete and events == exchange.events
    return replace(exchange, events=events, is_complete=whole)


def _shorten_event(event: Event) -> Event:
    match event:
        case Delta(text) | Thinking(text) if len(text) > SHOWN_CHARACTERS:
            return type(event)(text[:SHOWN_CHARACTERS])
        case ToolCall(index, name, arguments):
            return ToolCall(index, name[:SHOWN_CHARACTERS], arguments[:SHOWN_CHARACTERS])
        case Listed(models, next_page):
            return Listed(models[:SHOWN_ROWS], next_page)
        case Embedded(vector):
            return Embedded(vector[:SHOWN_ROWS])
        case Ranked(results):
            return Ranked(results[:SHOWN_ROWS])
        case _:
            return event
