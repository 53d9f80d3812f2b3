"""`ai-api-exporter demo`: the daemon on simulated vendors. Needs no key, reads no environment, stays on loopback."""

import tempfile
from pathlib import Path

import yaml

from exporter.aio.gc_tuning import freeze_heap, tune_gc
from exporter.app.daemon import Daemon
from exporter.config.load import load_plan
from exporter.config.settings import Settings
from exporter.core.plan import Plan
from exporter.demo.vendors import Vendors
from exporter.dialects import DIALECTS
from exporter.probes import PROBES


async def run_demo(settings: Settings) -> int:
    """Run until a signal says stop. Raises UsageError if the address cannot be had."""
    async with Vendors() as vendors:
        with tempfile.TemporaryDirectory(prefix="ai-api-exporter-demo-") as folder:
            config = Path(folder) / "demo.yaml"
            config.write_text(yaml.safe_dump(vendors.make_config(), sort_keys=False))

            def load() -> Plan:
                return load_plan(config, {}, PROBES, DIALECTS)

            tune_gc()
            daemon = Daemon(load, settings, freeze=freeze_heap)
            await daemon.run(on_ready=lambda: _print_welcome(daemon.server.url))
    return 0


def _print_welcome(url: str) -> None:
    print(  # noqa: T201  (this is what the person at the terminal is here for)
        f"""
Simulated vendors are being probed every 5 seconds; a script of troubles comes round every two minutes.

  the models and their state   {url}
  what Prometheus scrapes      {url}metrics

Ctrl-C ends it.
""",
        flush=True,
    )
