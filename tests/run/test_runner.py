"""The runner: places and overlaps, the one guard, and runs on demand."""

import asyncio
import json
from dataclasses import fields, replace

import pytest

from exporter.core.ask import Ask, ListModels
from exporter.core.exchange import Exchange, Headroom, Listed, RemoteError, ServedBy
from exporter.core.health_state import Health, State
from exporter.core.outcome import Failure, Fault, Limit, ListedModel, Reason
from exporter.core.redaction import LONGEST, MASK
from exporter.core.sink import Skip
from exporter.core.target import Check
from exporter.probes.base import Call
from tests.probes.recording import HeldClock
from tests.probes.running import (
    ANSWER,
    KEY,
    BrokenProbe,
    BrokenSink,
    Gate,
    Parts,
    always,
    chat,
    judged,
    parts_answering,
    refused,
)
from tests.probes.samples import OneAnswer, a_check, an_exchange, at


class TestRun:
    async def test_an_outcome_reaches_the_sinks(self) -> None:
        parts = parts_answering()
        check = parts.declared(chat())
        outcome = await parts.runner.run(check)

        assert parts.sink.words == ["declare", "started", "observed"]
        assert outcome == parts.sink.observations[0].outcome
        assert outcome is not None
        assert outcome.ok

    async def test_no_wait_is_told_as_none(self) -> None:
        parts = parts_answering()
        await parts.runner.run(chat())

        assert parts.metrics.lags == [0.0]

    async def test_a_failure_of_the_vendor_is_no_failure_of_ours(self) -> None:
        parts = parts_answering(an_exchange(failure=Failure(reason=Reason.DNS)))
        outcome = await parts.runner.run(parts.declared(chat()))

        assert outcome is not None
        assert outcome.reason is Reason.DNS
        assert parts.metrics.internal_errors == 0
        assert parts.logged.calls == []


class TestOverlap:
    async def test_a_check_still_running_is_skipped(self) -> None:
        gate = Gate()
        parts = Parts(always(gate))
        check = parts.declared(chat())
        first = asyncio.create_task(parts.runner.run(check))
        await gate.until_inside(1)

        assert await parts.runner.run(check) is None
        assert parts.sink.told[-1] == ("sink", "skipped", check, Skip.OVERLAP)
        assert parts.metrics.in_flight == 1

        gate.open.set()
        assert await first is not None
        assert await parts.runner.run(check) is not None
        assert parts.metrics.in_flight == 0

    async def test_a_check_that_waits_for_its_turn_is_skipped_too(self) -> None:
        gate = Gate()
        parts = Parts(always(gate), max_in_flight=1)
        running = asyncio.create_task(parts.runner.run(parts.declared(chat("m-1", max_in_flight=1))))
        await gate.until_inside(1)
        waiting_check = parts.declared(chat("m-2", max_in_flight=1))
        waiting = asyncio.create_task(parts.runner.run(waiting_check))
        await asyncio.sleep(0)

        assert await parts.runner.run(waiting_check) is None

        gate.open.set()
        await asyncio.gather(running, waiting)

    async def test_a_cancelled_run_may_run_again(self) -> None:
        gate = Gate()
        parts = Parts(always(gate))
        check = parts.declared(chat())
        first = asyncio.create_task(parts.runner.run(check))
        await gate.until_inside(1)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        gate.open.set()

        assert await parts.runner.run(check) is not None
        assert parts.metrics.internal_errors == 0


class TestPlaces:
    async def test_so_many_at_once_overall(self) -> None:
        gate = Gate()
        parts = Parts(always(gate), max_in_flight=3)
        runs = [asyncio.create_task(parts.runner.run(chat(f"m-{n}"))) for n in range(9)]
        await gate.until_inside(4)
        gate.open.set()
        await asyncio.gather(*runs)

        assert gate.most == 4, "three places, and one run of the provider that needs none"

    async def test_slow_providers_cannot_take_all_places(self) -> None:
        slow, quick = Gate(), Gate()
        quick.open.set()
        parts = Parts(lambda check: quick if check.target.provider.name == "quick" else slow, max_in_flight=4)
        crowd = [asyncio.create_task(parts.runner.run(chat(f"m-{n}", f"slow-{n % 4}"))) for n in range(40)]
        await slow.until_inside(8)
        async with asyncio.timeout(5):
            assert await parts.runner.run(chat("m", "quick")) is not None
            assert await parts.runner.run(chat("m", "quick")) is not None

        slow.open.set()
        await asyncio.gather(*crowd)

    async def test_so_many_at_once_per_provider_and_others_are_not_held_up(self) -> None:
        slow, quick = Gate(), Gate()
        quick.open.set()
        parts = Parts(lambda check: slow if check.target.provider.name == "slow" else quick, max_in_flight=3)
        crowd = [asyncio.create_task(parts.runner.run(chat(f"m-{n}", "slow", max_in_flight=2))) for n in range(9)]
        await slow.until_inside(2)

        assert await parts.runner.run(chat("m", "quick")) is not None
        assert slow.most == 2

        slow.open.set()
        await asyncio.gather(*crowd)
        assert slow.most == 2

    async def test_the_wait_is_told_and_no_part_of_the_run(self) -> None:
        gate = Gate()
        parts = Parts(always(gate), max_in_flight=1)
        first = asyncio.create_task(parts.runner.run(chat("m-1", max_in_flight=1)))
        await gate.until_inside(1)
        second = asyncio.create_task(parts.runner.run(chat("m-2", max_in_flight=1)))
        await asyncio.sleep(0)
        parts.clock.seconds += 7.5
        gate.open.set()
        await first
        outcome = await second

        assert parts.metrics.lags == [0.0, 7.5]
        assert outcome is not None
        assert outcome.timing.duration == ANSWER.ended

    async def test_how_late_a_run_was_started_adds_to_its_wait(self) -> None:
        parts = parts_answering()
        await parts.runner.run(parts.declared(chat()), lag=1.5)

        assert parts.metrics.lags == [1.5]

    async def test_a_skipped_run_reports_no_lag(self) -> None:
        gate = Gate()
        parts = Parts(always(gate))
        check = parts.declared(chat())
        first = asyncio.create_task(parts.runner.run(check))
        await gate.until_inside(1)
        await parts.runner.run(check, lag=60.0)

        gate.open.set()
        await first
        assert parts.metrics.lags == [0.0]

    async def test_started_is_told_when_the_turn_came(self) -> None:
        gate = Gate()
        parts = Parts(always(gate), max_in_flight=1)
        checks = [parts.declared(chat(f"m-{n}", max_in_flight=1)) for n in range(2)]
        runs = [asyncio.create_task(parts.runner.run(check)) for check in checks]
        await gate.until_inside(1)

        assert parts.sink.words.count("started") == 1

        gate.open.set()
        await asyncio.gather(*runs)
        assert parts.sink.words.count("started") == 2

    async def test_the_number_of_places_can_change(self) -> None:
        gate = Gate()
        parts = Parts(always(gate), max_in_flight=1)
        parts.runner.resize(2)
        runs = [asyncio.create_task(parts.runner.run(chat(f"m-{n}"))) for n in range(4)]
        await gate.until_inside(3)
        gate.open.set()
        await asyncio.gather(*runs)

        assert gate.most == 3, "two places, and one run of the provider that needs none"


class TestOurOwnBugs:
    async def test_become_an_outcome_and_are_told(self) -> None:
        parts = Parts(always(OneAnswer(ANSWER)), probes={"chat": BrokenProbe()})
        check = parts.declared(chat())
        outcome = await parts.runner.run(check)

        assert outcome is not None
        assert (outcome.reason, outcome.fault) == (Reason.INTERNAL, Fault.EXPORTER)
        assert outcome.detail == f"LookupError: no {MASK} for chat"
        assert parts.sink.observations[0].outcome == outcome
        assert parts.metrics.internal_errors == 1

    async def test_do_not_move_health(self) -> None:
        parts = Parts(always(OneAnswer(ANSWER)), probes={"chat": BrokenProbe()})
        check = parts.declared(chat())
        parts.tracker.record_run(check, replace(await judged(), started_at=1.0))
        before = parts.tracker.health_of(check)
        await parts.runner.run(check)

        assert parts.tracker.health_of(check) == replace(before, last_run_at=parts.clock.wall())

    async def test_are_logged_with_their_traceback(self) -> None:
        parts = Parts(always(OneAnswer(ANSWER)), probes={"chat": BrokenProbe()})
        await parts.runner.run(chat())
        (call,) = parts.logged.calls

        assert call.method_name == "error"
        assert call.kwargs["exc_info"] is True
        assert (call.kwargs["check"], call.kwargs["part"]) == ("acme/model-1/chat", "probe")

    @pytest.mark.parametrize("kind", ["no-such-probe", "chat"])
    async def test_of_any_part_end_nothing(self, kind: str) -> None:
        def no_call(check: Check) -> Call:
            raise OSError("no way")

        outcome = await Parts(no_call).runner.run(replace(chat(), kind=kind))

        assert outcome is not None
        assert outcome.reason is Reason.INTERNAL

    async def test_of_a_sink_end_nothing(self) -> None:
        parts = Parts(always(OneAnswer(ANSWER)), sink=BrokenSink())
        outcome = await parts.runner.run(parts.declared(chat()))

        assert outcome is not None
        assert outcome.reason is Reason.INTERNAL
        assert parts.metrics.internal_errors == 1
        assert parts.metrics.in_flight == 0

    async def test_take_the_time_they_take(self) -> None:
        clock = HeldClock()

        async def slow(ask: Ask) -> Exchange:
            clock.seconds += 3.0
            return ANSWER

        parts = Parts(always(slow), probes={"chat": BrokenProbe()}, clock=clock)
        outcome = await parts.runner.run(chat())

        assert outcome is not None
        assert (outcome.started_at, outcome.timing.duration) == (1_700_000_000.0, 3.0)


class TestRedaction:
    async def test_every_text_of_an_outcome(self) -> None:
        told = ServedBy(model=KEY, fingerprint=KEY, upstream=KEY, request_id=KEY)
        limit = Limit(resource=KEY, window=KEY, remaining=1.0)
        listed = ListedModel(id=KEY, lifecycle=KEY)
        exchange = an_exchange(
            at(0.5, told, Headroom((limit,)), Listed((listed,))),
            failure=Failure(reason=Reason.AUTH, detail=KEY, code=KEY),
        )
        outcome = await judged(exchange)

        assert outcome.reason is Reason.AUTH
        assert outcome.models == (ListedModel(id=MASK, lifecycle=MASK),)
        assert outcome.limits == (Limit(resource=MASK, window=MASK, remaining=1.0),)
        texts = {each.name for each in fields(outcome) if getattr(outcome, each.name) == MASK}
        assert texts == {"detail", "code", "served_model", "fingerprint", "upstream", "request_id"}

    async def test_the_sinks_see_only_the_redacted_outcome(self) -> None:
        parts = parts_answering(refused(f"bad key {KEY}"))
        await parts.runner.run(parts.declared(chat()))

        assert parts.sink.observations[0].outcome.detail == f"bad key {MASK}"

    async def test_a_detail_is_one_short_line(self) -> None:
        assert (await judged(refused("two\nlines" + "!" * 999))).detail == "two lines" + "!" * (LONGEST - 10) + "…"


class TestRunApart:
    async def test_moves_neither_health_nor_sinks(self) -> None:
        parts = parts_answering()
        check = parts.declared(chat())
        parts.sink.told.clear()
        apart = await parts.runner.run_on_demand(check)

        assert apart.outcome.ok
        assert parts.sink.told == []
        assert parts.tracker.health_of(check) == Health(state=State.UNKNOWN)

    async def test_brings_the_exchanges_without_secrets(self) -> None:
        exchange = replace(
            an_exchange(at(0.5, RemoteError(Failure(reason=Reason.AUTH, detail=KEY))), status=401),
            headers={"x-echo": KEY},
            sent_bytes=f"me: {KEY}".encode(),
            received_bytes=json.dumps({"key": KEY}).encode(),
        )
        apart = await parts_answering(exchange).runner.run_on_demand(chat())
        (shown,) = apart.exchanges

        assert shown.headers == {"x-echo": MASK}
        assert shown.sent_bytes == f"me: {MASK}".encode()
        assert shown.received_bytes == json.dumps({"key": MASK}).encode()
        assert KEY not in repr(apart)
        assert shown.moments == exchange.moments

    async def test_may_run_beside_the_schedule(self) -> None:
        gate = Gate()
        parts = Parts(always(gate))
        check = parts.declared(chat())
        due = asyncio.create_task(parts.runner.run(check))
        apart = asyncio.create_task(parts.runner.run_on_demand(check))
        await gate.until_inside(2)
        gate.open.set()

        assert (await apart).outcome.ok
        assert await due is not None

    async def test_our_own_bug_is_an_outcome_here_too(self) -> None:
        parts = Parts(always(OneAnswer(ANSWER)), probes={"chat": BrokenProbe()})
        apart = await parts.runner.run_on_demand(chat())

        assert apart.outcome.reason is Reason.INTERNAL
        assert apart.exchanges == (ANSWER,)

    async def test_a_question_that_brought_no_exchange_brings_none(self) -> None:
        assert (await Parts(always(OneAnswer(ANSWER)), probes={}).runner.run_on_demand(chat())).exchanges == ()


async def test_the_probe_asked_is_the_checks_kind_not_its_name() -> None:
    call = OneAnswer(an_exchange(at(0.1, Listed(()))))
    parts = Parts(always(call))
    await parts.runner.run(a_check("models", model="", probe="my-models"))

    assert call.asked == [ListModels()]
