"""The embeddings probe: vectors that are as expected, and all the ways in which they are not."""

import math

import pytest

from exporter.core.ask import Embed
from exporter.core.exchange import Embedded, Exchange
from exporter.core.outcome import Fault, Outcome, Reason
from exporter.probes import embeddings
from exporter.probes.embeddings import EmbeddingsProbe, EmbeddingsSettings
from tests.probes.samples import OneAnswer, a_check, an_exchange, at

UNIT = (0.6, 0.0, -0.8)
USUAL = EmbeddingsSettings()


def vector(*numbers: float) -> Exchange:
    return an_exchange(at(0.5, Embedded(numbers)))


async def run(
    exchange: Exchange, settings: EmbeddingsSettings = USUAL, probe: EmbeddingsProbe | None = None
) -> tuple[Outcome, Embed]:
    call = OneAnswer(exchange)
    outcome = await (probe or EmbeddingsProbe(lambda _: 7)).run(a_check("embeddings", settings=settings), call)
    (ask,) = call.asked
    assert isinstance(ask, Embed)
    return outcome, ask


async def test_asks_with_the_nonce_first_and_leaves_the_length_to_the_model() -> None:
    _, ask = await run(an_exchange())

    assert ask == Embed("00000007: The lighthouse keeper wrote down the weather every evening.")


@pytest.mark.parametrize(("send", "asked"), [(True, 3), (False, None)])
async def test_asks_for_a_length_only_where_told_to(send: bool, asked: int | None) -> None:
    _, ask = await run(an_exchange(), EmbeddingsSettings(dimensions=3, send_dimensions=send))

    assert ask.dimensions == asked


def test_a_length_to_send_must_be_given() -> None:
    with pytest.raises(ValueError, match="send_dimensions needs dimensions"):
        EmbeddingsSettings(send_dimensions=True)


@pytest.mark.parametrize(
    ("numbers", "settings", "reason", "detail"),
    [
        pytest.param(UNIT, USUAL, Reason.OK, "", id="a vector"),
        pytest.param((3.0, 4.0), USUAL, Reason.OK, "", id="of any length where none is configured"),
        pytest.param(UNIT, EmbeddingsSettings(dimensions=3, unit_length=True), Reason.OK, "", id="as configured"),
        pytest.param((0.6, 0.805), EmbeddingsSettings(unit_length=True), Reason.OK, "", id="nearly of length 1"),
        pytest.param(
            UNIT,
            EmbeddingsSettings(dimensions=4),
            Reason.ASSERTION_FAILED,
            "has 3 dimensions, configured are 4",
            id="short",
        ),
        pytest.param(
            (3.0, 4.0),
            EmbeddingsSettings(unit_length=True),
            Reason.ASSERTION_FAILED,
            "has the length 5, not 1",
            id="long",
        ),
        pytest.param((0.0, -0.0), USUAL, Reason.INVALID_RESPONSE, "every number of the vector is 0", id="nowhere"),
        pytest.param((), USUAL, Reason.INVALID_RESPONSE, "no vector", id="empty"),
        pytest.param((0.1, math.nan), USUAL, Reason.INVALID_RESPONSE, "not a number", id="not a number"),
        pytest.param((0.1, -math.inf), USUAL, Reason.INVALID_RESPONSE, "not a number", id="infinite"),
        pytest.param((1e308, 1e308), EmbeddingsSettings(unit_length=True), Reason.ASSERTION_FAILED, "not 1", id="huge"),
    ],
)
async def test_what_is_a_vector(
    numbers: tuple[float, ...], settings: EmbeddingsSettings, reason: Reason, detail: str
) -> None:
    outcome, _ = await run(vector(*numbers), settings)

    assert outcome.reason is reason
    assert outcome.fault is (None if reason is Reason.OK else Fault.PROVIDER)
    assert detail in outcome.detail


async def test_an_answer_without_a_vector_is_empty() -> None:
    outcome, _ = await run(an_exchange(at(0.5)))

    assert outcome.reason is Reason.EMPTY_RESPONSE


async def test_the_first_length_holds() -> None:
    probe = EmbeddingsProbe()
    reasons = [(await run(vector(*numbers), USUAL, probe))[0].reason for numbers in (UNIT, UNIT, (0.6, 0.8), UNIT)]

    assert reasons == [Reason.OK, Reason.OK, Reason.ASSERTION_FAILED, Reason.OK]


async def test_what_is_remembered_is_bounded() -> None:
    probe = EmbeddingsProbe()
    for number in range(embeddings.MOST_REMEMBERED + 1):
        await probe.run(a_check("embeddings", model=f"model-{number}", settings=USUAL), OneAnswer(vector(*UNIT)))

    assert len(probe._first) == embeddings.MOST_REMEMBERED
