"""`/probe?target=provider/model&probe=chat`: one run now, and its last-run metrics alone, as blackbox exporters answer.

The status is 200 whether the run succeeded or not: `ai_api_probe_success` tells. Prometheus says in a header how long
it will wait; the run ends before that.
"""

from collections.abc import Callable, Iterable
from math import isfinite

from aiohttp import hdrs, web

from exporter.core.errors import UsageError
from exporter.core.target import Check
from exporter.metrics.one_run import render_one_run
from exporter.run.admission import NotAdmittedError
from exporter.run.on_demand import OnDemandRuns, StillRunningError
from exporter.server.actions.probe_log import render_log
from exporter.server.negotiation import CONTENT_TYPE, wants_openmetrics

SCRAPE_TIMEOUT = "X-Prometheus-Scrape-Timeout-Seconds"

OFFSET = 0.5
"""Seconds before the end of a scrape at which the run ends, so that the answer still arrives; at most half of it."""

TURN = 30.0
"""Seconds that a run may wait for its turn where the one who asks does not say how long they wait."""


class ProbeAction:
    """Answers requests for a run; `keys` tells the user labels that every check carries."""

    def __init__(self, on_demand: OnDemandRuns, keys: Callable[[], Iterable[str]]) -> None:
        self._on_demand = on_demand
        self._keys = keys

    async def answer(self, request: web.Request) -> web.Response:
        """Answer with the metrics of one run, or with `debug=true` with its log."""
        try:
            check, seconds, debug = self._read_query(request)
            run = await self._on_demand.run(check, seconds)
        except _BadQueryError as problem:
            return _refuse(400, problem)
        except UsageError as problem:
            return _refuse(404, problem)
        except NotAdmittedError as problem:
            return _refuse(429, problem)
        except StillRunningError as problem:
            return _refuse(503, problem)
        openmetrics = not debug and wants_openmetrics(",".join(request.headers.getall(hdrs.ACCEPT, [])))
        told = render_one_run(check, run.outcome, self._keys(), openmetrics=openmetrics)
        if debug:
            return web.Response(text=render_log(check, run, told.decode()), content_type="text/plain")
        headers = {hdrs.CONTENT_TYPE: CONTENT_TYPE[openmetrics], hdrs.VARY: hdrs.ACCEPT}
        return web.Response(body=told, headers=headers)

    def _read_query(self, request: web.Request) -> tuple[Check, float, bool]:
        query = request.query
        strange = sorted(set(query) - {"target", "probe", "debug"})
        if strange or any(len(query.getall(name)) > 1 for name in query):
            raise _BadQueryError("write target, probe and debug, each once: /probe?target=provider/model&probe=chat")
        if not query.get("target"):
            raise _BadQueryError("the target is missing; write /probe?target=provider/model&probe=chat")
        debug = query.get("debug", "false").lower()
        if debug not in ("true", "false"):
            raise _BadQueryError("debug is neither true nor false")
        check = self._on_demand.find(query["target"], query.get("probe"))
        waits = request.headers.get(SCRAPE_TIMEOUT)
        return check, check.deadlines.total + TURN if waits is None else read_scrape_timeout(waits), debug == "true"


class _BadQueryError(UsageError):
    """The query cannot be understood."""


def read_scrape_timeout(header: str) -> float:
    """Read the seconds that a run may take for a client that waits as long as the header says."""
    try:
        seconds = float(header)
    except ValueError:
        seconds = 0.0
    if not isfinite(seconds) or seconds <= 0:
        raise _BadQueryError(f"{SCRAPE_TIMEOUT} is not a number of seconds")
    return seconds - min(OFFSET, seconds / 2)


def _refuse(status: int, problem: Exception) -> web.Response:
    return web.Response(status=status, text=f"{problem}\n")
