"""`ai-api-exporter run`: the daemon on the user's configuration."""

from collections.abc import Mapping

from exporter.aio.gc_tuning import freeze_heap, tune_gc
from exporter.aio.malloc_tuning import trim_heap, tune_malloc
from exporter.app.daemon import Daemon
from exporter.config.load import load_plan
from exporter.config.settings import Settings
from exporter.core.plan import Plan
from exporter.dialects import DIALECTS
from exporter.probes import PROBES


async def run_daemon(settings: Settings, environ: Mapping[str, str]) -> int:
    """Run until a signal says stop. Raises ConfigError or UsageError if it cannot start."""

    def load() -> Plan:
        return load_plan(settings.config, environ, PROBES, DIALECTS, free_only=settings.free_only)

    def settle() -> None:
        freeze_heap()
        trim_heap()

    tune_malloc()
    tune_gc()
    await Daemon(load, settings, freeze=settle).run()
    return 0
