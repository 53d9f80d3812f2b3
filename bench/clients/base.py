"""What every client under measurement offers, and what it says of one question."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

WORDS = "Count from one to sixteen in English words, with single spaces between them."
QUESTION: Mapping[str, Any] = {
    "model": "reference",
    "messages": [{"role": "user", "content": WORDS}],
    "max_tokens": 32,
    "stream": True,
    "stream_options": {"include_usage": True},
}
"""What our `chat` probe asks, for the others."""
KEY = "key-of-the-bench"


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """Where a client asks: `base` is the address before `/chat/completions`, `ca` the certificate to trust."""

    base: str
    ca: Path
    keep_alive: bool = False


class Seen(NamedTuple):
    """What a client saw of one answer; moments in monotonic nanoseconds, None where it does not tell.

    `waited` is its own idea of the time from the request to the first byte of the answer, in seconds, where it tells
    lengths and no moments.
    """

    name: str
    sent: int | None
    first: int | None
    ended: int | None
    waited: float | None = None


class Client(Protocol):
    """Asks and measures. Made inside a running event loop."""

    async def open(self) -> None:
        """Make ready, so that no question pays for it."""

    async def ask(self, number: int) -> Seen | None:
        """Ask the question once; None where no proper answer came. `number` is the question's own."""

    async def close(self) -> None:
        """Leave nothing behind."""

    def process(self) -> int:
        """The id of the process whose time and memory count."""


class Inside:
    """A client whose work is done in this process."""

    def process(self) -> int:
        return os.getpid()


def now() -> int:
    return time.monotonic_ns()


def content(event: Mapping[str, Any]) -> str:
    """The piece of the answer in one event of a stream, as a user of a plain HTTP client would take it out."""
    choices = event["choices"]
    return str(choices[0]["delta"].get("content") or "") if choices else ""
