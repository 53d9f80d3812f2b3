"""One exchange as text for a person: what was asked, what came, and when each event arrived.

The exchange must be redacted before. Nothing of the program's own notation is shown.
"""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from re import sub

import orjson

from exporter.core.exchange import Exchange

SHOWN_BYTES = 8000
"""Bytes of a request or an answer that are shown."""

SHOWN_EVENTS = 1000
"""Events that are shown; a stream has one for each piece of its answer."""

LONGEST_LINE = 240
"""Characters of the line of one event."""


def render_exchange(exchange: Exchange) -> str:
    """Render a redacted exchange: the request after `>`, the answer after `<`, then the events with their times."""
    return "\n".join((*_render_request(exchange), *_render_answer(exchange), *_render_events(exchange)))


def _render_request(exchange: Exchange) -> Iterator[str]:
    if exchange.sent is None:
        yield "> nothing was sent"
        return
    yield f"> {exchange.sent.method} {exchange.sent.url}"
    yield from (f"> {name}: {value}" for name, value in exchange.sent.headers.items())
    yield from _render_body(">", exchange.sent_bytes)


def _render_answer(exchange: Exchange) -> Iterator[str]:
    yield f"< HTTP {exchange.status}" if exchange.status else "< no answer"
    yield from (f"< {name}: {value}" for name, value in exchange.headers.items())
    yield from _render_body("<", exchange.received_bytes)


def _render_events(exchange: Exchange) -> Iterator[str]:
    for stamped in exchange.events[:SHOWN_EVENTS]:
        yield f"{stamped.at * 1000:9.1f} ms  {_describe(stamped.event)}"[:LONGEST_LINE]
    if (more := len(exchange.events) - SHOWN_EVENTS) > 0:
        yield f"{'':12}  and {more} more events"
    if exchange.failure is not None:
        yield f"{exchange.ended * 1000:9.1f} ms  {exchange.failure.reason}: {exchange.failure.detail}"


def _render_body(mark: str, body: bytes) -> Iterator[str]:
    """Render a body line by line."""
    if not body:
        return
    yield mark
    for line in body[:SHOWN_BYTES].decode(errors="replace").splitlines():
        yield f"{mark} {_clean(line.expandtabs())}"
    if len(body) > SHOWN_BYTES:
        yield f"{mark} ({len(body) - SHOWN_BYTES} bytes more)"


def _clean(text: str, allowed: str = "") -> str:
    """Replace what cannot be seen, or moves the cursor of a terminal, or is half a character."""
    return "".join(each if each.isprintable() or each in allowed else "\N{REPLACEMENT CHARACTER}" for each in text)


def _describe(event: object) -> str:
    """Describe an event: its kind in words, and what it holds."""
    kind = sub(r"(?<=[a-z])(?=[A-Z])", " ", type(event).__name__).lower()
    held = _describe_value(event)
    return f"{kind}: {held}" if held else kind


def _describe_value(value: object) -> str:
    """Describe a value; of an object what is known of it, by name unless it is all there is."""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, str):
        return orjson.dumps(_clean(value, allowed="\n\t")).decode()
    if isinstance(value, tuple | list | frozenset):
        return ", ".join(_describe_value(each) for each in value)
    if is_dataclass(value):
        parts = ((field.name, getattr(value, field.name)) for field in fields(value))
        known = [(name, held) for name, held in parts if held is not False and held not in _UNKNOWN]
        if len(known) == 1 and len(fields(value)) == 1:
            return _describe_value(known[0][1])
        return ", ".join(f"{name.replace('_', ' ')} {_describe_part(held)}" for name, held in known)
    return str(value)


def _describe_part(value: object) -> str:
    held = _describe_value(value)
    return f"({held})" if is_dataclass(value) or isinstance(value, tuple) else held


_UNKNOWN: tuple[object, ...] = (None, "", (), frozenset())
"""What says nothing: it is left out."""
