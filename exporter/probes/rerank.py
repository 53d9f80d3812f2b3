"""Does the reranker find what answers the question: a few documents, of which one obviously does."""

import math
from collections.abc import Sequence
from typing import ClassVar

from exporter.core.ask import Ask, Rerank
from exporter.core.outcome import Outcome, Reason
from exporter.core.target import Check
from exporter.probes.base import Call, ModelProbe, ProbeSettings, make_nonce
from exporter.probes.evaluation.answer import fold_events
from exporter.probes.evaluation.judgement import as_failure, judge_exchange

FACTS = (
    ("What is the capital of Norway?", "Oslo is the capital of Norway."),
    ("How do bees make honey?", "Bees make honey from nectar that they collect from flowers."),
    ("When does water boil?", "At sea level water boils at one hundred degrees."),
    ("Who painted the Mona Lisa?", "The Mona Lisa was painted by Leonardo da Vinci."),
)
"""Each question with the document that answers it, and no other does."""


class RerankSettings(ProbeSettings):
    """The rerank probe has nothing to set."""


class RerankProbe(ModelProbe):
    """Asks which of four documents answers a question. Another one first is `assertion_failed`."""

    name: ClassVar[str] = "rerank"
    settings: ClassVar[type[ProbeSettings]] = RerankSettings
    asks: ClassVar[frozenset[type[Ask]]] = frozenset({Rerank})

    async def run(self, check: Check, call: Call) -> Outcome:
        # Turned by chance, so that a server that returns the documents as they came is found out.
        turn = self._source(len(FACTS))
        documents = tuple(document for _, document in (*FACTS[turn:], *FACTS[:turn]))
        question, right = FACTS[self._source(len(FACTS))]
        ask = Rerank(f"{make_nonce(self._source)}: {question}", documents)
        exchange = await call(ask)
        answer = fold_events(exchange.events)
        outcome = judge_exchange(check, ask, exchange, answer)
        if not outcome.ok:
            return outcome
        ranking = answer.ranking
        if ranking is None or not _is_ranking(ranking, len(documents)):
            return as_failure(outcome, "the answer held no ranking of the documents sent", Reason.INVALID_RESPONSE)
        first = documents[ranking[0][0]]
        return outcome if first == right else as_failure(outcome, f"to {question!r} the model put first: {first}")


def _is_ranking(ranking: Sequence[tuple[int, float]], count: int) -> bool:
    """Whether it names documents that were sent, each once, with scores. A server may leave out the last ones."""
    places = [place for place, _ in ranking]
    named = bool(places) and all(0 <= place < count for place in places) and len(set(places)) == len(places)
    return named and all(math.isfinite(score) for _, score in ranking)
