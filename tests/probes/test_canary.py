"""The canary probe: fresh sums, and right told from wrong."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.core.ask import Complete
from exporter.core.exchange import Delta, Exchange, Finish, Finished, Thinking, Usage
from exporter.core.outcome import Failure, Fault, Flag, Outcome, Reason, Tokens
from exporter.probes.canary import CanaryProbe, CanarySettings, find_result
from tests.probes.samples import OneAnswer, a_check, an_exchange, at

STOP = Finished(Finish.STOP)


def always_7(bound: int) -> int:
    """Both operands become 108: the sum is 216."""
    assert bound > 7
    return 7


async def run(exchange: Exchange, settings: CanarySettings | None = None) -> tuple[Outcome, Complete]:
    call = OneAnswer(exchange)
    outcome = await CanaryProbe(always_7).run(a_check("canary", settings=settings or CanarySettings()), call)
    (ask,) = call.asked
    assert isinstance(ask, Complete)
    return outcome, ask


async def test_asks_for_a_sum_with_the_nonce_first() -> None:
    _, ask = await run(an_exchange())

    assert ask.prompt == "00000007: What is 108 + 108? Answer with the number only."
    assert (ask.cap, ask.streamed) == (32, True)


async def test_can_ask_for_the_answer_in_one_piece() -> None:
    _, ask = await run(an_exchange(), CanarySettings(stream=False))

    assert not ask.streamed


@pytest.mark.parametrize(
    ("text", "correct"),
    [
        pytest.param("216", True, id="the number"),
        pytest.param(" 216.\n", True, id="with a full stop"),
        pytest.param("216.0", True, id="as a decimal"),
        pytest.param("**216**", True, id="in bold"),
        pytest.param("108 + 108 = 216", True, id="the sum shown first"),
        pytest.param("216 = 108 + 108", True, id="the sum shown last"),
        pytest.param("100 + 100 is 200, and 8 + 8 is 16: 216", True, id="worked out"),
        pytest.param("<think>108 + 108 = 215?</think>216", True, id="after thinking aloud"),
        pytest.param("217", False, id="another number"),
        pytest.param("2160", False, id="a number that begins the same"),
        pytest.param("-216", False, id="the negative"),
        pytest.param("216.5", False, id="not quite"),
        pytest.param("216, no, 217", False, id="changed its mind"),
        pytest.param("108", False, id="an operand"),
        pytest.param("two hundred", False, id="no number"),
    ],
)
async def test_right_from_wrong(text: str, correct: bool) -> None:
    outcome, _ = await run(an_exchange(at(0.5, Delta(text)), at(0.6, STOP)))

    assert outcome.canary_correct is correct
    assert outcome.reason is (Reason.OK if correct else Reason.ASSERTION_FAILED)
    assert outcome.fault is (None if correct else Fault.PROVIDER)


async def test_a_wrong_answer_is_told() -> None:
    outcome, _ = await run(an_exchange(at(0.5, Delta("217")), at(0.6, STOP)))

    assert outcome.detail == "108 + 108 is 216, the model answered: 217"


@pytest.mark.parametrize(
    ("exchange", "reason", "flags"),
    [
        pytest.param(
            an_exchange(at(0.5, Delta("217")), status=200, failure=Failure(reason=Reason.STREAM_INTERRUPTED)),
            Reason.STREAM_INTERRUPTED,
            set(),
            id="cut",
        ),
        pytest.param(an_exchange(at(0.5, Finished(Finish.REFUSED))), Reason.REFUSED, set(), id="refused"),
        pytest.param(an_exchange(at(0.5, STOP)), Reason.EMPTY_RESPONSE, set(), id="nothing said"),
        pytest.param(
            an_exchange(at(0.5, Thinking("108 + 108")), at(0.9, Finished(Finish.LENGTH))),
            Reason.OK,
            {Flag.STARVED},
            id="thinking ate the cap",
        ),
        pytest.param(
            an_exchange(at(0.5, Delta("<think>108 + 1")), at(0.9, Finished(Finish.LENGTH))),
            Reason.OK,
            {Flag.STARVED},
            id="thinking aloud ate the cap",
        ),
    ],
)
async def test_without_an_answer_there_is_no_verdict(exchange: Exchange, reason: Reason, flags: set[Flag]) -> None:
    outcome, _ = await run(exchange)

    assert outcome.reason is reason
    assert outcome.flags == flags
    assert outcome.canary_correct is None


async def test_the_figures_of_a_wrong_answer_are_kept() -> None:
    outcome, _ = await run(an_exchange(at(0.5, Delta("217")), at(0.6, STOP, Usage(Tokens(output=2)))))

    assert outcome.tokens == Tokens(output=2)
    assert outcome.timing.first_token is not None


@given(st.integers(101, 499), st.integers(101, 499))
def test_every_sum_is_recognised_and_no_operand_is_taken_for_it(first: int, second: int) -> None:
    assert find_result(f"{first} + {second} = {first + second}", first, second) == first + second
    assert find_result(f"{first} {second}", first, second) is None


async def test_two_runs_ask_two_sums() -> None:
    call = OneAnswer(an_exchange())
    check = a_check("canary", settings=CanarySettings())
    for _ in range(20):
        await CanaryProbe().run(check, call)

    sums = {re.sub(r"^\w+: ", "", ask.prompt) for ask in call.asked if isinstance(ask, Complete)}
    assert len(sums) > 1
