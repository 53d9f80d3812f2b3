"""A start without a file: the keys found in the environment say which vendors to ask."""

from collections.abc import Mapping
from typing import Any

from exporter.config.presets import PRESETS, Preset
from exporter.config.yaml.written import WrittenConfig
from exporter.core.errors import ConfigError, Problem

SOURCE = "environment"
DAILY_USD = 1.0
"""Budget of a start without a file."""


def read_environment(environ: Mapping[str, str], *, free_only: bool) -> tuple[WrittenConfig, list[str]]:
    """Make a configuration from the keys in the environment, with notes for the user. Raises ConfigError."""
    found = _find_vendors(environ)
    if not found:
        names = ", ".join(dict.fromkeys(key for preset in _list_startable() for key in preset.keys))
        raise ConfigError(
            [
                Problem(
                    SOURCE,
                    None,
                    "",
                    "there is no configuration file and no key of a known vendor",
                    f"name a file by --config or AI_API_EXPORTER_CONFIG, or set one of: {names}",
                )
            ]
        )
    asked = {} if free_only else {preset.name: preset.starters for preset in found.values() if preset.starters}
    tree: dict[str, Any] = {
        "providers": {preset.name: {} for preset in found.values()},
        "discover": [
            {"provider": name, "include": list(starters), "max": 1, "probes": ["chat"]}
            for name, starters in asked.items()
        ],
    }
    if asked:
        tree["budget"] = {"daily_usd": DAILY_USD}
    return WrittenConfig(source=SOURCE, tree=tree), _list_notices(found, asked)


def _list_startable() -> list[Preset]:
    """List presets that need only a key, and that report something for free or by one cheap question."""
    told = (preset for preset in PRESETS.values() if preset.lists_models or preset.starters)
    return [preset for preset in told if preset.base_url and preset.key_required]


def _find_vendors(environ: Mapping[str, str]) -> dict[str, Preset]:
    """Find vendors by variable, in the order of the presets. A key that two presets share starts the first of them."""
    found: dict[str, Preset] = {}
    for preset in _list_startable():
        variable = next((key for key in preset.keys if environ.get(key)), None)
        if variable and variable not in found:
            found[variable] = preset
    return found


def _list_notices(found: Mapping[str, Preset], asked: Mapping[str, tuple[str, ...]]) -> list[str]:
    notices = ["no configuration file: the keys in the environment say what is probed"]
    for variable, preset in found.items():
        starters = [name for name in asked.get(preset.name, ()) if "*" not in name]
        first = f"the first of {', '.join(starters)} that it lists"
        what = f"its list of models and a short chat with {first}" if starters else "its list of models (free)"
        notices.append(f"{variable} is set: {preset.name} is asked for {what}")
    if asked:
        notices.append(f"budget: {DAILY_USD:g} USD a day (AI_API_EXPORTER_FREE_ONLY=1 leaves out what costs)")
    return notices
