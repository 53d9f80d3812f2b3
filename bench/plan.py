"""Configurations of the exporter that ask the reference server: so many `chat` checks, as a user would write them."""

from collections.abc import Mapping
from pathlib import Path

import yaml

from bench.clients.base import KEY, Errand
from exporter.config.load import load_plan
from exporter.core.plan import Plan
from exporter.dialects import DIALECTS
from exporter.probes import make_probes

MOST = 10_000


def written(errand: Errand, checks: int, interval: float, folder: Path) -> Path:
    """A configuration file of so many `chat` checks, each every `interval` seconds."""
    document = {
        "interval": f"{interval * 1000:.0f}ms",
        "timeout": "60s",
        "max_in_flight": MOST,
        "providers": {
            "reference": {
                "preset": "openai-compatible",
                "base_url": errand.base,
                "api_key": {"env": "REFERENCE_KEY"},
                "ca_file": str(errand.ca),
                "keep_alive": errand.keep_alive,
                "max_in_flight": MOST,
                "probes": ["chat"],
            }
        },
        "models": [{"model": f"model-{number:05}", "provider": "reference"} for number in range(checks)],
    }
    path = folder / "exporter.yml"
    path.write_text(yaml.safe_dump(document))
    return path


def environment() -> Mapping[str, str]:
    """What the configuration takes from the environment."""
    return {"REFERENCE_KEY": KEY}


def read(path: Path) -> Plan:
    return load_plan(path, environment(), make_probes(), DIALECTS, free_only=False)
