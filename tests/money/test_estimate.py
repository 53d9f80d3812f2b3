"""What a run asks, and the tokens it takes at most and likely."""

from dataclasses import replace

import pytest

from exporter.core.ask import Ask, CallTool, Complete, Embed, ListModels, Rerank
from exporter.core.outcome import Tokens
from exporter.core.target import Quirks
from exporter.money.estimate import FRAME, estimate_tokens, list_questions
from exporter.probes import PROBES
from tests.metrics.make import check, listing

ORDINARY = Quirks()


@pytest.mark.parametrize("kind", [name for name, probe in PROBES.items() if probe.paid and name != "throughput"])
def test_every_paid_probe_tells_what_it_asks(kind: str) -> None:
    probe = PROBES[kind]
    asked = list_questions(probe, replace(check(probe=kind), settings=probe.settings()))
    assert asked
    assert {type(each) for each in asked} <= probe.asks
    assert estimate_tokens(asked, ORDINARY).most.input > 0


def test_a_list_takes_nothing() -> None:
    assert estimate_tokens(list_questions(PROBES["models"], listing()), ORDINARY).most == Tokens()


@pytest.mark.parametrize(
    ("ask", "quirks", "likely", "most"),
    [
        pytest.param(
            Complete("x" * 40, cap=32), ORDINARY, Tokens(input=18, output=20), Tokens(input=72, output=32), id="a chat"
        ),
        pytest.param(
            Complete("é" * 20, cap=8), ORDINARY, Tokens(input=18, output=8), Tokens(input=72, output=8), id="in bytes"
        ),
        pytest.param(
            Complete("x" * 40, cap=32),
            Quirks(minimum_cap=2080),
            Tokens(input=18, output=276),
            Tokens(input=72, output=2080),
            id="a model that thinks",
        ),
        pytest.param(Embed("x" * 40), ORDINARY, Tokens(input=18), Tokens(input=72), id="an embedding"),
        pytest.param(Rerank("x" * 10, ("y" * 30,)), ORDINARY, Tokens(input=18), Tokens(input=72), id="a ranking"),
        pytest.param(ListModels(), ORDINARY, Tokens(), Tokens(), id="a list"),
    ],
)
def test_tokens(ask: Ask, quirks: Quirks, likely: Tokens, most: Tokens) -> None:
    found = estimate_tokens((ask,), quirks)
    assert (found.likely, found.most) == (likely, most)


def test_the_vendor_adds_words_of_its_own_to_tools() -> None:
    ask = CallTool("x", tool="t", description="d", parameters={}, cap=16)
    assert estimate_tokens((ask,), ORDINARY).most.input > FRAME + 400


def test_questions_add_up() -> None:
    one = Complete("x" * 40, cap=32)
    assert estimate_tokens((one, one), ORDINARY).most == Tokens(input=144, output=64)
