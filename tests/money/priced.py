"""Targets as a configuration makes them, and answers as vendors count them."""

from pathlib import Path
from typing import Any

import orjson
import yaml

from exporter.config.load import load_plan
from exporter.core.ask import Complete
from exporter.core.exchange import Stamped
from exporter.core.outcome import Outcome, Reason, Timing
from exporter.core.plan import Plan
from exporter.core.target import Target
from exporter.dialects import DIALECTS
from exporter.probes import PROBES
from exporter.probes.evaluation.answer import fold_events

AT = 1_795_442_400.0
"""2026-11-23 14:00 UTC."""

KEYS = {
    f"{vendor}_API_KEY": "key-of-a-vendor"
    for vendor in ("OPENAI", "ANTHROPIC", "GEMINI", "DEEPSEEK", "GROQ", "XAI", "MISTRAL", "OPENROUTER", "HOLYSHEEP")
}


def plan(folder: Path, document: dict[str, Any]) -> Plan:
    """The plan of a configuration document."""
    path = folder / "exporter.yml"
    path.write_text(yaml.safe_dump(document))
    return load_plan(path, KEYS, PROBES, DIALECTS)


def whole(dialect: str, usage: dict[str, Any]) -> bytes:
    """A whole answer in that dialect, with this usage."""
    bodies: dict[str, dict[str, Any]] = {
        "openai-chat": {
            "object": "chat.completion",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}],
            "usage": usage,
        },
        "anthropic-messages": {
            "type": "message",
            "role": "assistant",
            "content": [{"type": "text", "text": "hi"}],
            "stop_reason": "end_turn",
            "usage": usage,
        },
        "gemini-generate": {
            "candidates": [{"content": {"parts": [{"text": "hi"}], "role": "model"}, "finishReason": "STOP"}],
            "usageMetadata": usage,
        },
    }
    return orjson.dumps(bodies[dialect])


def outcome(target: Target, usage: dict[str, Any], at: float = AT) -> Outcome:
    """What a run with such an answer came to, read by the dialect itself."""
    decoder = DIALECTS[target.dialect].make_decoder(Complete("hello", streamed=False), target)
    events = [*decoder.feed(whole(target.dialect, usage)), *decoder.close()]
    answer = fold_events([Stamped(0.0, event) for event in events])
    assert answer.tokens is not None
    timing = Timing(duration=1.0)
    return Outcome(reason=Reason.OK, started_at=at, timing=timing, tokens=answer.tokens, cost_usd=answer.cost_usd)
