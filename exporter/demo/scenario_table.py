"""The script of troubles as a table: `python -m exporter.demo.scenario_table` writes the one in docs/demo.md."""

import sys
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from exporter.demo.script import EVERY, SCRIPT, Scene, Trouble

SHOWN: Mapping[Trouble, tuple[str, str]] = MappingProxyType(
    {
        Trouble.OUTAGE: (
            "its front answers everything with 502 and an HTML page",
            "`server_error`, fault `gateway`; its models go down, direct routes stay up",
        ),
        Trouble.SLOW_FIRST_TOKEN: (
            "headers at once, the first token after about 4 s",
            "flag `slow`, degraded; first-token histogram",
        ),
        Trouble.RATE_LIMITED: ("429 with Retry-After", "`rate_limited`, degraded, never down"),
        Trouble.STREAM_CUT: ("closes the connection after half of the tokens", "`stream_interrupted`, down"),
        Trouble.WRONG_MODEL: (
            "a cheaper model answers and says so",
            "flag `mismatched`; `ai_api_served_model_match` 0",
        ),
        Trouble.OVERLOADED: ("529 `overloaded_error`", "`overloaded`, down"),
        Trouble.KEY_REJECTED: ("401 for the right key, on every path", "`auth`, down"),
        Trouble.QUOTA_EXHAUSTED: ("429 `insufficient_quota`, no Retry-After", "`quota_exhausted`, down"),
        Trouble.MODEL_MISSING: (
            "404 `model_not_found`, and not in its list of models",
            "`model_not_found`, down; `ai_api_model_listed` 0",
        ),
        Trouble.CANARY_WRONG: (
            "miscalculates by one",
            "`assertion_failed` of the canary, degraded; `ai_api_canary_correct` 0",
        ),
        Trouble.LOW_HEADROOM: ("rate-limit headers say 3 % is left", "`ai_api_ratelimit_remaining_ratio` 0.03"),
        Trouble.RETIREMENT_NEAR: (
            "its list says `deprecated`, to be retired in 20 days",
            "`ai_api_model_retirement_timestamp_seconds`",
        ),
        Trouble.CERTIFICATE_ENDING: (
            "its certificate ends in 6 days",
            "`ai_api_tls_certificate_expiry_timestamp_seconds`",
        ),
    }
)
"""What a vendor does in each trouble, and how that shows in the metrics."""


def render_table() -> str:
    """Render the script as a Markdown table, in the order of time; troubles that last all the time come last."""
    rows = sorted(SCRIPT, key=lambda scene: (scene.is_permanent, scene.begins))
    return "\n".join((*_render_head(), *(_render_row(scene) for scene in rows)))


def _render_head() -> Iterator[str]:
    yield "| seconds | provider | model | trouble | what the vendor does | how it shows |"
    yield "|---|---|---|---|---|---|"


def _render_row(scene: Scene) -> str:
    does, seen = SHOWN[scene.trouble]
    when = "always" if scene.is_permanent else f"{scene.begins:g} to {scene.ends:g}"
    model = "all" if scene.model == EVERY else f"`{scene.model}`"
    return f"| {when} | `{scene.provider}` | {model} | {scene.trouble.replace('_', ' ')} | {does} | {seen} |"


if __name__ == "__main__":
    sys.stdout.write(f"{render_table()}\n")
