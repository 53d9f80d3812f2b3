"""`/sd`: the checks as targets for Prometheus's HTTP service discovery, to be scraped at `/probe`.

`instance` is the check's id, as all targets have this exporter's address. What else is known of a check stands in
`__meta_ai_api_*` labels, to be used in relabelling: the metrics themselves carry provider, model and probe.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

import orjson
from aiohttp import web

from exporter.core.target import Check
from exporter.run.on_demand import query_target
from exporter.server.actions.probe import OFFSET

_HOST = re.compile(r"([A-Za-z0-9]([A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")
"""A host name, an IPv4 address or an IPv6 address in brackets, with or without a port."""


class ServiceDiscovery:
    """Answers `/sd` with the checks of now."""

    def __init__(self, checks: Callable[[], Iterable[Check]]) -> None:
        self._checks = checks

    async def answer(self, request: web.Request) -> web.Response:
        """Answer with one target group per check; the address is the one that Prometheus used to get here."""
        if not _HOST.fullmatch(request.host):
            return web.Response(status=400, text="the Host header names no address that a target could have\n")
        groups = [make_target_group(check, request.host, request.scheme) for check in self._checks()]
        return web.Response(body=orjson.dumps(groups), content_type="application/json")


def make_target_group(check: Check, address: str, scheme: str) -> dict[str, Any]:
    """Make the target group of one check. Labels that begin with two underscores steer the scrape."""
    target = check.target
    labels = {
        "__scheme__": scheme,
        "__metrics_path__": "/probe",
        "__param_target": query_target(check),
        "__param_probe": check.probe,
        "__scrape_interval__": format_prometheus_duration(check.interval),
        "__scrape_timeout__": format_prometheus_duration(min(check.interval, check.deadlines.total + 2 * OFFSET)),
        "instance": check.id,
        "__meta_ai_api_provider": target.provider.name,
        "__meta_ai_api_model": target.model,
        "__meta_ai_api_probe": check.probe,
        "__meta_ai_api_alias": target.alias or target.model,
        "__meta_ai_api_kind": target.provider.kind,
        "__meta_ai_api_required": "true" if check.required else "false",
        "__meta_ai_api_paid": "true" if check.paid else "false",
    }
    return {"targets": [address], "labels": labels | {f"__meta_ai_api_label_{k}": v for k, v in check.labels.items()}}


def format_prometheus_duration(seconds: float) -> str:
    """Format a length of time for Prometheus: in milliseconds, as it takes no fractions."""
    return f"{max(1, round(seconds * 1000))}ms"
