"""How fast the model writes when it has much to say: a long answer, timed by the tokens that the vendor counted."""

from typing import ClassVar

from pydantic import Field

from exporter.core.ask import Ask, Complete
from exporter.core.outcome import Outcome
from exporter.core.target import Check
from exporter.probes.base import Call, ModelProbe, ProbeSettings, make_nonce
from exporter.probes.evaluation.answer import fold_events
from exporter.probes.evaluation.judgement import judge_exchange

WORDS_PER_TOKEN = 0.75
"""Roughly, in English: asking for fewer words than the cap has tokens would end the answer early."""


class ThroughputSettings(ProbeSettings):
    """How long the answer may get."""

    tokens: int = Field(default=256, ge=32, le=4096, description="cap on the output tokens of one run")


class ThroughputProbe(ModelProbe):
    """Asks for a story that fills the cap. Always streamed: the speed is that of the tokens after the first."""

    name: ClassVar[str] = "throughput"
    settings: ClassVar[type[ProbeSettings]] = ThroughputSettings
    asks: ClassVar[frozenset[type[Ask]]] = frozenset({Complete})

    async def run(self, check: Check, call: Call) -> Outcome:
        settings: ThroughputSettings = check.settings
        words = round(settings.tokens * WORDS_PER_TOKEN)
        prompt = f"{make_nonce(self._source)}: Write a plain story of {words} words about a lighthouse keeper."
        ask = Complete(prompt, cap=settings.tokens)
        exchange = await call(ask)
        return judge_exchange(check, ask, exchange, fold_events(exchange.events))
