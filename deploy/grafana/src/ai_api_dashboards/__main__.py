"""Writes every dashboard as JSON that Grafana can import: `python -m ai_api_dashboards FOLDER`."""

import json
import sys
from pathlib import Path
from typing import Any

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from ai_api_dashboards.exporter import exporter
from ai_api_dashboards.frame import INPUTS
from ai_api_dashboards.model import model
from ai_api_dashboards.overview import overview
from ai_api_dashboards.routes import routes

DASHBOARDS = {"overview": overview, "model": model, "routes": routes, "exporter": exporter}

GRAFANA = "11.6.0"
"""The version whose model the dashboards follow; newer ones migrate them when they load."""


def document(dashboard: Dashboard) -> dict[str, Any]:
    """Return the dashboard with everything that an import needs."""
    made: dict[str, Any] = json.loads(json.dumps(dashboard.build(), cls=JSONEncoder))
    for number, panel in enumerate(made["panels"], start=1):
        panel["id"] = number
    kinds = sorted({panel["type"] for panel in made["panels"]} - {"row"})
    requires = [
        {"type": "grafana", "id": "grafana", "name": "Grafana", "version": GRAFANA},
        {"type": "datasource", "id": "prometheus", "name": "Prometheus", "version": "1.0.0"},
        *({"type": "panel", "id": kind, "name": kind, "version": ""} for kind in kinds),
    ]
    return {"__inputs": INPUTS, "__elements": {}, "__requires": requires, "id": None, "version": 1, **made}


def main(folder: Path) -> None:
    """Write them all into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, build in DASHBOARDS.items():
        text = json.dumps(document(build()), indent=2, ensure_ascii=False)
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
