"""The models probe: events in, outcome out."""

import pytest

from exporter.core.ask import ListModels
from exporter.core.exchange import Exchange, Finish, Finished, Listed, RemoteError
from exporter.core.outcome import Failure, Fault, ListedModel, Outcome, Phase, Reason
from exporter.probes.models import ModelsProbe
from tests.probes.samples import OneAnswer, a_check, an_exchange, at

ONE, TWO = ListedModel(id="m-1"), ListedModel(id="m-2", retires_at=1_800_000_000.0)
GARBAGE = Failure(reason=Reason.INVALID_RESPONSE, detail="not JSON")


async def run(exchange: Exchange) -> Outcome:
    return await ModelsProbe().run(a_check("models", model=""), OneAnswer(exchange))


@pytest.mark.parametrize(
    ("exchange", "reason", "models"),
    [
        pytest.param(an_exchange(at(0.5, Listed((ONE, TWO)))), Reason.OK, (ONE, TWO), id="a list"),
        pytest.param(
            an_exchange(at(0.5, Listed((ONE,), "/2")), at(0.9, Listed((TWO,)))), Reason.OK, (ONE, TWO), id="pages"
        ),
        pytest.param(an_exchange(at(0.5, Listed(()))), Reason.OK, (), id="an empty list"),
        pytest.param(an_exchange(), Reason.INVALID_RESPONSE, None, id="no list"),
        pytest.param(
            an_exchange(at(0.5, Finished(Finish.LENGTH))), Reason.INVALID_RESPONSE, None, id="another kind of answer"
        ),
        pytest.param(an_exchange(at(0.5, RemoteError(GARBAGE))), Reason.INVALID_RESPONSE, None, id="garbage"),
        pytest.param(an_exchange(status=401, failure=Failure(reason=Reason.AUTH)), Reason.AUTH, None, id="a bad key"),
    ],
)
async def test_outcome(exchange: Exchange, reason: Reason, models: tuple[ListedModel, ...] | None) -> None:
    outcome = await run(exchange)

    assert (outcome.reason, outcome.models) == (reason, models)


async def test_a_list_cannot_starve() -> None:
    assert (await run(an_exchange(at(0.5, Listed((ONE,)), Finished(Finish.LENGTH))))).flags == frozenset()


async def test_no_list_is_the_providers_fault_and_says_so() -> None:
    outcome = await run(an_exchange())

    assert (outcome.fault, outcome.detail) == (Fault.PROVIDER, "the answer held no list of models")


async def test_a_list_has_no_tokens_to_time() -> None:
    timing = (await run(an_exchange(at(0.5, Listed((ONE,)))))).timing

    assert timing.first_token is None
    assert not {Phase.FIRST_TOKEN, Phase.GENERATE} & set(timing.phases)


async def test_asks_for_the_list() -> None:
    call = OneAnswer(an_exchange())
    await ModelsProbe().run(a_check("models", model=""), call)

    assert call.asked == [ListModels()]
