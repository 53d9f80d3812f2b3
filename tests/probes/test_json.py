"""The JSON probe: what it sends, and which answers keep to the form."""

import pytest

from exporter.core.ask import Complete
from exporter.core.exchange import Delta, Event, Exchange, Finish, Finished, Thinking
from exporter.core.outcome import Fault, Flag, Outcome, Reason
from exporter.probes.json import PERSON, JsonProbe, JsonSettings
from tests.probes.samples import OneAnswer, a_check, an_exchange, at

STOP = Finished(Finish.STOP)


async def run(exchange: Exchange, settings: JsonSettings | None = None) -> tuple[Outcome, Complete]:
    call = OneAnswer(exchange)
    outcome = await JsonProbe(lambda _: 7).run(a_check("json", settings=settings or JsonSettings()), call)
    (ask,) = call.asked
    assert isinstance(ask, Complete)
    return outcome, ask


async def test_sends_the_schema_and_a_fresh_fact() -> None:
    _, ask = await run(an_exchange())

    assert ask.prompt == "00000007: Ada is 27 years old. Answer in JSON with her name and her age."
    assert ask.schema == PERSON
    assert ask.streamed


async def test_can_ask_for_the_answer_in_one_piece() -> None:
    _, ask = await run(an_exchange(), JsonSettings(stream=False))

    assert not ask.streamed


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        pytest.param('{"name": "Ada", "age": 27}', None, id="as asked"),
        pytest.param('<think>JSON, then.</think>\n{"name":"Ada","age":27}', None, id="after thinking aloud"),
        pytest.param('{"name": "Ada", "age": 99}', None, id="another fact is not judged here"),
        pytest.param('{"name": "Ada"}', '"age" is a required property', id="less than asked"),
        pytest.param('{"name": "Ada", "age": "27"}', 'at age: "27" is not of type "integer"', id="another type"),
        pytest.param('{"name": "Ada", "age": 27, "x": 1}', "Additional properties", id="more than asked"),
        pytest.param('Here you are: {"name": "Ada", "age": 27}', "it is not JSON", id="chatty"),
        pytest.param('{"name": "Ada", "ag', "it is not JSON", id="cut by the cap"),
    ],
)
async def test_what_keeps_to_the_form(text: str, wrong: str | None) -> None:
    outcome, _ = await run(an_exchange(at(0.5, Delta(text)), at(0.6, STOP)))

    assert outcome.reason is (Reason.OK if wrong is None else Reason.ASSERTION_FAILED)
    assert outcome.fault is (None if wrong is None else Fault.PROVIDER)
    assert (wrong or "") in outcome.detail
    assert (text.rpartition("</think>")[2].strip() in outcome.detail) == (wrong is not None)


@pytest.mark.parametrize(
    ("events", "reason", "flags"),
    [
        pytest.param((Thinking("hm"), Finished(Finish.LENGTH)), Reason.OK, {Flag.STARVED}, id="starved"),
        pytest.param((Finished(Finish.REFUSED),), Reason.REFUSED, set(), id="refused"),
        pytest.param((STOP,), Reason.EMPTY_RESPONSE, set(), id="nothing said"),
    ],
)
async def test_without_an_answer_the_form_is_not_judged(
    events: tuple[Event, ...], reason: Reason, flags: set[Flag]
) -> None:
    outcome, _ = await run(an_exchange(at(0.5, *events)))

    assert outcome.reason is reason
    assert outcome.flags == flags
