"""How a command that runs a check pays: from the ledger of the state directory, or through the daemon that has it."""

import contextlib
import re
import ssl
import sys
import urllib.error
import urllib.parse
from collections.abc import AsyncIterator
from http import HTTPStatus

import structlog

from exporter.app.accounting import Accounting
from exporter.commands.http_client import HttpClient
from exporter.config.settings import Settings
from exporter.core.clock import SystemClock
from exporter.core.errors import UsageError
from exporter.core.plan import Plan
from exporter.core.target import Check
from exporter.metrics import ExporterMetrics
from exporter.probes import PROBES
from exporter.run.admission import Admission, FreeAdmission

TURN = 35.0
"""Seconds beyond its own deadline that a run in the daemon may take to get its turn."""

_PAST = "or add --no-ledger"
_PASSWORD = "write basic_auth into the file of --http.config.file"
_CERTIFICATE = "write tls_config into the file of --http.config.file, or another address with --url"

SUCCESS = re.compile(r"^ai_api_probe_success\{[^}]*\} 1(\.0)?$", re.MULTILINE)


@contextlib.asynccontextmanager
async def open_admission(plan: Plan, settings: Settings, *, ledger: bool) -> AsyncIterator[Admission]:
    """Open the budget admission of the state directory's ledger; one that admits everything if there is no ledger.

    Raises InUseError where a daemon has the directory.
    """
    if settings.state_dir is None or not ledger:
        yield FreeAdmission()
        return
    clock = SystemClock()
    accounting = Accounting(
        plan, settings.state_dir, clock, structlog.get_logger(), probes=PROBES, own=ExporterMetrics()
    )
    try:
        accounting.configure(plan, plan.checks)
        yield accounting.admission
    finally:
        await accounting.close()


def run_in_daemon(url: str, check: Check, client: HttpClient) -> int:
    """Have the daemon at `url` run the check, print its log of it: 0 if it succeeded, 1 if not.

    Raises UsageError where it refuses or does not answer.
    """
    target = f"{check.target.provider.name}/{check.target.model}".removesuffix("/")
    query = urllib.parse.urlencode({"target": target, "probe": check.probe, "debug": "true"})
    try:
        text = client.get(f"{url.rstrip('/')}/probe?{query}", check.deadlines.total + TURN)
    except urllib.error.HTTPError as refusal:
        said = refusal.read(1000).decode(errors="replace").strip() or f"{refusal.code} {refusal.reason}"
        advice = _PASSWORD if refusal.code == HTTPStatus.UNAUTHORIZED else _PAST
        raise UsageError(f"the exporter at {url} has the ledger and says: {said}; {advice}") from None
    except OSError as problem:
        why = getattr(problem, "reason", problem)
        advice = _CERTIFICATE if isinstance(why, ssl.SSLError) else _PAST
        raise UsageError(f"the exporter at {url} has the ledger and does not answer: {why}; {advice}") from None
    sys.stdout.write(text)
    return 0 if SUCCESS.search(text) else 1
