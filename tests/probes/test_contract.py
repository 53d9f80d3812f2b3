"""What every probe promises, whichever it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.core.exchange import Exchange
from exporter.core.outcome import Failure, Flag, Outcome, Reason
from exporter.core.target import Check
from exporter.probes import PROBES, make_probes
from exporter.probes.base import Probe
from tests.probes.samples import OneAnswer, a_check, an_exchange
from tests.probes.strategies import exchanges

every_probe = pytest.mark.parametrize("probe", PROBES.values(), ids=PROBES)


def check_of(probe: Probe) -> Check:
    model = "" if probe.per_provider else "model-1"
    return a_check(probe.name, model=model, settings=probe.settings(), degraded_above=5.0)


async def run(probe: Probe, exchange: Exchange) -> Outcome:
    return await probe.run(check_of(probe), OneAnswer(exchange))


@every_probe
def test_settings_have_defaults_and_refuse_unknown_keys(probe: Probe) -> None:
    probe.settings()
    with pytest.raises(ValueError, match="no_such_setting"):
        probe.settings.model_validate({"no_such_setting": 1})


@every_probe
async def test_asks_only_what_it_declares(probe: Probe) -> None:
    call = OneAnswer(an_exchange())
    await probe.run(check_of(probe), call)

    assert call.asked
    assert {type(ask) for ask in call.asked} <= probe.asks


@every_probe
async def test_no_question_is_asked_twice_if_it_costs(probe: Probe) -> None:
    call = OneAnswer(an_exchange())
    await probe.run(check_of(probe), call)
    await probe.run(check_of(probe), call)

    first, second = call.asked
    assert (first != second) == probe.paid


@every_probe
@pytest.mark.parametrize("reason", set(Reason) - {Reason.OK})
async def test_a_failed_exchange_keeps_its_reason(probe: Probe, reason: Reason) -> None:
    outcome = await run(probe, an_exchange(failure=Failure(reason=reason, detail="it failed", code="c-1")))

    assert (outcome.reason, outcome.detail, outcome.code) == (reason, "it failed", "c-1")


@every_probe
@given(exchange=exchanges())
async def test_never_raises_and_never_contradicts_itself(probe: Probe, exchange: Exchange) -> None:
    outcome = await run(probe, exchange)

    assert outcome.ok == (outcome.fault is None)
    assert outcome.timing.duration == exchange.ended == pytest.approx(sum(outcome.timing.phases.values()))
    assert outcome.started_at == exchange.started_at
    assert (outcome.canary_correct is False) <= (outcome.reason is Reason.ASSERTION_FAILED)
    assert (Flag.STARVED in outcome.flags) <= outcome.ok


@every_probe
@given(exchange=exchanges(), failure=st.sampled_from(sorted(set(Reason) - {Reason.OK})))
async def test_a_failed_exchange_is_never_ok(probe: Probe, exchange: Exchange, failure: Reason) -> None:
    broken = an_exchange(exchange.events, failure=Failure(reason=failure))

    assert (await run(probe, broken)).reason is failure


def test_a_source_of_freshness_can_be_given() -> None:
    assert list(make_probes(lambda bound: bound - 1)) == list(PROBES)
