"""What the tests of the transport share: a provider at an address, one question to it, events of a stream."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import SecretStr

from exporter.core.ask import Ask, Complete
from exporter.core.exchange import Exchange
from exporter.core.target import Deadlines, Kind, Provider, Target
from exporter.dialects.openai.chat import OpenAIChat
from exporter.transport import HttpTransport

KEY = "sk-test-4f1d0b7a9c"
DIALECT = OpenAIChat()
LIMITS = Deadlines(connect=20, first_token=20, total=20)


@dataclass(frozen=True, slots=True)
class Key:
    """A credential that is simply known."""

    value: str | None = KEY

    def reveal(self) -> SecretStr | None:
        return None if self.value is None else SecretStr(self.value)


def provider(url: str, **settings: Any) -> Provider:
    """A provider at that address, with the settings that matter to a test."""
    known: dict[str, Any] = {
        "name": "vendor",
        "preset": "openai-compatible",
        "kind": Kind.DIRECT,
        "dialects": ("openai-chat",),
        "base_url": url,
        "credential": Key(),
    }
    return Provider(**{**known, **settings})


async def ask(
    transport: HttpTransport, at: Provider, question: Ask | None = None, deadlines: Deadlines = LIMITS
) -> Exchange:
    """Ask a provider one question (a short streamed answer, if none is given)."""
    asked = Complete("Say one word.") if question is None else question
    target = Target(provider=at, model="gpt-4o-mini", dialect=DIALECT.name)
    return await transport.exchange(DIALECT.encode(asked, target), DIALECT, asked, target, deadlines)


Asking = Callable[..., Coroutine[Any, Any, Exchange]]


def delta(text: str, finish: str | None = None) -> bytes:
    """One event of a chat stream."""
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    return b"data: " + orjson.dumps({"id": "c1", "model": "gpt-4o-mini", "choices": [choice]}) + b"\n\n"


ROLE = delta("")
DONE = b"data: [DONE]\n\n"
GOOD = (ROLE, delta("one"), delta("two", "stop"), DONE)
