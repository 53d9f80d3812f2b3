"""Does the model answer, and how fast: one short question that is the same everywhere, so that figures compare."""

from typing import ClassVar

from pydantic import Field

from exporter.core.ask import Ask, Complete
from exporter.core.outcome import Outcome
from exporter.core.target import Check
from exporter.probes.base import Call, ModelProbe, ProbeSettings, make_nonce
from exporter.probes.evaluation.answer import fold_events
from exporter.probes.evaluation.judgement import judge_exchange

CAP = 32


class ChatSettings(ProbeSettings):
    """`stream: false` asks for the answer in one piece: its first token is then the whole, and it has no speed."""

    stream: bool = Field(default=True, description="have the answer streamed")


class ChatProbe(ModelProbe):
    """Asks for an answer of about 16 tokens that every model knows by heart."""

    name: ClassVar[str] = "chat"
    settings: ClassVar[type[ProbeSettings]] = ChatSettings
    asks: ClassVar[frozenset[type[Ask]]] = frozenset({Complete})

    async def run(self, check: Check, call: Call) -> Outcome:
        settings: ChatSettings = check.settings
        ask = Complete(self._make_prompt(), cap=CAP, streamed=settings.stream)
        exchange = await call(ask)
        return judge_exchange(check, ask, exchange, fold_events(exchange.events))

    def _make_prompt(self) -> str:
        return (
            f"{make_nonce(self._source)}: Count from one to sixteen in English words, with single spaces between them."
        )
