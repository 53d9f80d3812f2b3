"""Send the answer of a simulated model at its pace, whole or token by token, or break off in the middle."""

import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from aiohttp import web

from exporter.demo.answer import Answer, Question
from exporter.demo.catalog import Model
from exporter.demo.dialects.base import JSON, ServerDialect

FASTEST, SLOWEST = 0.15, 0.9
"""Bounds of the time to the first token in seconds, when nothing is wrong."""
SLUGGISH = 4.0
"""Time to the first token in seconds while `slow_first_token` is played."""
_SPEEDS = (40.0, 120.0)


@dataclass(frozen=True, slots=True)
class Pace:
    """The waits of one answer in seconds: to the head of it, from there to the first token, between two tokens."""

    head: float
    first: float
    gaps: tuple[float, ...]


def draw_pace(model: Model, tokens: int, delay: float, chance: random.Random, *, sluggish: bool = False) -> Pace:
    """Draw the waits for an answer of that many tokens; times to first token are lognormal around the median.

    `delay` is how much slower this route is than the model itself.
    """
    first = model.first_token * delay * chance.lognormvariate(0, 0.22)
    first = SLUGGISH * chance.uniform(0.9, 1.1) if sluggish else min(max(first, FASTEST), SLOWEST)
    slowest, fastest = _SPEEDS
    gap = 1 / min(max(model.speed / delay * chance.lognormvariate(0, 0.08), slowest), fastest)
    head = min(first * 0.4, 0.12)
    return Pace(head, first - head, tuple(gap * chance.uniform(0.7, 1.3) for _ in range(tokens)))


Sleep = Callable[[float], Awaitable[object]]
"""How a server waits: takes seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """All that was drawn for one answer before it is sent. `cut` breaks it off in the middle."""

    question: Question
    answer: Answer
    pace: Pace
    headers: Mapping[str, str]
    cut: bool = False


async def deliver(request: web.BaseRequest, turn: Turn, dialect: ServerDialect, sleep: Sleep) -> web.StreamResponse:
    """Send the answer as it was asked for. A caller who leaves before its end is no error."""
    response = web.StreamResponse(headers=turn.headers)
    with suppress(ConnectionError):
        if turn.question.streamed:
            finished = await _deliver_stream(request, response, turn, dialect, sleep)
        else:
            finished = await _deliver_document(request, response, turn, dialect, sleep)
        if not finished and request.transport is not None:
            request.transport.close()  # what was written still arrives; the end of the answer never does
    return response


async def _deliver_stream(
    request: web.BaseRequest, response: web.StreamResponse, turn: Turn, dialect: ServerDialect, sleep: Sleep
) -> bool:
    """Send headers early, wait for the first token, then send piece by piece; False when it was cut."""
    stream = dialect.write_stream(turn.question, turn.answer)
    response.headers.update({"content-type": stream.content_type, "cache-control": "no-cache"})
    gaps = iter(turn.pace.gaps)
    await sleep(turn.pace.head)
    await response.prepare(request)
    await response.write(stream.opening)
    await sleep(turn.pace.first + sum(next(gaps, 0.0) for _ in range(turn.answer.thoughts)))
    for number, piece in enumerate(stream.pieces):
        if turn.cut and number == len(stream.pieces) // 2:
            return False
        if number:
            await sleep(sum(next(gaps, 0.0) for _ in range(piece.tokens)))
        await response.write(piece.data)
    await response.write(stream.closing)
    return True


async def _deliver_document(
    request: web.BaseRequest, response: web.StreamResponse, turn: Turn, dialect: ServerDialect, sleep: Sleep
) -> bool:
    """Send one document after as long as its stream would take; False when only half of it was sent."""
    body = dialect.write_document(turn.question, turn.answer)
    response.headers.update({"content-type": JSON, "content-length": str(len(body))})
    await sleep(turn.pace.head + turn.pace.first + sum(turn.pace.gaps))
    await response.prepare(request)
    await response.write(body[: len(body) // 2] if turn.cut else body)
    return not turn.cut
