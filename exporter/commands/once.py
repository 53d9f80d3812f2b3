"""One run of one check outside the daemon: the same parts, wired for a moment."""

import structlog

from exporter.caller import CallFactory
from exporter.clock import SystemClock
from exporter.dialects import DIALECTS
from exporter.gate import Gate
from exporter.log import configure_logging
from exporter.plan import Plan
from exporter.probes import PROBES
from exporter.redact import Redactor
from exporter.runner import RunApart, Runner
from exporter.settings import Settings
from exporter.target import Check
from exporter.tracker import HealthTracker
from exporter.transport import HttpTransport


async def run_once(plan: Plan, check: Check, settings: Settings, gate: Gate | None = None) -> RunApart:
    """Run a check of the plan now, for somebody who waits for it; all that comes back is redacted.

    Raises NotAdmittedError where `gate` does not let it.
    """
    clock = SystemClock()
    transport = HttpTransport(clock)
    redactor = Redactor(lambda: (*plan.secrets(), *transport.secrets()))
    configure_logging(redactor, level=settings.log_level, form=settings.log_format)
    calls = CallFactory(transport, DIALECTS)
    runner = Runner(
        call_for=calls.call_for,
        probes=PROBES,
        tracker=HealthTracker(()),
        redactor=redactor,
        clock=clock,
        max_in_flight=1,
        log=structlog.get_logger(),
        gate=gate,
    )
    try:
        return await runner.run_apart(check)
    finally:
        await transport.close()
