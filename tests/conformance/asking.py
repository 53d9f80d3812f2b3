"""One check of a written configuration, run as the daemon runs it: presets, dialects, probes, runner and network."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog
import yaml

from exporter.config.load import load_plan
from exporter.core.clock import SystemClock
from exporter.core.outcome import Outcome
from exporter.core.redaction import Redactor
from exporter.core.target import Check
from exporter.dialects import DIALECTS
from exporter.health.tracker import HealthTracker
from exporter.metrics import ExporterMetrics
from exporter.probes import make_probes
from exporter.probes.base import Draw, Probe, draw
from exporter.results.failed_exchanges import FailedExchanges
from exporter.run.admission import FreeAdmission
from exporter.run.client import ModelClient
from exporter.run.runner import OnDemandRun, Runner
from exporter.transport import HttpTransport

KEY = "sk-conformance-0123456789"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a model is asked at a peer: the preset, the dialect, and the path below the peer's address."""

    dialect: str
    preset: str
    path: str
    settings: Mapping[str, Any] = field(default_factory=dict)

    def written(self, url: str, model: str, probe: str, **tunables: Any) -> dict[str, Any]:
        """A configuration with one check of that model; `tunables` are keys of the probe."""
        address = {"base_url": url + self.path, "api_key": KEY}
        provider = {"preset": self.preset, "dialect": self.dialect, **address, **self.settings}
        configuration: dict[str, Any] = {
            "timeout": "100s",
            "first_token_timeout": "60s",
            "providers": {"peer": provider},
        }
        if probe != "models":
            asked = {"probe": probe, **tunables}
            configuration["models"] = [{"model": model, "provider": "peer", "probes": [asked]}]
        return configuration


async def run(configuration: Mapping[str, Any], folder: Path, probe: str, source: Draw = draw) -> OnDemandRun:
    """Run the one check of that kind that a configuration asks for, once: its outcome and its exchanges."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "exporter.yml"
    path.write_text(yaml.safe_dump(dict(configuration)))
    probes = make_probes(source)
    (check,) = [each for each in load_plan(path, {}, probes, DIALECTS).checks if each.kind == probe]
    return await _run(check, probes)


async def _run(check: Check, probes: Mapping[str, Probe]) -> OnDemandRun:
    clock = SystemClock()
    transport = HttpTransport(clock)
    redactor = Redactor(transport.list_secrets)
    runner = Runner(
        call_for=ModelClient(transport, DIALECTS).make_call,
        probes=probes,
        tracker=HealthTracker(()),
        redactor=redactor,
        clock=clock,
        max_in_flight=1,
        log=structlog.get_logger(),
        admission=FreeAdmission(),
        metrics=ExporterMetrics(),
        exchange_log=FailedExchanges(redactor),
    )
    try:
        return await runner.run_on_demand(check)
    finally:
        await transport.close()


def signs(outcome: Outcome) -> str:
    """An outcome in one line: its reason, and whose fault it is."""
    return outcome.reason.value if outcome.blamed is None else f"{outcome.reason.value} ({outcome.blamed.value})"
