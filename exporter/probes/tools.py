"""Does the model call tools: one tool on offer, and a question that nothing else answers."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from pydantic import Field

from exporter.core.ask import Ask, CallTool
from exporter.core.outcome import Outcome
from exporter.core.target import Check
from exporter.probes.base import Call, ModelProbe, ProbeSettings, make_nonce
from exporter.probes.evaluation.answer import Answer, fold_events
from exporter.probes.evaluation.judgement import as_failure, has_answer, judge_exchange
from exporter.probes.evaluation.schemas import find_mismatch

TOOL = "get_weather"
DESCRIPTION = "Tells the weather in a city as it is now."
PLACE: Mapping[str, Any] = MappingProxyType(
    {
        "type": "object",
        "properties": {"city": {"type": "string"}, "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]}},
        "required": ["city", "unit"],
        "additionalProperties": False,
    }
)
CITIES = ("Lisbon", "Oslo", "Lima", "Hanoi", "Accra", "Quito")


class ToolsSettings(ProbeSettings):
    """`stream: false` asks for the call in one piece."""

    stream: bool = Field(default=True, description="have the call streamed")


class ToolsProbe(ModelProbe):
    """Asks for the weather. No call, another tool, or arguments that do not fit its schema are `assertion_failed`."""

    name: ClassVar[str] = "tools"
    settings: ClassVar[type[ProbeSettings]] = ToolsSettings
    asks: ClassVar[frozenset[type[Ask]]] = frozenset({CallTool})

    async def run(self, check: Check, call: Call) -> Outcome:
        settings: ToolsSettings = check.settings
        city = CITIES[self._source(len(CITIES))]
        prompt = f"{make_nonce(self._source)}: Use the tool to find out how warm it is in {city} now, in celsius."
        ask = CallTool(prompt, tool=TOOL, description=DESCRIPTION, parameters=dict(PLACE), streamed=settings.stream)
        exchange = await call(ask)
        answer = fold_events(exchange.events)
        outcome = judge_exchange(check, ask, exchange, answer)
        wrong = _find_defect(answer) if has_answer(outcome) else None
        return outcome if wrong is None else as_failure(outcome, wrong)


def _find_defect(answer: Answer) -> str | None:
    """Find what is wrong with the call; of several calls the first counts, as an application acts on that one."""
    if not answer.calls:
        return f"the model did not call the tool, it answered: {answer.visible_text}"
    first = answer.calls[0]
    if first.name != TOOL:
        return f"the model called {first.name!r}, which it was not offered"
    unfit = find_mismatch(PLACE, first.arguments)
    return None if unfit is None else f"the arguments of the tool call do not fit: {unfit}; they are: {first.arguments}"
