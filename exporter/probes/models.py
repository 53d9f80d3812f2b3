"""Is the provider there, and is the key good: its list of models, free of charge nearly everywhere."""

from typing import ClassVar

from exporter.core.ask import Ask, ListModels
from exporter.core.outcome import Outcome, Reason
from exporter.core.target import Check
from exporter.probes.base import Call, ProbeSettings
from exporter.probes.evaluation.answer import fold_events
from exporter.probes.evaluation.judgement import as_failure, judge_exchange


class ModelsSettings(ProbeSettings):
    """The models probe has nothing to set."""


class ModelsProbe:
    """Lists the provider's models; an empty list is an answer, no list is none."""

    name: ClassVar[str] = "models"
    settings: ClassVar[type[ProbeSettings]] = ModelsSettings
    asks: ClassVar[frozenset[type[Ask]]] = frozenset({ListModels})
    paid: ClassVar[bool] = False
    per_provider: ClassVar[bool] = True

    async def run(self, check: Check, call: Call) -> Outcome:
        ask = ListModels()
        exchange = await call(ask)
        outcome = judge_exchange(check, ask, exchange, fold_events(exchange.events))
        if outcome.ok and outcome.models is None:
            return as_failure(outcome, "the answer held no list of models", Reason.INVALID_RESPONSE)
        return outcome
