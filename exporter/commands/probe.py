"""`ai-api-exporter probe TARGET`: one run of one check now, and where its time went."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import orjson
from rich.console import Console
from rich.text import Text

from exporter.commands.billing import open_admission, run_in_daemon
from exporter.commands.http_client import HttpClient
from exporter.commands.once import run_once
from exporter.commands.timeline import render_timeline
from exporter.config.load import load_plan
from exporter.config.settings import Settings
from exporter.core.errors import UsageError
from exporter.core.target import Check
from exporter.dialects import DIALECTS
from exporter.probes import PROBES
from exporter.results.exchange_text import render_exchange
from exporter.run.runner import OnDemandRun
from exporter.store import InUseError

AS_JSON = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
"""Phases are keys and members of an enumeration."""


async def run_probe(
    settings: Settings, environ: Mapping[str, str], target: str, output: str, *, debug: bool, ledger: bool = True
) -> int:
    """Run the check that `target` names and print it; 0 if it succeeded, 1 if not.

    With a state directory it is paid for from the ledger there; where a daemon has that, or serves at the `url` of the
    settings, the daemon runs it and tells. Raises ConfigError, or UsageError where no check or several answer to the
    name; NotAdmittedError.
    """
    plan = load_plan(settings.config, environ, PROBES, DIALECTS, free_only=settings.free_only)
    check = find_check(plan.checks, target)
    if settings.url is not None and ledger:
        return await asyncio.to_thread(run_in_daemon, settings.url, check, HttpClient(settings.http_config_file))
    try:
        async with open_admission(plan, settings, ledger=ledger and check.paid) as gate:
            run = await run_once(plan, check, settings, gate)
    except InUseError as busy:
        if not busy.owner.url:
            raise
        return await asyncio.to_thread(run_in_daemon, busy.owner.url, check, HttpClient(settings.http_config_file))
    if output == "json":
        sys.stdout.write(orjson.dumps(_to_json(check, run, debug=debug), option=AS_JSON).decode() + "\n")
    else:
        console = Console(highlight=False)
        console.print(render_timeline(check, run.outcome))
        for exchange in run.exchanges if debug else ():
            console.print(Text(f"\n{render_exchange(exchange)}"))
    return 0 if run.outcome.ok else 1


def find_check(checks: Sequence[Check], name: str) -> Check:
    """Find a check by `provider/model/probe`, or by `provider/model` if the model has a `chat` or only one check."""
    for check in checks:
        if name == check.id:
            return check
    named = [check for check in checks if name == f"{check.target.provider.name}/{check.target.model}"]
    chats = [check for check in named if check.kind == "chat"]
    if len(found := chats[:1] or named) == 1:
        return found[0]
    known = ", ".join(check.id for check in (named or checks))
    raise UsageError(f"no single check is called {name!r}; configured are: {known or 'none'}")


def _to_json(check: Check, run: OnDemandRun, *, debug: bool) -> dict[str, Any]:
    told = asdict(run.outcome)
    told["flags"] = sorted(run.outcome.flags)
    if debug:
        told["exchanges"] = [render_exchange(exchange) for exchange in run.exchanges]
    return {"check": check.id, **told}
