"""`ai-api-exporter run`: the daemon on the user's configuration."""

from collections.abc import Mapping

from exporter.config import load_plan
from exporter.daemon import Daemon
from exporter.dialects import DIALECTS
from exporter.interpreter import quieten, settle
from exporter.plan import Plan
from exporter.probes import PROBES
from exporter.settings import Settings


async def run(settings: Settings, environ: Mapping[str, str]) -> int:
    """Run until a signal says stop. Raises ConfigError or UsageError if it cannot start."""

    def load() -> Plan:
        return load_plan(settings.config, environ, PROBES, DIALECTS, free_only=settings.free_only)

    quieten()
    await Daemon(load, settings, settled=settle).run()
    return 0
