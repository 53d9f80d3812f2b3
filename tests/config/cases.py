"""What the tests of the configuration share: an environment with keys, and how to load with the real parts."""

from collections.abc import Mapping
from pathlib import Path

from exporter.config.load import load_plan
from exporter.config.presets import PRESETS
from exporter.config.schema import duration as span
from exporter.core.errors import ConfigError
from exporter.core.plan import Plan
from exporter.core.target import Check
from exporter.dialects import DIALECTS
from exporter.probes import PROBES

HERE = Path(__file__).parent

ENVIRON: Mapping[str, str] = {
    "OPENAI_API_KEY": "sk-openai-0123456789",
    "ANTHROPIC_API_KEY": "sk-ant-0123456789",
    "GEMINI_API_KEY": "AIza-gemini-0123456789",
    "DEEPSEEK_API_KEY": "sk-deepseek-0123456789",
    "HOLYSHEEP_API_KEY": "cr_holysheep_0123456789",
    "RELAY_KEY": "sk-relay-0123456789",
    "BROKEN_KEY": "sk-broken\r\n0123456789",
}
"""Keys of some vendors; of the others none."""

SOME_PROBES = {name: PROBES[name] for name in ("models", "chat", "canary")}
SOME_DIALECTS = {name: DIALECTS[name] for name in ("openai-chat", "anthropic-messages", "gemini-generate")}
"""Real ones, and few, so that a new one does not change the messages that list them."""

EVERY_KEY: Mapping[str, str] = {key: f"sk-{key.lower()}-0123" for row in PRESETS.values() for key in row.keys}


def load(path: Path | None, environ: Mapping[str, str] = ENVIRON, *, free_only: bool = False) -> Plan:
    """The plan, with real probes and dialects."""
    return load_plan(path, environ, SOME_PROBES, SOME_DIALECTS, free_only=free_only)


def written(folder: Path, text: str) -> Path:
    """A configuration file of that text."""
    path = folder / "exporter.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(path: Path | None, environ: Mapping[str, str] = ENVIRON) -> str:
    """Everything that is said to be wrong, one problem a line, the file without its folder; "" if all is well."""
    try:
        load(path, environ)
    except ConfigError as error:
        return str(error) if path is None else str(error).replace(str(path), path.name)
    return ""


def line(check: Check) -> str:
    """A check on one line, everything that the configuration decides."""
    health, limits = check.health, check.deadlines
    words = [
        check.id,
        f"is {check.kind} in {check.target.dialect} for {check.target.alias or '-'}",
        f"every {span.format_duration(check.interval)}",
        "within " + "/".join(span.format_duration(each) for each in (limits.connect, limits.first_token, limits.total)),
        f"slow above {span.format_duration(check.degraded_above)}" if check.degraded_above else "",
        f"down at {health.failures} of {health.window}, up at {health.successes}",
        f"confirmed after {span.format_duration(health.confirm_interval)}",
        "required" if check.required else "",
        "paid" if check.paid else "",
        " ".join(f"{key}={value}" for key, value in check.labels.items()),
    ]
    return "; ".join(word for word in words if word)
