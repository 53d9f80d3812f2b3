"""How families of models want to be asked, as data: the cheapest legal request of each.

A model that thinks gets the least effort its family allows, and a wider cap where thinking cannot be turned off:
reasoning counts against the cap, and a cap of 32 would end before the first visible word.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

from exporter.core.target import CapField, Quirks

ROOM = 256
"""Cap in tokens for a model that thinks little at its lowest effort."""
WIDE = 2048
"""Cap in tokens for a model whose thinking cannot be bounded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Models of one maker by name (globs, without the `vendor/` of a gateway). The first row that fits counts."""

    maker: str
    dialect: str
    models: tuple[str, ...]
    changes: Mapping[str, Any]
    extra: Mapping[str, Any] = field(default_factory=dict)


def _make_openai(*models: str, effort: str | None = None, room: int = 0) -> Family:
    """Make the rows of models that take only `max_completion_tokens`."""
    return Family(
        maker="openai",
        dialect="openai-chat",
        models=models,
        changes={"cap_field": CapField.MAX_COMPLETION_TOKENS, **_reserve_room(room)},
        extra={"reasoning_effort": effort} if effort else {},
    )


def _make_responses(*models: str, effort: str | None = None, room: int = 0) -> Family:
    """Make the rows of the same models in the Responses dialect, where effort and the token limit have other names."""
    extra = {"reasoning": {"effort": effort}} if effort else {}
    return Family(maker="openai", dialect="openai-responses", models=models, changes=_reserve_room(room), extra=extra)


def _make_chat(maker: str, *models: str, effort: str | None = None, room: int = 0) -> Family:
    """Make the rows of models of other makers in the same dialect."""
    extra = {"reasoning_effort": effort} if effort else {}
    return Family(maker=maker, dialect="openai-chat", models=models, changes=_reserve_room(room), extra=extra)


def _make_claude(*models: str, room: int = 0, **extra: Any) -> Family:
    return Family(
        maker="anthropic", dialect="anthropic-messages", models=models, changes=_reserve_room(room), extra=extra
    )


def _make_gemini(*models: str, room: int = 0, **thinking: Any) -> Family:
    extra = {"generationConfig": {"thinkingConfig": thinking}}
    return Family(maker="google", dialect="gemini-generate", models=models, changes=_reserve_room(room), extra=extra)


def _reserve_room(tokens: int) -> dict[str, Any]:
    return {"minimum_cap": tokens} if tokens else {}


FAMILIES: tuple[Family, ...] = (
    # gpt-5-pro takes only high, the chat models only medium, o1-mini and o1-preview none at all: say nothing to them
    _make_openai("gpt-*-pro*", "gpt-[5-9]*-chat*", "gpt-[5-9]*-codex*", "o1-mini*", "o1-preview*", room=WIDE),
    _make_openai("gpt-5", "gpt-5-2*", "gpt-5-mini*", "gpt-5-nano*", effort="minimal", room=ROOM),
    _make_openai("gpt-5.*", "gpt-6*", effort="none"),
    _make_openai("o1*", "o3*", "o4*", effort="low", room=WIDE),
    _make_responses("gpt-*-pro*", "gpt-[5-9]*-chat*", "gpt-[5-9]*-codex*", "o1-mini*", "o1-preview*", room=WIDE),
    _make_responses("gpt-5", "gpt-5-2*", "gpt-5-mini*", "gpt-5-nano*", effort="minimal", room=ROOM),
    _make_responses("gpt-5.*", "gpt-6*", effort="none"),
    _make_responses("o1*", "o3*", "o4*", effort="low", room=WIDE),
    _make_claude("claude-opus-5-5*", "claude-fable-5*", room=WIDE, output_config={"effort": "low"}),
    _make_claude("claude-sonnet-5-5*", thinking={"type": "between_tools"}),
    _make_claude("claude-haiku-5-5*", "claude-opus-5", "claude-opus-5-2*", thinking={"type": "disabled"}),
    _make_claude("claude-sonnet-5", "claude-sonnet-5-2*", room=WIDE, output_config={"effort": "low"}),
    _make_gemini("gemini-2.5-flash*", thinkingBudget=0),
    _make_gemini("gemini-2.5-pro*", room=ROOM, thinkingBudget=128),
    _make_gemini(
        "gemini-3-flash*", "gemini-3.[0-6]-flash*", "gemini-3*-flash-lite*", room=ROOM, thinkingLevel="MINIMAL"
    ),
    _make_gemini("gemini-[34]*", "gemini-flash-latest", room=WIDE, thinkingLevel="LOW"),
    Family(
        maker="cohere",
        dialect="cohere-chat",
        models=("*reasoning*",),
        changes={},
        extra={"thinking": {"type": "disabled"}},
    ),
    _make_chat("groq", "gpt-oss*", effort="low", room=ROOM),
    _make_chat("groq", "qwen3*", effort="none"),
    _make_chat("xai", "*non-reasoning*"),
    _make_chat("xai", "grok-[4-9]*", "grok-3-mini*", "grok-code*", room=WIDE),
)
"""Sources: the model pages and migration guides of OpenAI, Anthropic and Google, groq 1.7, all of November 2026.

`claude-opus-5-2*` is a dated snapshot of Opus 5; older Claude models think only when asked. Thinking cannot be
turned off on Opus 5.5, Fable 5, Gemini 2.5 Pro (128 tokens at least) and Gemini 3 and later; Flash from 3.7 on
refuses MINIMAL.
"""


def strip_vendor(model: str) -> str:
    """Return the upstream name of a gateway's model: `openai/gpt-5` is `gpt-5`."""
    return model.rpartition("/")[2]


def find_family(model: str, dialect: str, makers: frozenset[str]) -> Family | None:
    """Find the row that says how to ask a model in a dialect; None if nothing special is known."""
    name = strip_vendor(model)
    for row in FAMILIES:
        if row.maker in makers and row.dialect == dialect and any(fnmatchcase(name, glob) for glob in row.models):
            return row
    return None


def adjust_quirks(quirks: Quirks, changes: Mapping[str, Any], extra: Mapping[str, Any]) -> Quirks:
    """Return quirks with some replaced, and `extra` merged key by key."""
    return replace(quirks, **changes, extra=merge(quirks.extra, extra))


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one mapping over another, at every depth; None removes a key."""
    result = dict(base)
    for key, value in over.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merge(result[key], value)
        else:
            result[key] = value
    return result
