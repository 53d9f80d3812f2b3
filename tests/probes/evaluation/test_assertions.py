"""What users assert: met, not met, and not to be told."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from exporter.core.exchange import Delta, Exchange, Finish, Finished, Listed, ServedBy, Thinking, ToolCall, Usage
from exporter.core.outcome import FAULTS, Failure, Flag, ListedModel, Outcome, Reason, Tokens
from exporter.core.target import Assertions
from exporter.probes.chat import ChatProbe, ChatSettings
from exporter.probes.evaluation.assertions import LONGEST_TEXT, apply_assertions
from exporter.probes.models import ModelsProbe, ModelsSettings
from exporter.probes.tools import ToolsProbe, ToolsSettings
from tests.probes.running import chat, parts_answering
from tests.probes.samples import OneAnswer, a_check, an_exchange, at
from tests.probes.strategies import exchanges

STOP = Finished(Finish.STOP)
ANSWER = an_exchange(
    at(0.1, ServedBy(model="model-1-2025-01-31")),
    at(0.48, Delta("All is ")),
    at(0.98, Delta("well."), STOP, Usage(Tokens(input=9, output=11))),
)
"""First token 0.4 s after the request was sent, then ten tokens in half a second."""
BARE = an_exchange(at(0.5, Delta("All is well."), STOP))
STARVED = an_exchange(at(0.5, Thinking("hm"), Finished(Finish.LENGTH)))


async def judged(wanted: Assertions | None, exchange: Exchange = ANSWER) -> Outcome:
    outcome = await ChatProbe().run(a_check(settings=ChatSettings()), OneAnswer(exchange))
    return apply_assertions(wanted, outcome, [exchange])


@pytest.mark.parametrize(
    "wanted",
    [
        None,
        Assertions(),
        Assertions(contains="is well"),
        Assertions(regex="(?i)^ALL.*well"),
        Assertions(max_first_token=0.5),
        Assertions(min_tokens_per_second=19.0),
        Assertions(min_tokens=11),
        Assertions(served_model="model-1"),
        Assertions(served_model="model-1-2025-01-31"),
        Assertions(served_model="model-*-31"),
        Assertions(contains="well", regex=r"\.$", max_first_token=1.0, min_tokens=1, served_model="model-1"),
    ],
    ids=repr,
)
async def test_met(wanted: Assertions | None) -> None:
    assert (await judged(wanted)).ok


@pytest.mark.parametrize(
    ("wanted", "exchange", "detail"),
    [
        (Assertions(contains="ill"), ANSWER, "asserted contains 'ill', the answer was 'All is well.'"),
        (Assertions(regex="ill"), ANSWER, "asserted regex 'ill', the answer was 'All is well.'"),
        (Assertions(json_schema={}), ANSWER, "asserted json_schema: it is not JSON; the answer was 'All is well.'"),
        (Assertions(max_first_token=0.3), ANSWER, "asserted first token within 0.3 s, it took 0.4 s"),
        (Assertions(min_tokens_per_second=25.0), ANSWER, "asserted at least 25 output tokens per second, it was 20"),
        (Assertions(min_tokens=12), ANSWER, "asserted at least 12 output tokens, there were 11"),
        (Assertions(served_model="model-2"), ANSWER, "asserted served model model-2, it was model-1-2025-01-31"),
        (Assertions(served_model="model-1-2025-02-01"), ANSWER, "it was model-1-2025-01-31"),
        (Assertions(min_tokens_per_second=1.0), BARE, "its speed is not known"),
        (Assertions(min_tokens=1), BARE, "they were not counted"),
        (Assertions(served_model="*"), BARE, "it was not told"),
        (Assertions(contains="ok"), STARVED, "there was no answer, reasoning used up the cap"),
    ],
)
async def test_not_met(wanted: Assertions, exchange: Exchange, detail: str) -> None:
    outcome = await judged(wanted, exchange)

    assert outcome.reason is Reason.ASSERTION_FAILED
    assert outcome.fault is FAULTS[Reason.ASSERTION_FAILED]
    assert detail in outcome.detail


async def test_everything_that_is_not_met_is_told() -> None:
    outcome = await judged(Assertions(contains="ill", regex="ill", min_tokens=99, max_first_token=5.0))

    assert [part.split(",")[0] for part in outcome.detail.split("; ")] == [
        "asserted contains 'ill'",
        "asserted regex 'ill'",
        "asserted at least 99 output tokens",
    ]


async def test_the_figures_of_the_run_are_kept() -> None:
    outcome = await judged(Assertions(contains="ill"))

    assert outcome.tokens == Tokens(input=9, output=11)
    assert outcome.timing.first_token == pytest.approx(0.4)


async def test_a_failed_assertion_is_no_starved_success() -> None:
    assert Flag.STARVED not in (await judged(Assertions(contains="ok"), STARVED)).flags


async def test_what_failed_already_keeps_its_reason() -> None:
    failed = an_exchange(failure=Failure(reason=Reason.OVERLOADED, detail="busy"))
    outcome = await judged(Assertions(contains="ok"), failed)

    assert (outcome.reason, outcome.detail) == (Reason.OVERLOADED, "busy")


async def test_a_tool_call_is_asserted_by_its_arguments() -> None:
    schema: dict[str, Any] = {"properties": {"city": {"const": "Oslo"}}}
    exchange = an_exchange(
        at(0.5, ToolCall(0, "get_weather", '{"city": "Lima", "unit": "celsius"}'), Finished(Finish.TOOL))
    )
    outcome = await ToolsProbe().run(a_check("tools", settings=ToolsSettings()), OneAnswer(exchange))

    assert apply_assertions(Assertions(contains='"Lima"'), outcome, [exchange]).ok
    assert "at city" in apply_assertions(Assertions(json_schema=schema), outcome, [exchange]).detail


@pytest.mark.parametrize(("pattern", "met"), [("(?m)^gpt-4o$", True), ("(?m)^gpt-4$", False)])
async def test_a_list_is_asserted_by_its_names(pattern: str, met: bool) -> None:
    exchange = an_exchange(at(0.5, Listed((ListedModel(id="gpt-4o"), ListedModel(id="gpt-4o-mini")))))
    outcome = await ModelsProbe().run(a_check("models", model="", settings=ModelsSettings()), OneAnswer(exchange))

    assert apply_assertions(Assertions(regex=pattern), outcome, [exchange]).ok is met


async def test_only_so_much_of_an_answer_is_looked_at() -> None:
    text = "a" * LONGEST_TEXT + "b"
    outcome = await judged(Assertions(contains="b"), an_exchange(at(0.5, Delta(text), STOP)))

    assert outcome.reason is Reason.ASSERTION_FAILED
    assert len(outcome.detail) < 300


async def test_the_runner_has_them_judged_whoever_asks() -> None:
    parts = parts_answering()
    check = parts.declared(replace(chat(), assertions=Assertions(contains="bye")))
    outcome = await parts.runner.run(check)

    assert outcome is not None
    assert outcome.reason is Reason.ASSERTION_FAILED
    assert (await parts.runner.run_on_demand(check)).outcome.reason is Reason.ASSERTION_FAILED


@given(exchanges())
async def test_never_makes_a_failure_a_success(exchange: Exchange) -> None:
    wanted = Assertions(contains="4", regex="1", json_schema={"type": "integer"}, min_tokens=3, served_model="m*")
    before = await judged(None, exchange)
    outcome = await judged(wanted, exchange)

    assert outcome.ok <= before.ok
    assert outcome.reason in (before.reason, Reason.ASSERTION_FAILED)
