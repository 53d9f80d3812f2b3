"""The throughput probe: a long answer, timed by the tokens that were counted, never by the pieces that came."""

import pytest

from exporter.core.ask import Complete
from exporter.core.exchange import Delta, Event, Exchange, Finish, Finished, Thinking, Usage
from exporter.core.outcome import Flag, Outcome, Tokens
from exporter.probes.throughput import ThroughputProbe, ThroughputSettings
from tests.probes.samples import OneAnswer, a_check, an_exchange, at

CAPPED = Finished(Finish.LENGTH)


async def run(exchange: Exchange, settings: ThroughputSettings | None = None) -> tuple[Outcome, Complete]:
    call = OneAnswer(exchange)
    check = a_check("throughput", settings=settings or ThroughputSettings())
    outcome = await ThroughputProbe(lambda bound: bound - 1).run(check, call)
    (ask,) = call.asked
    assert isinstance(ask, Complete)
    return outcome, ask


@pytest.mark.parametrize(
    ("settings", "words", "cap"),
    [
        pytest.param(ThroughputSettings(), "192 words", 256, id="as usual"),
        pytest.param(ThroughputSettings(tokens=1000), "750 words", 1000, id="longer"),
    ],
)
async def test_asks_for_what_the_cap_holds(settings: ThroughputSettings, words: str, cap: int) -> None:
    _, ask = await run(an_exchange(), settings)

    assert ask.prompt.startswith("ffffffff: ")
    assert words in ask.prompt
    assert (ask.cap, ask.streamed) == (cap, True)


@pytest.mark.parametrize("tokens", [0, 31, 4097])
def test_what_cannot_be_measured_or_paid_is_refused(tokens: int) -> None:
    with pytest.raises(ValueError, match="tokens"):
        ThroughputSettings(tokens=tokens)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        pytest.param((Usage(Tokens(output=101)),), 0.02, id="by what was counted, not by the two pieces"),
        pytest.param((), None, id="not counted, so not known"),
        pytest.param((Usage(Tokens(output=1)),), None, id="one token has no pace"),
    ],
)
async def test_the_pace(told: tuple[Event, ...], seconds: float | None) -> None:
    outcome, _ = await run(an_exchange(at(1.0, Delta("Once")), at(3.0, Delta(" upon")), at(3.1, CAPPED, *told)))

    assert outcome.ok
    assert outcome.timing.per_output_token == (None if seconds is None else pytest.approx(seconds))


async def test_an_answer_that_was_all_thinking_has_no_pace() -> None:
    outcome, _ = await run(
        an_exchange(at(1.0, Thinking("hm")), at(3.0, Thinking("so")), at(3.1, CAPPED, Usage(Tokens(output=256))))
    )

    assert outcome.ok
    assert outcome.flags == {Flag.STARVED}
    assert outcome.timing.per_output_token is None
