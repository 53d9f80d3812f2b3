"""The gate that is open, and how the runner heeds one that is not."""

from dataclasses import replace

import pytest

from exporter.core.outcome import Outcome
from exporter.core.sink import Skip
from exporter.core.target import Check
from exporter.run.admission import FreeAdmission, NotAdmittedError, Permit
from tests.metrics.make import answered, check
from tests.probes.running import ANSWER, Parts, always, chat
from tests.probes.samples import OneAnswer


async def test_everything_is_let_in_and_nothing_is_charged() -> None:
    gate = FreeAdmission()
    admission = await gate.admit(check())
    assert isinstance(admission, Permit)
    assert admission.reserved == 0
    outcome = answered()
    assert gate.settle(admission, outcome) is outcome


class Closed(FreeAdmission):
    """Admits nothing, and remembers who asked."""

    def __init__(self, why: Skip) -> None:
        self.why = why
        self.asked: list[bool] = []

    async def admit(self, check: Check, *, demand: bool = False) -> Permit | Skip:
        assert check.paid
        self.asked.append(demand)
        return self.why


class Dear(FreeAdmission):
    """Says what a run cost."""

    def settle(self, admission: Permit, outcome: Outcome) -> Outcome:
        return replace(super().settle(admission, outcome), cost_nano_usd=7)


class TestGate:
    async def test_what_is_not_admitted_is_skipped(self) -> None:
        gate = Closed(Skip.MAINTENANCE)
        parts = Parts(always(OneAnswer(ANSWER)), gate=gate)
        due = parts.declared(chat())

        assert await parts.runner.run(due) is None
        assert parts.sink.told[-1] == ("sink", "skipped", due, Skip.MAINTENANCE)
        assert "started" not in parts.sink.words
        assert gate.asked == [False]

    async def test_whoever_asks_is_told_why_not(self) -> None:
        gate = Closed(Skip.BUDGET)
        parts = Parts(always(OneAnswer(ANSWER)), gate=gate)
        with pytest.raises(NotAdmittedError, match="the budget"):
            await parts.runner.run_on_demand(chat())

        assert gate.asked == [True]

    async def test_the_sinks_see_what_it_cost(self) -> None:
        parts = Parts(always(OneAnswer(ANSWER)), gate=Dear())
        await parts.runner.run(parts.declared(chat()))

        assert parts.sink.observations[0].outcome.cost_nano_usd == 7
        assert (await parts.runner.run_on_demand(chat())).outcome.cost_nano_usd == 7
