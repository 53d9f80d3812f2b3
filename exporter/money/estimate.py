"""What a run of a check will ask, how many tokens that takes, and what it costs at most and likely.

The questions come from the probe itself: it is run against a way to the model that answers nothing, so whatever a
probe asks is counted, without a second description of it that could be wrong.
"""

import contextlib
from dataclasses import dataclass

import orjson

from exporter.core.ask import Ask, CallTool, Complete, Embed, Rerank
from exporter.core.exchange import Exchange, Moments
from exporter.core.outcome import Failure, Reason, Tokens
from exporter.core.target import Check, Quirks
from exporter.probes.base import Probe

BYTES_PER_TOKEN = 4
"""Of English text, by every vendor's rule of thumb. At the worst a byte is a token: no tokenizer makes more of it."""

FRAME = 32
"""Tokens that the form of a conversation adds at most; about a fourth of it as a rule."""

TOOL_FRAME = 512
"""Tokens that the vendor's own instructions for tools add at most (Anthropic: about 350)."""

SHORT = 20
"""Output tokens of an ordinary answer to a probe."""

THINKS = 8
"""A model that reasons uses about one part in this many of the room it has for that."""

_UNANSWERED = Exchange(
    started_at=0.0, moments=Moments(), ended=0.0, failure=Failure(reason=Reason.CONNECT, detail="not asked")
)


@dataclass(frozen=True, slots=True)
class Estimate:
    """Tokens of one run: what is likely, and more than which it cannot be."""

    likely: Tokens
    most: Tokens


def list_questions(probe: Probe, check: Check) -> tuple[Ask, ...]:
    """List the questions that one run of the check asks, as far as they do not depend on the answers."""
    asked: list[Ask] = []

    async def note(ask: Ask) -> Exchange:
        asked.append(ask)
        return _UNANSWERED

    # A probe waits for nothing but its answers, so it runs to its end at once, without an event loop.
    run = probe.run(check, note)
    with contextlib.suppress(StopIteration):
        run.send(None)
    run.close()
    return tuple(asked)


def estimate_tokens(asks: tuple[Ask, ...], quirks: Quirks) -> Estimate:
    """Estimate the tokens of these questions for a model with these quirks."""
    likely, most = Tokens(), Tokens()
    for ask in asks:
        length, frame, cap = _measure_ask(ask)
        most = _sum_tokens(most, length + frame, quirks.cap_tokens(cap) if cap else 0)
        likely = _sum_tokens(
            likely, length // BYTES_PER_TOKEN + frame // 4, _estimate_output(cap, quirks) if cap else 0
        )
    return Estimate(likely, most)


def _sum_tokens(tokens: Tokens, inputs: int, outputs: int) -> Tokens:
    return Tokens(input=tokens.input + inputs, output=tokens.output + outputs)


def _estimate_output(cap: int, quirks: Quirks) -> int:
    """Estimate the output. A model with a floor under its limit reasons; how much is a guess until its first answer."""
    return min(cap, SHORT) + max(0, quirks.cap_tokens(cap) - cap) // THINKS


def _measure_ask(ask: Ask) -> tuple[int, int, int]:
    """Bytes of the question, tokens that its form adds at most, and its cap on output (0: it has none)."""
    match ask:
        case Complete():
            schema = len(orjson.dumps(ask.schema)) if ask.schema else 0
            return len(ask.prompt.encode()) + schema, FRAME, ask.cap
        case CallTool():
            texts = len((ask.prompt + ask.tool + ask.description).encode())
            return texts + len(orjson.dumps(ask.parameters)), TOOL_FRAME, ask.cap
        case Embed():
            return len(ask.text.encode()), FRAME, 0
        case Rerank():
            return len("".join((ask.query, *ask.documents)).encode()), FRAME, 0
        case _:
            return 0, 0, 0
