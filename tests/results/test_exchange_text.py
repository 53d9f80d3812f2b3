"""An exchange as a person reads it: method, address, headers, body, and events in words."""

import pytest

from exporter.core.exchange import (
    Delta,
    Event,
    Exchange,
    Finish,
    Finished,
    Headroom,
    Listed,
    Moments,
    SentRequest,
    ServedBy,
    Stamped,
    ToolCall,
    Usage,
)
from exporter.core.outcome import Failure, Limit, ListedModel, Reason, Tokens
from exporter.results.exchange_text import SHOWN_EVENTS, render_exchange

SENT = SentRequest(method="GET", url="https://vendor.example/v1/models", headers={"authorization": "Bearer ***"})


def an_exchange(*events: Event, status: int | None = 200, failure: Failure | None = None) -> Exchange:
    stamped = tuple(Stamped(0.001, event) for event in events)
    return Exchange(
        started_at=0.0, moments=Moments(), ended=1.0, events=stamped, status=status, failure=failure, sent=SENT
    )


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (Delta('say "hi"\n'), 'delta: "say \\"hi\\"\\n"'),
        (ToolCall(0, "weather", '{"city"'), 'tool call: index 0, name "weather", arguments "{\\"city\\""'),
        (Usage(Tokens(input=5, output=9)), "usage: tokens (input 5, output 9"),
        (ServedBy(model="gpt-4o", upstream="azure"), 'served by: model "gpt-4o", upstream "azure"'),
        (Finished(Finish.LENGTH), "finished: why length"),
        (Headroom((Limit(resource="tokens", window="minute", remaining=3.0),)), 'headroom: resource "tokens"'),
        (Listed((ListedModel(id="a"), ListedModel(id="b")), None), 'listed: models (id "a", id "b")'),
    ],
)
def test_an_event_in_words(event: Event, line: str) -> None:
    text = render_exchange(an_exchange(event))
    assert f"1.0 ms  {line}" in text
    assert type(event).__name__ + "(" not in text


def test_what_was_asked_comes_first() -> None:
    assert render_exchange(an_exchange()).startswith(
        "> GET https://vendor.example/v1/models\n> authorization: Bearer ***\n< HTTP 200"
    )


def test_no_answer_says_why() -> None:
    failure = Failure(reason=Reason.CONNECT, detail="cannot connect to vendor.example:443: Connection refused")
    text = render_exchange(an_exchange(status=None, failure=failure))
    assert text.splitlines()[-2:] == [
        "< no answer",
        "   1000.0 ms  connect: cannot connect to vendor.example:443: Connection refused",
    ]


def test_a_long_stream_is_cut_and_says_so() -> None:
    text = render_exchange(an_exchange(*[Delta("x")] * (SHOWN_EVENTS + 7)))
    assert text.count('delta: "x"') == SHOWN_EVENTS
    assert "and 7 more events" in text


@pytest.mark.parametrize("text", ["\x1b[31mred", "\u202eback", "half \ud800", "bell\x07"])
def test_what_moves_a_cursor_or_is_no_character_is_replaced(text: str) -> None:
    shown = render_exchange(an_exchange(Delta(text)))
    assert "\N{REPLACEMENT CHARACTER}" in shown
    assert not {"\x1b", "\u202e", "\ud800", "\x07"} & set(shown)
    shown.encode()
