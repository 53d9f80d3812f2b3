"""Recognises the next piece of text in a stream without reading its JSON again.

Nearly every message of a streamed answer repeats the one before it, byte by byte, but for one string: what the model
said. A message that differs from one that was read in nothing but the inside of that string says the same with other
words, so it need not be parsed. Whatever is not exactly so is left to the reading of the dialect.
"""

from collections.abc import Sequence

from exporter.core.exchange import Delta, Event, Thinking
from exporter.dialects.framing.sse import Message

_SHORTEST = 32
"""Bytes around the text; with fewer there is nothing to save."""


class DeltaFastPath:
    """What the messages of one stream have in common. One per answer."""

    __slots__ = ("_after", "_before", "_event", "_framed", "_kind")

    def __init__(self) -> None:
        self._kind: type[Delta | Thinking] | None = None
        self._framed = False
        self._event = ""
        self._before = self._after = b""

    def match(self, message: Message) -> Delta | Thinking | None:
        """Return the message's one event if it repeats the last one with another text; None if it has to be read."""
        event, data = message
        self._framed = (
            self._kind is not None
            and len(data) > len(self._before) + len(self._after)
            and data.startswith(self._before)
            and data.endswith(self._after)
            and event == self._event
        )
        if not self._framed or self._kind is None:
            return None
        words = _read_plain_string(data[len(self._before) : -len(self._after)])
        return None if words is None else self._kind(words)

    def learn(self, message: Message, found: Sequence[Event]) -> None:
        """Learn from a message that did not match and was read: these events were in it."""
        said = found[0] if len(found) == 1 else None
        if not isinstance(said, Delta | Thinking):
            self._kind = None
        elif type(said) is not self._kind or not self._framed:  # else the same again, in words that had to be read
            self._kind = type(said) if self._locate_text(message, said.text) else None

    def _locate_text(self, message: Message, text: str) -> bool:
        """Return whether it is clear where in the message the text stands; told twice, either may be what was said."""
        words = text.encode()
        before, quote, after = message.data.partition(b'"%b"' % words)
        if not quote or quote in after or _read_plain_string(words) is None or len(before) + len(after) < _SHORTEST:
            return False
        self._event, self._before, self._after = message.event, before + b'"', b'"' + after
        return True


def _read_plain_string(inside: bytes) -> str | None:
    """Read the inside of a JSON string that has no escapes; None if it has any."""
    try:
        words = inside.decode()
    except UnicodeDecodeError:
        return None
    return words if words.isprintable() and '"' not in words and "\\" not in words else None
