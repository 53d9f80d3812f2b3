"""Is the answer right: fresh arithmetic with a known result, which no cache can serve and no lesser model guess."""

import re
from dataclasses import replace
from typing import ClassVar

from pydantic import Field

from exporter.core.ask import Ask, Complete
from exporter.core.outcome import Outcome
from exporter.core.target import Check
from exporter.probes.base import Call, ModelProbe, ProbeSettings, make_nonce
from exporter.probes.evaluation.answer import fold_events
from exporter.probes.evaluation.judgement import as_failure, has_answer, judge_exchange

CAP = 32
SMALLEST, CHOICES = 101, 399
"""Operands are 101 .. 499: their sum has three digits, so no model writes a thousands separator."""

NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


class CanarySettings(ProbeSettings):
    """`stream: false` asks for the answer in one piece."""

    stream: bool = Field(default=True, description="have the answer streamed")


class CanaryProbe(ModelProbe):
    """Asks for a sum. A wrong one is `assertion_failed`: a matter of quality, not of reach."""

    name: ClassVar[str] = "canary"
    settings: ClassVar[type[ProbeSettings]] = CanarySettings
    asks: ClassVar[frozenset[type[Ask]]] = frozenset({Complete})

    async def run(self, check: Check, call: Call) -> Outcome:
        settings: CanarySettings = check.settings
        first, second = (SMALLEST + self._source(CHOICES) for _ in range(2))
        prompt = f"{make_nonce(self._source)}: What is {first} + {second}? Answer with the number only."
        ask = Complete(prompt, cap=CAP, streamed=settings.stream)
        exchange = await call(ask)
        answer = fold_events(exchange.events)
        outcome = judge_exchange(check, ask, exchange, answer)
        return _mark_answer(outcome, answer.visible_text, first, second) if has_answer(outcome) else outcome


def _mark_answer(outcome: Outcome, text: str, first: int, second: int) -> Outcome:
    if find_result(text, first, second) == first + second:
        return replace(outcome, canary_correct=True)
    detail = f"{first} + {second} is {first + second}, the model answered: {text}"
    return replace(as_failure(outcome, detail), canary_correct=False)


def find_result(text: str, first: int, second: int) -> float | None:
    """Find the last number of the answer that does not repeat an operand: models like to show the sum first."""
    numbers = [float(number) for number in NUMBER.findall(text)]
    return next((number for number in reversed(numbers) if number not in {first, second}), None)
