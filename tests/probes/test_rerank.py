"""The rerank probe: the right document first, wherever it stood."""

import pytest

from exporter.core.ask import Rerank
from exporter.core.exchange import Exchange, Ranked
from exporter.core.outcome import Fault, Outcome, Reason
from exporter.probes.rerank import FACTS, RerankProbe, RerankSettings
from tests.probes.samples import OneAnswer, a_check, an_exchange, at

CHECK = a_check("rerank", settings=RerankSettings())


def turned_by_one(bound: int) -> int:
    """The documents begin with the second; the question is the second, so the right document stands first."""
    return 1


async def run(exchange: Exchange) -> tuple[Outcome, Rerank]:
    call = OneAnswer(exchange)
    outcome = await RerankProbe(turned_by_one).run(CHECK, call)
    (ask,) = call.asked
    assert isinstance(ask, Rerank)
    return outcome, ask


def ranked(*results: tuple[int, float]) -> Exchange:
    return an_exchange(at(0.5, Ranked(results)))


async def test_sends_every_document_turned_by_chance() -> None:
    _, ask = await run(an_exchange())

    assert ask.query == f"00000001: {FACTS[1][0]}"
    assert ask.documents == (FACTS[1][1], FACTS[2][1], FACTS[3][1], FACTS[0][1])


@pytest.mark.parametrize(
    ("results", "reason", "detail"),
    [
        pytest.param([(0, 0.9), (1, 0.2), (2, 0.1), (3, 0.0)], Reason.OK, "", id="the right one first"),
        pytest.param([(0, 0.9)], Reason.OK, "", id="only the best"),
        pytest.param([(0, 0.1), (2, 0.9)], Reason.OK, "", id="the order counts, not the scale of the scores"),
        pytest.param([(2, 0.9), (0, 0.8)], Reason.ASSERTION_FAILED, "Leonardo", id="another one first"),
        pytest.param([], Reason.INVALID_RESPONSE, "no ranking", id="none"),
        pytest.param([(4, 0.9)], Reason.INVALID_RESPONSE, "no ranking", id="a document that was not sent"),
        pytest.param([(-4, 0.9)], Reason.INVALID_RESPONSE, "no ranking", id="before the first"),
        pytest.param([(0, 0.9), (0, 0.8)], Reason.INVALID_RESPONSE, "no ranking", id="one of them twice"),
        pytest.param([(0, float("nan"))], Reason.INVALID_RESPONSE, "no ranking", id="no score"),
    ],
)
async def test_right_from_wrong(results: list[tuple[int, float]], reason: Reason, detail: str) -> None:
    outcome, _ = await run(ranked(*results))

    assert outcome.reason is reason
    assert outcome.fault is (None if reason is Reason.OK else Fault.PROVIDER)
    assert detail in outcome.detail


async def test_documents_as_they_came_are_found_out_in_time() -> None:
    as_they_came = OneAnswer(ranked((0, 0.9), (1, 0.8), (2, 0.7), (3, 0.6)))
    reasons = {(await RerankProbe().run(CHECK, as_they_came)).reason for _ in range(100)}

    assert reasons == {Reason.OK, Reason.ASSERTION_FAILED}
