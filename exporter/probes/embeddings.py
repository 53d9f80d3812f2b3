"""Is the vector a vector: of the length expected, finite, pointing anywhere at all."""

import math
from typing import ClassVar

from pydantic import Field, model_validator

from exporter.core.ask import Ask, Embed
from exporter.core.outcome import Outcome, Reason
from exporter.core.target import Check
from exporter.probes.base import Call, Draw, ModelProbe, ProbeSettings, draw, make_nonce
from exporter.probes.evaluation.answer import fold_events
from exporter.probes.evaluation.judgement import as_failure, judge_exchange

NORM_TOLERANCE = 0.01
"""Vectors sent as 16-bit floats, or cut and normalised again by a gateway, are off by less than this."""

MOST_REMEMBERED = 10_000


class EmbeddingsSettings(ProbeSettings):
    """What the vector has to be like."""

    dimensions: int | None = Field(
        default=None, ge=1, le=65_536, description="numbers in the vector (default: as many as in the first answer)"
    )
    send_dimensions: bool = Field(default=False, description="also ask for that many, where the model lets one choose")
    unit_length: bool = Field(default=False, description="whether the vector must have the length 1")

    @model_validator(mode="after")
    def _check_dimensions(self) -> "EmbeddingsSettings":
        if self.send_dimensions and self.dimensions is None:
            raise ValueError("send_dimensions needs dimensions")
        return self


class EmbeddingsProbe(ModelProbe):
    """Asks for the embedding of one sentence.

    A vector that no search could use is `invalid_response`; one that is not as expected is `assertion_failed`, for an
    index built with the earlier ones does not take it. Remembers the length of each check's first vector: give every
    daemon a probe of its own.
    """

    name: ClassVar[str] = "embeddings"
    settings: ClassVar[type[ProbeSettings]] = EmbeddingsSettings
    asks: ClassVar[frozenset[type[Ask]]] = frozenset({Embed})

    def __init__(self, source: Draw = draw) -> None:
        super().__init__(source)
        self._first: dict[str, int] = {}

    async def run(self, check: Check, call: Call) -> Outcome:
        settings: EmbeddingsSettings = check.settings
        text = f"{make_nonce(self._source)}: The lighthouse keeper wrote down the weather every evening."
        ask = Embed(text, dimensions=settings.dimensions if settings.send_dimensions else None)
        exchange = await call(ask)
        answer = fold_events(exchange.events)
        outcome = judge_exchange(check, ask, exchange, answer)
        if not outcome.ok:
            return outcome
        if (useless := _find_defect(answer.vector)) is not None:
            return as_failure(outcome, useless, Reason.INVALID_RESPONSE)
        wrong = self._find_mismatch(check, settings, answer.vector or ())
        return outcome if wrong is None else as_failure(outcome, wrong)

    def _find_mismatch(self, check: Check, settings: EmbeddingsSettings, vector: tuple[float, ...]) -> str | None:
        told = len(vector)
        if settings.dimensions is not None and told != settings.dimensions:
            return f"the vector has {told} dimensions, configured are {settings.dimensions}"
        if settings.dimensions is None and told != (first := self._remember_length(check.id, told)):
            return f"the vector has {told} dimensions, the first one had {first}"
        length = math.hypot(*vector)
        if settings.unit_length and abs(length - 1) > NORM_TOLERANCE:
            return f"the vector has the length {length:.4g}, not 1"
        return None

    def _remember_length(self, check_id: str, told: int) -> int:
        if check_id not in self._first and len(self._first) >= MOST_REMEMBERED:
            del self._first[next(iter(self._first))]
        return self._first.setdefault(check_id, told)


def _find_defect(vector: tuple[float, ...] | None) -> str | None:
    if not vector:
        return "the answer held no vector"
    if not all(math.isfinite(each) for each in vector):
        return "the vector holds something that is not a number"
    return None if any(vector) else "every number of the vector is 0"
