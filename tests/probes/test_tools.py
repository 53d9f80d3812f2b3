"""The tools probe: one tool on offer, and calls right and wrong."""

import pytest

from exporter.core.ask import CallTool
from exporter.core.exchange import Delta, Event, Exchange, Finish, Finished, Thinking, ToolCall
from exporter.core.outcome import Fault, Flag, Outcome, Reason
from exporter.probes.tools import PLACE, TOOL, ToolsProbe, ToolsSettings
from tests.probes.samples import OneAnswer, a_check, an_exchange, at

CALLED = Finished(Finish.TOOL)
RIGHT = ToolCall(0, TOOL, '{"city": "Quito", "unit": "celsius"}')


async def run(exchange: Exchange, settings: ToolsSettings | None = None) -> tuple[Outcome, CallTool]:
    call = OneAnswer(exchange)
    outcome = await ToolsProbe(lambda bound: bound - 1).run(
        a_check("tools", settings=settings or ToolsSettings()), call
    )
    (ask,) = call.asked
    assert isinstance(ask, CallTool)
    return outcome, ask


async def test_offers_one_tool() -> None:
    _, ask = await run(an_exchange())

    assert ask.prompt == "ffffffff: Use the tool to find out how warm it is in Quito now, in celsius."
    assert (ask.tool, ask.parameters, ask.streamed) == (TOOL, PLACE, True)


async def test_can_ask_for_the_call_in_one_piece() -> None:
    _, ask = await run(an_exchange(), ToolsSettings(stream=False))

    assert not ask.streamed


@pytest.mark.parametrize(
    ("events", "wrong"),
    [
        pytest.param((RIGHT,), None, id="as asked"),
        pytest.param((Delta("I will look."), RIGHT), None, id="announced first"),
        pytest.param((ToolCall(0, TOOL, ""), ToolCall(0, "", RIGHT.arguments)), None, id="in fragments"),
        pytest.param((RIGHT, ToolCall(1, TOOL, RIGHT.arguments)), None, id="twice"),
        pytest.param((Delta("It is warm."),), "did not call the tool, it answered: It is warm.", id="no call"),
        pytest.param((ToolCall(0, "web_search", RIGHT.arguments),), "'web_search', which it", id="another tool"),
        pytest.param((ToolCall(0, TOOL, ""),), "do not fit: it is not JSON", id="no arguments"),
        pytest.param((ToolCall(0, TOOL, '{"city": "Qui'),), "it is not JSON", id="cut arguments"),
        pytest.param((ToolCall(0, TOOL, '{"city": "Quito"}'),), '"unit" is a required', id="an argument missing"),
        pytest.param((ToolCall(0, TOOL, '{"city": "Quito", "unit": "K"}'),), "at unit:", id="a value not offered"),
    ],
)
async def test_right_from_wrong(events: tuple[Event, ...], wrong: str | None) -> None:
    outcome, _ = await run(an_exchange(at(0.5, *events), at(0.6, CALLED)))

    assert outcome.reason is (Reason.OK if wrong is None else Reason.ASSERTION_FAILED)
    assert outcome.fault is (None if wrong is None else Fault.PROVIDER)
    assert (wrong or "") in outcome.detail


async def test_a_starved_model_is_not_judged() -> None:
    outcome, _ = await run(an_exchange(at(0.5, Thinking("hm")), at(0.6, Finished(Finish.LENGTH))))

    assert outcome.ok
    assert outcome.flags == {Flag.STARVED}
