"""Does the model keep to a form: JSON that conforms to the schema sent with the question (the probe `json`)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from pydantic import Field

from exporter.core.ask import Ask, Complete
from exporter.core.outcome import Outcome
from exporter.core.target import Check
from exporter.probes.base import Call, ModelProbe, ProbeSettings, make_nonce
from exporter.probes.evaluation.answer import fold_events
from exporter.probes.evaluation.judgement import as_failure, has_answer, judge_exchange
from exporter.probes.evaluation.schemas import find_mismatch

CAP = 96
YOUNGEST, AGES = 20, 60

PERSON: Mapping[str, Any] = MappingProxyType(
    {
        "type": "object",
        "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
        "required": ["name", "age"],
        "additionalProperties": False,
    }
)
"""Within what every vendor's structured output takes: all properties required, none besides."""


class JsonSettings(ProbeSettings):
    """`stream: false` asks for the answer in one piece."""

    stream: bool = Field(default=True, description="have the answer streamed")


class JsonProbe(ModelProbe):
    """Asks for two facts as JSON. What does not fit is `assertion_failed`; what the facts say is not judged."""

    name: ClassVar[str] = "json"
    settings: ClassVar[type[ProbeSettings]] = JsonSettings
    asks: ClassVar[frozenset[type[Ask]]] = frozenset({Complete})

    async def run(self, check: Check, call: Call) -> Outcome:
        settings: JsonSettings = check.settings
        age = YOUNGEST + self._source(AGES)
        prompt = f"{make_nonce(self._source)}: Ada is {age} years old. Answer in JSON with her name and her age."
        ask = Complete(prompt, cap=CAP, streamed=settings.stream, schema=dict(PERSON))
        exchange = await call(ask)
        answer = fold_events(exchange.events)
        outcome = judge_exchange(check, ask, exchange, answer)
        if not has_answer(outcome) or (wrong := find_mismatch(PERSON, answer.visible_text)) is None:
            return outcome
        return as_failure(
            outcome, f"JSON of a given form was asked for, but {wrong}; the answer: {answer.visible_text}"
        )
