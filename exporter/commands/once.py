"""One run of one check outside the daemon: the same parts, wired for a moment."""

import structlog

from exporter.config.settings import Settings
from exporter.core.clock import SystemClock
from exporter.core.plan import Plan
from exporter.core.redaction import Redactor
from exporter.core.target import Check
from exporter.dialects import DIALECTS
from exporter.health.tracker import HealthTracker
from exporter.metrics import ExporterMetrics
from exporter.probes import PROBES
from exporter.results.failed_exchanges import FailedExchanges
from exporter.results.log import configure_logging
from exporter.run.admission import Admission
from exporter.run.client import ModelClient
from exporter.run.runner import OnDemandRun, Runner
from exporter.transport import HttpTransport


async def run_once(plan: Plan, check: Check, settings: Settings, admission: Admission) -> OnDemandRun:
    """Run a check of the plan now; everything it returns is redacted.

    Raises NotAdmittedError where `admission` refuses it.
    """
    clock = SystemClock()
    transport = HttpTransport(clock)
    redactor = Redactor(lambda: (*plan.secrets(), *transport.list_secrets()))
    configure_logging(redactor, level=settings.log_level, form=settings.log_format)
    calls = ModelClient(transport, DIALECTS)
    runner = Runner(
        call_for=calls.make_call,
        probes=PROBES,
        tracker=HealthTracker(()),
        redactor=redactor,
        clock=clock,
        max_in_flight=1,
        log=structlog.get_logger(),
        admission=admission,
        metrics=ExporterMetrics(),
        exchange_log=FailedExchanges(redactor),
    )
    try:
        return await runner.run_on_demand(check)
    finally:
        await transport.close()
