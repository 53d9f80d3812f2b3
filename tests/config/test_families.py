"""How a model is asked, by the family its name shows."""

from typing import Any

import pytest

from exporter.config.families import ROOM, WIDE, adjust_quirks, find_family, merge, strip_vendor
from exporter.config.presets import PRESETS, RELAYED
from exporter.core.target import CapField, Quirks

NEW, OLD = CapField.MAX_COMPLETION_TOKENS, CapField.MAX_TOKENS
LEVEL = "thinkingLevel"


def thinking(**config: object) -> dict[str, Any]:
    return {"generationConfig": {"thinkingConfig": config}}


def effort(level: str) -> dict[str, Any]:
    return {"reasoning_effort": level}


ASKED: dict[tuple[str, str], tuple[CapField, int, dict[str, Any]]] = {
    ("openai", "gpt-4o-mini"): (OLD, 0, {}),
    ("openai", "gpt-4.1-nano"): (OLD, 0, {}),
    ("openai", "gpt-5"): (NEW, ROOM, effort("minimal")),
    ("openai", "gpt-5-nano"): (NEW, ROOM, effort("minimal")),
    ("openai", "gpt-5-mini-2025-08-07"): (NEW, ROOM, effort("minimal")),
    ("openai", "gpt-5-2025-08-07"): (NEW, ROOM, effort("minimal")),
    ("openai", "gpt-5-pro"): (NEW, WIDE, {}),
    ("openai", "gpt-5-chat-latest"): (NEW, WIDE, {}),
    ("openai", "gpt-5.1-chat-latest"): (NEW, WIDE, {}),
    ("openai", "gpt-5-codex"): (NEW, WIDE, {}),
    ("openai", "gpt-5.1"): (NEW, 0, effort("none")),
    ("openai", "gpt-5.2-pro"): (NEW, WIDE, {}),
    ("openai", "gpt-5.4-nano"): (NEW, 0, effort("none")),
    ("openai", "gpt-6-luna"): (NEW, 0, effort("none")),
    ("openai", "gpt-6.1-sol"): (NEW, 0, effort("none")),
    ("openai", "o3"): (NEW, WIDE, effort("low")),
    ("openai", "o4-mini-2025-04-16"): (NEW, WIDE, effort("low")),
    ("openai", "o1-mini"): (NEW, WIDE, {}),
    ("openrouter", "openai/gpt-5-nano"): (NEW, ROOM, effort("minimal")),
    ("openrouter", "openai/gpt-oss-20b"): (OLD, 0, {}),
    ("holysheep", "gpt-5-mini"): (NEW, ROOM, effort("minimal")),
    ("holysheep", "claude-haiku-5-5"): (OLD, 0, {}),
    ("openai-compatible", "o3-mini"): (NEW, WIDE, effort("low")),
    ("vllm", "gpt-5-lookalike"): (OLD, 0, {}),
    ("anthropic", "claude-opus-5-5"): (OLD, WIDE, {"output_config": {"effort": "low"}}),
    ("anthropic", "claude-fable-5-1"): (OLD, WIDE, {"output_config": {"effort": "low"}}),
    ("anthropic", "claude-sonnet-5-5"): (OLD, 0, {"thinking": {"type": "between_tools"}}),
    ("anthropic", "claude-haiku-5-5-20261001"): (OLD, 0, {"thinking": {"type": "disabled"}}),
    ("anthropic", "claude-opus-5"): (OLD, 0, {"thinking": {"type": "disabled"}}),
    ("anthropic", "claude-opus-5-20260701"): (OLD, 0, {"thinking": {"type": "disabled"}}),
    ("anthropic", "claude-sonnet-5"): (OLD, WIDE, {"output_config": {"effort": "low"}}),
    ("anthropic", "claude-sonnet-4-5"): (OLD, 0, {}),
    ("anthropic", "claude-3-5-sonnet-20241022"): (OLD, 0, {}),
    ("holysheep-anthropic", "claude-opus-5"): (OLD, 0, {"thinking": {"type": "disabled"}}),
    ("gemini", "gemini-2.0-flash"): (OLD, 0, {}),
    ("gemini", "gemini-2.5-flash"): (OLD, 0, thinking(thinkingBudget=0)),
    ("gemini", "gemini-2.5-flash-lite"): (OLD, 0, thinking(thinkingBudget=0)),
    ("gemini", "gemini-2.5-pro"): (OLD, ROOM, thinking(thinkingBudget=128)),
    ("gemini", "gemini-3-flash-preview"): (OLD, ROOM, thinking(thinkingLevel="MINIMAL")),
    ("gemini", "gemini-3.5-flash"): (OLD, ROOM, thinking(thinkingLevel="MINIMAL")),
    ("gemini", "gemini-3.5-flash-lite"): (OLD, ROOM, thinking(thinkingLevel="MINIMAL")),
    ("gemini", "gemini-3.8-flash"): (OLD, WIDE, thinking(thinkingLevel="LOW")),
    ("gemini", "gemini-3.1-pro-preview"): (OLD, WIDE, thinking(thinkingLevel="LOW")),
    ("gemini", "gemini-4-argon"): (OLD, WIDE, thinking(thinkingLevel="LOW")),
    ("groq", "openai/gpt-oss-120b"): (OLD, ROOM, effort("low")),
    ("groq", "qwen/qwen3.8-27b"): (OLD, 0, effort("none")),
    ("groq", "llama-3.1-8b-instant"): (OLD, 0, {}),
    ("xai", "grok-4-1-fast-non-reasoning"): (OLD, 0, {}),
    ("xai", "grok-4.7"): (OLD, WIDE, {}),
    ("mistral", "ministral-3b-2512"): (OLD, 0, {}),
}


@pytest.mark.parametrize(("asked", "how"), [pytest.param(*row, id="/".join(row[0])) for row in ASKED.items()])
def test_how_a_model_is_asked(asked: tuple[str, str], how: tuple[CapField, int, dict[str, Any]]) -> None:
    preset = PRESETS[asked[0]]
    row = find_family(asked[1], preset.dialects[0], preset.makers)
    quirks = adjust_quirks(preset.quirks, row.changes, row.extra) if row else preset.quirks
    assert (quirks.cap_field, quirks.minimum_cap, quirks.extra) == how


@pytest.mark.parametrize(
    ("model", "floor", "extra"),
    [
        ("gpt-4o-mini", 0, {}),
        ("gpt-5-nano", ROOM, {"reasoning": {"effort": "minimal"}}),
        ("gpt-6-luna", 0, {"reasoning": {"effort": "none"}}),
        ("gpt-5-pro", WIDE, {}),
        ("o3", WIDE, {"reasoning": {"effort": "low"}}),
    ],
)
def test_how_a_model_is_asked_for_a_response(model: str, floor: int, extra: dict[str, Any]) -> None:
    row = find_family(model, "openai-responses", PRESETS["openai"].makers)
    quirks = adjust_quirks(Quirks(), row.changes, row.extra) if row else Quirks()
    assert (quirks.minimum_cap, quirks.extra) == (floor, extra)


@pytest.mark.parametrize(
    ("model", "extra"),
    [
        ("command-a-reasoning-08-2025", {"thinking": {"type": "disabled"}}),
        ("command-r7b-12-2024", {}),
    ],
)
def test_thinking_is_off_where_cohere_thinks(model: str, extra: dict[str, Any]) -> None:
    row = find_family(model, "cohere-chat", PRESETS["cohere"].makers)
    assert (row.extra if row else {}) == extra


def test_what_the_preset_says_stays() -> None:
    row = find_family("grok-4.7", "openai-chat", PRESETS["xai"].makers)
    assert row is not None
    quirks = adjust_quirks(PRESETS["xai"].quirks, row.changes, row.extra)
    assert (quirks.reasoning_outside_output, quirks.done_marker) == (True, False)


def test_vendors_that_differ_in_every_request() -> None:
    assert not PRESETS["mistral"].quirks.stream_usage
    assert not PRESETS["openrouter"].quirks.stream_usage
    assert PRESETS["groq"].quirks.requests_window == "day"
    assert PRESETS["openai"].quirks == Quirks()


def test_bare() -> None:
    assert [strip_vendor(name) for name in ("gpt-5", "openai/gpt-5", "a/b/gpt-5", "")] == [
        "gpt-5",
        "gpt-5",
        "gpt-5",
        "",
    ]


def test_nothing_is_known_of_no_model() -> None:
    assert find_family("", "openai-chat", RELAYED) is None


def test_merged() -> None:
    base = {"a": 1, "b": {"c": 2, "d": 3}}
    assert merge(base, {"b": {"d": 4, "e": 5}, "f": 6}) == {"a": 1, "b": {"c": 2, "d": 4, "e": 5}, "f": 6}
    assert merge(base, {"a": None, "b": {"c": None}}) == {"b": {"d": 3}}
    assert merge(base, {"b": 7}) == {"a": 1, "b": 7}
    assert base == {"a": 1, "b": {"c": 2, "d": 3}}
