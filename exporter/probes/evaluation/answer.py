"""One answer, put together again: what the events of an exchange say when read in order. No judgement here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import TypeVar

from exporter.core.exchange import (
    OUTPUT,
    Delta,
    Embedded,
    Event,
    Finished,
    Headroom,
    Listed,
    Loaded,
    Ranked,
    RemoteError,
    ServedBy,
    Stamped,
    Thinking,
    ToolCall,
    Usage,
)
from exporter.core.outcome import Failure, Limit, ListedModel, Tokens

ANSWER = (Delta, ToolCall, Embedded, Ranked)
"""Output that is not reasoning."""

Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one answer held. Stamps are seconds since the call.

    `outputs` are the arrivals of everything the model produced, ascending; `first_answer` the arrival of the first
    of them that is not reasoning; `error` the first error the vendor reported; `models` None where no list came.
    `calls` has one entry per tool call, its arguments whole.
    """

    text: str = ""
    thinking: str = ""
    calls: tuple[ToolCall, ...] = ()
    outputs: tuple[float, ...] = ()
    first_answer: float | None = None
    tokens: Tokens | None = None
    cost_usd: float | None = None
    finish: Finished | None = None
    error: Failure | None = None
    served: ServedBy = field(default_factory=ServedBy)
    limits: tuple[Limit, ...] = ()
    models: tuple[ListedModel, ...] | None = None
    vector: tuple[float, ...] | None = None
    ranking: tuple[tuple[int, float], ...] | None = None
    model_load: float | None = None

    @property
    def visible_text(self) -> str:
        """The text without reasoning that a server left in it, between `<think>` tags, and without white space."""
        return _strip_thinking(self.text)

    @property
    def has_visible_output(self) -> bool:
        """Whether anything but reasoning came."""
        return bool(self.visible_text or self.calls) or self.vector is not None or self.ranking is not None

    @property
    def has_reasoning(self) -> bool:
        """Whether the model reasoned, shown or only counted."""
        inline = bool(self.text.strip()) and not self.visible_text
        return bool(self.thinking) or inline or (self.tokens is not None and self.tokens.reasoning > 0)


def fold_events(stamped: Sequence[Stamped]) -> Answer:
    """Read the events of one exchange in order."""
    events = _Events(stamped)
    usages = events.select(Usage)
    finishes = events.select(Finished)
    errors = events.select(RemoteError)
    vectors = events.select(Embedded)
    rankings = events.select(Ranked)
    loads = events.select(Loaded)
    text = "".join([each.text for each in events.select(Delta)])
    return Answer(
        text=text,
        thinking="".join([each.text for each in events.select(Thinking)]),
        calls=_join_calls(events.select(ToolCall)),
        outputs=tuple(sorted(each.at for each in stamped if isinstance(each.event, OUTPUT))),
        first_answer=_find_first_answer(stamped, text),
        tokens=next((each.tokens for each in reversed(usages) if each.tokens is not None), None),
        cost_usd=next((each.cost_usd for each in reversed(usages) if each.cost_usd is not None), None),
        finish=finishes[-1] if finishes else None,
        error=errors[0].failure if errors else None,
        served=_merge_served(events.select(ServedBy)),
        limits=_merge_limits(events.select(Headroom)),
        models=_join_lists(events.select(Listed)),
        vector=vectors[0].vector if vectors else None,
        ranking=rankings[0].results if rankings else None,
        model_load=loads[-1].seconds if loads else None,
    )


class _Events:
    """The events of an exchange by their kind, each kind in the order in which they came."""

    def __init__(self, stamped: Iterable[Stamped]) -> None:
        self._kinds: dict[type, list[Event]] = {}
        for _, event in stamped:
            self._kinds.setdefault(type(event), []).append(event)

    def select(self, kind: type[Kind]) -> list[Kind]:
        """Select all of one kind; kinds have no kinds below them."""
        return [each for each in self._kinds.get(kind, ()) if isinstance(each, kind)]


def _strip_thinking(text: str) -> str:
    return _cut_thinking(text).partition("<think>")[0].strip()


def _cut_thinking(text: str) -> str:
    """Return what follows the last closing tag; the opening one may be missing, being part of a prompt's template."""
    return text.rpartition("</think>")[2]


def _find_first_answer(stamped: Iterable[Stamped], text: str) -> float | None:
    """Find when the first output came that is not reasoning, reasoning left in the text included."""
    reasoning = len(text) - len(_cut_thinking(text)) if _strip_thinking(text) else len(text)
    for at, event in stamped:
        if isinstance(event, Delta):
            reasoning -= len(event.text)
        if isinstance(event, ANSWER) and (reasoning < 0 or not isinstance(event, Delta)):
            return at
    return None


def _join_calls(pieces: Iterable[ToolCall]) -> tuple[ToolCall, ...]:
    """Put the fragments of each tool call together, in the order the calls began."""
    calls: dict[int, ToolCall] = {}
    for piece in pieces:
        begun = calls.get(piece.index, ToolCall(piece.index, "", ""))
        calls[piece.index] = ToolCall(piece.index, begun.name or piece.name, begun.arguments + piece.arguments)
    return tuple(calls.values())


def _merge_served(told: Sequence[ServedBy]) -> ServedBy:
    """Merge who answered. Headers come before the body, so the first value wins: support asks for the header's id."""
    return reduce(ServedBy.fill, told, ServedBy())


def _merge_limits(told: Iterable[Headroom]) -> tuple[Limit, ...]:
    """Merge the limits: one per resource and window; the later one wins."""
    return tuple({(limit.resource, limit.window): limit for each in told for limit in each.limits}.values())


def _join_lists(pages: Sequence[Listed]) -> tuple[ListedModel, ...] | None:
    return tuple(model for page in pages for model in page.models) if pages else None
