"""What is asked of a simulated model and what it answers, before any dialect writes it down."""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import orjson

from exporter.demo.arithmetic import count_up, format_number, solve
from exporter.demo.catalog import Model
from exporter.demo.samples import make_sample

_TOKEN = re.compile(r"\s*\w{1,9}|\s*[^\w\s]|\s+")
_SAYINGS = (
    "Small steady checks tell you early when something far away begins to go wrong.",
    "The harbour lights came on one after another while the last ferry turned home.",
    "A good instrument stays quiet, costs little, and never bends what it measures.",
    "Rain fell all morning, so we read old maps and planned the next long walk.",
    "Three birds sat on the wire and watched the road until the evening train came.",
    "Measure first, then decide; guessing twice costs more than looking once with care.",
    "Fresh bread, cold butter and a clear window make an early start much easier.",
    "She counted the stairs again, found one more than before, and began to laugh.",
)


class Stop(Enum):
    """Why the model stopped."""

    END = "end"
    CAP = "cap"
    TOOL = "tool"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One tool on offer; `parameters` is its JSON schema."""

    name: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A request for an answer. `cap` None means no limit; `effort` None means the model's usual reasoning, 0 none.

    `shows_usage` is the stream option of OpenAI, `shows_thoughts` and `events` are Gemini's (thought parts; server
    sent events rather than a JSON array).
    """

    model: Model
    prompt: str
    cap: int | None = None
    streamed: bool = False
    effort: float | None = None
    schema: Mapping[str, Any] | None = None
    tool: Tool | None = None
    shows_usage: bool = False
    shows_thoughts: bool = False
    events: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the model said: `thoughts` reasoning tokens first, then one piece per output token.

    With a tool the pieces are fragments of the JSON text of its arguments. `id` is a bare run of hexadecimal
    digits, `created` Unix seconds.
    """

    id: str
    created: int
    served: str
    prompt_tokens: int
    thoughts: int
    pieces: tuple[str, ...]
    stop: Stop
    tool: str | None = None

    @property
    def text(self) -> str:
        """The whole visible answer."""
        return "".join(self.pieces)

    @property
    def output_tokens(self) -> int:
        """All that was generated, reasoning included; a vendor counts at least one."""
        return max(1, self.thoughts + len(self.pieces))


def count_prompt_tokens(text: str) -> int:
    """Estimate what a tokenizer would count, the chat frame included."""
    return 7 + len(_TOKEN.findall(text))


def compose_answer(question: Question, chance: random.Random, *, created: int, wrong: bool = False) -> Answer:
    """Compose the answer of the model. All chance is drawn here, so the n-th answer of a route is always the same.

    `wrong` makes it miscalculate.
    """
    identity = f"{chance.getrandbits(96):024x}"
    usual = round(question.model.thinks * chance.uniform(0.8, 1.2))
    said = _choose_text(question, chance, wrong=wrong)
    cap = question.cap if question.cap is not None else 4096
    thoughts = min(cap, round(usual * (1.0 if question.effort is None else question.effort)))
    pieces = tuple(_TOKEN.findall(said))
    kept = pieces[: cap - thoughts]
    end = Stop.END if question.tool is None else Stop.TOOL
    return Answer(
        id=identity,
        created=created,
        served=question.model.served,
        prompt_tokens=count_prompt_tokens(question.prompt),
        thoughts=thoughts,
        pieces=kept,
        stop=Stop.CAP if len(kept) < len(pieces) else end,
        tool=question.tool.name if question.tool is not None else None,
    )


def _choose_text(question: Question, chance: random.Random, *, wrong: bool) -> str:
    saying = chance.choice(_SAYINGS)
    if question.tool is not None:
        return orjson.dumps(make_sample(question.tool.parameters, question.prompt)).decode()
    if question.schema is not None:
        return orjson.dumps(make_sample(question.schema, question.prompt)).decode()
    worked_out = solve(question.prompt)
    if worked_out is not None:
        return format_number(worked_out + 1 if wrong else worked_out)
    return count_up(question.prompt) or saying
