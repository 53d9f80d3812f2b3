"""The chat probe: what it asks, and what comes of the answers."""

import pytest

from exporter.core.ask import Complete
from exporter.core.exchange import Delta, Exchange, Finish, Finished, RemoteError, Thinking, Usage
from exporter.core.outcome import Failure, Flag, Outcome, Reason, Tokens
from exporter.probes.chat import ChatProbe, ChatSettings
from tests.probes.samples import OneAnswer, a_check, an_exchange, at

STOP = Finished(Finish.STOP)
CUT = Failure(reason=Reason.STREAM_INTERRUPTED, detail="no [DONE]")


async def asked(settings: ChatSettings) -> Complete:
    call = OneAnswer(an_exchange())
    await ChatProbe(lambda bound: bound - 1).run(a_check(settings=settings), call)
    (ask,) = call.asked
    assert isinstance(ask, Complete)
    return ask


async def run(exchange: Exchange) -> Outcome:
    return await ChatProbe().run(a_check(settings=ChatSettings()), OneAnswer(exchange))


async def test_the_nonce_stands_first() -> None:
    assert (await asked(ChatSettings())).prompt.startswith("ffffffff: ")


async def test_asks_for_a_short_stream_by_default() -> None:
    ask = await asked(ChatSettings())

    assert (ask.cap, ask.streamed, ask.schema) == (32, True, None)


async def test_can_ask_for_the_answer_in_one_piece() -> None:
    assert not (await asked(ChatSettings(stream=False))).streamed


@pytest.mark.parametrize(
    ("exchange", "reason", "flags"),
    [
        pytest.param(
            an_exchange(at(0.3, Delta("one ")), at(0.6, Delta("two")), at(0.7, STOP, Usage(Tokens(output=16)))),
            Reason.OK,
            set(),
            id="a streamed answer",
        ),
        pytest.param(
            an_exchange(at(0.3, Thinking("hm")), at(0.7, Finished(Finish.LENGTH))),
            Reason.OK,
            {Flag.STARVED},
            id="thinking ate the cap",
        ),
        pytest.param(
            an_exchange(at(0.3, Delta("one"), STOP, Usage(Tokens(output=16)))),
            Reason.OK,
            {Flag.BUFFERED},
            id="buffered",
        ),
        pytest.param(
            an_exchange(at(0.3, Delta("one")), at(0.7, RemoteError(CUT))), Reason.STREAM_INTERRUPTED, set(), id="cut"
        ),
        pytest.param(an_exchange(at(0.3, STOP)), Reason.EMPTY_RESPONSE, set(), id="nothing said"),
        pytest.param(an_exchange(at(0.3, Finished(Finish.REFUSED))), Reason.REFUSED, set(), id="refused"),
        pytest.param(an_exchange(at(0.3, Finished(Finish.FILTERED))), Reason.CONTENT_FILTERED, set(), id="filtered"),
    ],
)
async def test_outcome(exchange: Exchange, reason: Reason, flags: set[Flag]) -> None:
    outcome = await run(exchange)

    assert outcome.reason is reason
    assert outcome.flags == flags
