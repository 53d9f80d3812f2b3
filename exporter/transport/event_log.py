"""The events of one answer with their arrival, as many as judgement needs, however many a vendor sends.

Each answer of an honest size is kept event by event. Over a bound, further events are merged, one for each kind: texts
are joined, the later count or finish wins, the first name that a server gives itself wins. What judgement needs stays
exact: the first and last output, the first output of each kind, the longest gap, the first error, the last usage.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from exporter.core.exchange import (
    OUTPUT,
    Delta,
    Embedded,
    Event,
    Finished,
    Headroom,
    Listed,
    Loaded,
    Ranked,
    RemoteError,
    ServedBy,
    Stamped,
    Thinking,
    ToolCall,
    Usage,
)

MOST_EVENTS = 5000
"""Events kept one by one."""

MOST_CHARACTERS = 1 << 18
"""Characters of text, reasoning and tool calls that are kept of one answer."""

MOST_MERGED = 64
"""Merged events from which on further tool calls become one; there is one of each other kind besides."""

_JOINED = 256
"""Pieces of a merged text that may wait to be joined."""


@dataclass(slots=True)
class _Merged:
    """What events of one kind became: the latest arrival, the event, and texts still to be added to it."""

    at: int
    event: Any
    pieces: list[str]


class EventLog:
    """Collects events; `longest_gap` is None while all arrivals are in the list, then nanoseconds between outputs.

    `is_complete` is False once a text was cut.
    """

    def __init__(self, most_events: int = MOST_EVENTS, most_characters: int = MOST_CHARACTERS) -> None:
        self.first_output_ns: int | None = None
        self.is_complete = True
        self._events: list[tuple[int, Event]] = []
        self._merged: dict[object, _Merged] = {}
        self._most_events = most_events
        self._characters_left = most_characters
        self._kinds: set[type] = set()
        self._last_output_ns = 0
        self._gap = 0

    @property
    def longest_gap(self) -> int | None:
        return self._gap if self._merged else None

    def add(self, event: Event, at: int) -> None:
        """Add an event that arrived at a moment (monotonic nanoseconds)."""
        if isinstance(event, OUTPUT):
            if self.first_output_ns is None:
                self.first_output_ns = self._last_output_ns = at
            self._gap = max(self._gap, at - self._last_output_ns)
            self._last_output_ns = max(self._last_output_ns, at)
        kind = type(event)
        size = _count_characters(event)
        fits = size <= self._characters_left
        if (fits and len(self._events) < self._most_events) or kind not in self._kinds:
            self._kinds.add(kind)
            self._characters_left -= size
            self._events.append((at, event))
        else:
            self._merge(event, at, size if fits else None)

    def list_events(self, t0: int, last: int) -> tuple[Stamped, ...]:
        """Return the events in seconds since t0: never before t0 or one another, none after the last moment."""
        result: list[Stamped] = []
        before, latest, seconds = t0, t0, 0.0
        events = self._events
        if self._merged:
            merged = [(each.at, _finish(each)) for each in self._merged.values()]
            events = sorted([*events, *merged], key=lambda each: each[0])
        for at, event in events:
            if at != before:  # what came together has one stamp
                before, latest = at, min(max(latest, at), last)
                seconds = (latest - t0) / 1e9
            result.append(Stamped(seconds, event))
        return tuple(result)

    def _merge(self, event: Event, at: int, size: int | None) -> None:
        """Merge an event into that of its kind; `size` None: its text is over the bound and is left out."""
        key: object = (ToolCall, event.index) if isinstance(event, ToolCall) else type(event)
        if isinstance(event, ToolCall) and key not in self._merged and len(self._merged) >= MOST_MERGED:
            key, size = ToolCall, 0  # all further calls are one without its text: only its arrival counts
            self.is_complete, event = False, _without_text(event)
        known = self._merged.get(key)
        if size is None and isinstance(event, (Delta, Thinking, ToolCall)):
            self.is_complete, self._characters_left = False, 0  # a text has an end, but no hole
            event = _without_text(event)
        else:
            self._characters_left -= size or 0
        if known is None:
            self._merged[key] = _Merged(at, event, [])
            return
        if isinstance(event, OUTPUT):
            known.at = max(known.at, at)
        if isinstance(event, (Delta, Thinking)):
            known.pieces.append(event.text)
        elif isinstance(event, ToolCall):
            known.pieces.append(event.arguments)
        else:
            known.event = _MERGE[type(event)](known.event, event)
        if len(known.pieces) > _JOINED:
            known.event = _finish(known)
            known.pieces.clear()


def _finish(merged: _Merged) -> Any:
    """Return the event with the texts that were to be added."""
    event, added = merged.event, "".join(merged.pieces)
    if not added:
        return event
    if isinstance(event, ToolCall):
        return replace(event, arguments=event.arguments + added)
    return replace(event, text=event.text + added)


def _without_text(event: Delta | Thinking | ToolCall) -> Event:
    return ToolCall(event.index, "", "") if isinstance(event, ToolCall) else type(event)("")


def _count_characters(event: Event) -> int:
    """Count what of an event takes memory and is a vendor's to choose."""
    match event:
        case Delta(text) | Thinking(text):
            return len(text)
        case ToolCall(_, name, arguments):
            return len(name) + len(arguments)
        case ServedBy():
            return sum(len(each or "") for each in (event.model, event.fingerprint, event.upstream, event.request_id))
        case Finished(_, native):
            return len(native)
        case _:
            return 0


def _merge_usage(known: Usage, new: Usage) -> Usage:
    return Usage(new.tokens or known.tokens, known.cost_usd if new.cost_usd is None else new.cost_usd)


def _merge_headroom(known: Headroom, new: Headroom) -> Headroom:
    limits = {(limit.resource, limit.window): limit for limit in (*known.limits, *new.limits)}
    return Headroom(tuple(limits.values())[-MOST_MERGED:])


def _keep_first(known: Event, _new: Event) -> Event:
    return known


def _keep_last(_known: Event, new: Event) -> Event:
    return new


_MERGE: dict[type, Callable[[Any, Any], Event]] = {
    Usage: _merge_usage,
    ServedBy: ServedBy.fill,
    Headroom: _merge_headroom,
    Finished: _keep_last,
    Loaded: _keep_last,
    RemoteError: _keep_first,
    Embedded: _keep_first,
    Ranked: _keep_first,
    Listed: _keep_first,
}
