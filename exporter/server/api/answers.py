"""The JSON API, read-only: status, checks and report as the pages show them. `/api/v1/openapi.json` describes it."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from typing import Any

from aiohttp import web
from pydantic_core import to_json

from exporter.core.clock import Clock
from exporter.core.outcome import Outcome
from exporter.results.diagnosis import Known, explain_state
from exporter.results.history import Column, Past, Run, Series
from exporter.results.status_cache import Entry, StatusCache
from exporter.server.api.models import (
    BriefRun,
    CheckDetail,
    CheckSent,
    Counts,
    ErrorSent,
    LimitSent,
    NoticeSent,
    ReportSent,
    RunSent,
    Slot,
    StatusSent,
    TokensSent,
)
from exporter.server.api.openapi import OPERATIONS, REPORT, make_document
from exporter.server.sources import Notice, PageSources
from exporter.server.status import count_states, find_overall_state, format_time

LONGEST = 31 * 86_400.0
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class ReportAnswer:
    """Answers with what `report(seconds)` says of the window that ends now."""

    def __init__(self, report: Callable[[float], Awaitable[dict[str, Any]]]) -> None:
        self._report = report

    async def answer(self, request: web.Request) -> web.Response:
        """Answer with the report, or 400 if the window is invalid."""
        found = re.fullmatch(r"([0-9]{1,6})([smhd])", request.query.get("window", "24h"))
        seconds = int(found[1]) * UNITS[found[2]] if found else 0
        if not 0 < seconds <= LONGEST:
            return web.Response(
                status=400, text="the window is not understood; write it like window=24h, at most 31d\n"
            )
        told = ReportSent.model_validate(await self._report(seconds))
        return web.Response(text=told.model_dump_json(), content_type="application/json")


def make_report_routes(report: Callable[[float], Awaitable[dict[str, Any]]]) -> Sequence[web.AbstractRouteDef]:
    """Make the routes; `report` makes the report of a window of that many seconds that ends now."""
    return [web.get("/api/v1/report", ReportAnswer(report).answer)]


EXAMPLES = 5
"""Ids that the description shows as examples."""


class Api:
    """Answers `/api/v1`: reads the board on the event loop, writes JSON on a thread of its own."""

    def __init__(self, board: StatusCache, clock: Clock, worker: Executor, sources: PageSources) -> None:
        self._board = board
        self._clock = clock
        self._worker = worker
        self._sources = sources

    def list_routes(self) -> Sequence[web.AbstractRouteDef]:
        """List the routes. Ids hold slashes, raw or percent-encoded."""
        return [
            web.get("/api/v1/status", self.show_status),
            web.get("/api/v1/checks/{id:.+}", self.show_check),
            web.get("/api/v1/openapi.json", self.show_openapi),
        ]

    async def show_status(self, _request: web.Request) -> web.Response:
        """Show all checks. The status is 200 whatever the vendors do: it is about this process."""
        known, now = self._board.overview(), self._clock.wall()
        costs, notices = self._sources.costs(), self._sources.notices()
        return await self._make_answer(lambda: make_status(known, now, costs, notices).model_dump_json())

    async def show_check(self, request: web.Request) -> web.Response:
        """Show one check with its history; 404 if none of that id is configured."""
        found = self._board.find(request.match_info["id"])
        if found is None:
            missing = ErrorSent(error="no check of this id is configured; /api/v1/status lists them")
            return await self._make_answer(missing.model_dump_json, status=404)
        now, costs = self._clock.wall(), self._sources.costs()
        return await self._make_answer(lambda: make_detail(*found, now, costs).model_dump_json())

    async def show_openapi(self, request: web.Request) -> web.Response:
        """Show the description of this API, with some of the checks as examples."""
        ids = [entry.check.id for entry in self._board.snapshot()[:EXAMPLES]]
        served = {resource.canonical for resource in request.app.router.resources()}
        operations = (*OPERATIONS, REPORT) if REPORT.path in served else OPERATIONS
        return await self._make_answer(lambda: to_json(make_document(ids, operations)).decode())

    async def _make_answer(self, made: Callable[[], str], status: int = 200) -> web.Response:
        text = await asyncio.get_running_loop().run_in_executor(self._worker, made)
        return web.Response(text=text, content_type="application/json", status=status)


def make_status(
    known: Sequence[Known], now: float, costs: Mapping[str, float], notices: Sequence[Notice]
) -> StatusSent:
    """Make the answer of `/api/v1/status`; `now` is Unix seconds."""
    entries = [entry for entry, _ in known]
    return StatusSent(
        status=find_overall_state(entries),
        as_of=format_time(now),
        counts=Counts(**{state.value: number for state, number in count_states(entries).items()}),
        notices=[NoticeSent(what=each.what, detail=each.detail) for each in notices],
        checks=[CheckSent(**_make_check(entry, past, now, costs)) for entry, past in known],
    )


def make_detail(entry: Entry, past: Past, now: float, costs: Mapping[str, float]) -> CheckDetail:
    """Make the answer of `/api/v1/checks/{id}`; `now` is Unix seconds."""
    return CheckDetail(
        **_make_check(entry, past, now, costs),
        recent=[_make_brief_run(run) for run in past.recent],
        failures=[_make_run(outcome) for outcome in past.failures],
        hour=list(_make_slots(past.hour, now)),
        day=list(_make_slots(past.day, now)),
    )


def _make_check(entry: Entry, past: Past, now: float, costs: Mapping[str, float]) -> dict[str, object]:
    check, health, why = entry.check, entry.health, explain_state(entry, past)
    return {
        "id": check.id,
        "provider": check.target.provider.name,
        "kind": check.target.provider.kind,
        "model": check.target.model,
        "alias": check.target.alias or check.target.model,
        "probe": check.probe,
        "required": check.required,
        "interval_seconds": check.interval,
        "effective_interval_seconds": entry.interval or check.interval,
        "state": health.state,
        "offered": health.offered,
        "since": format_time(health.since) if health.since else None,
        "why": why.words,
        "fault": why.fault,
        "last_run": None if entry.last is None else _make_run(entry.last),
        "last_skip": entry.last_skip,
        "running": entry.running,
        "availability_hour": compute_availability(past.hour, now),
        "availability_day": compute_availability(past.day, now),
        "cost_today_usd": costs.get(check.id),
    }


def compute_availability(series: Series, now: float) -> float | None:
    """Compute the share of runs that did not fail; None if none ran."""
    ran = sum(series.read_column(Column.RUNS, now))
    return 1 - sum(series.read_column(Column.HARD, now)) / ran if ran else None


def _make_run(outcome: Outcome) -> RunSent:
    timing, tokens = outcome.timing, outcome.tokens
    return RunSent(
        started_at=format_time(outcome.started_at),
        reason=outcome.reason,
        fault=outcome.blamed,
        detail=outcome.detail,
        code=outcome.code,
        http_status=outcome.http_status,
        duration_seconds=timing.duration,
        time_to_first_token_seconds=timing.first_token,
        time_to_first_answer_token_seconds=timing.first_answer,
        phases_seconds=dict(timing.phases),
        tokens=tokens
        and TokensSent(
            input=tokens.input, output=tokens.output, cached_input=tokens.cached_input, reasoning=tokens.reasoning
        ),
        flags=sorted(outcome.flags),
        served_model=outcome.served_model,
        request_id=outcome.request_id,
        canary_correct=outcome.canary_correct,
        limits=[
            LimitSent(
                resource=each.resource,
                window=each.window,
                limit=each.limit,
                remaining=each.remaining,
                reset_at=None if each.reset_at is None else format_time(each.reset_at),
            )
            for each in outcome.limits
        ],
    )


def _make_brief_run(run: Run) -> BriefRun:
    return BriefRun(
        started_at=format_time(run.started_at),
        reason=run.reason,
        fault=run.fault,
        grade=run.grade,
        duration_seconds=run.duration,
        time_to_first_token_seconds=run.first_token,
        phases_seconds=dict(run.phases),
    )


def _make_slots(series: Series, now: float) -> Iterator[Slot]:
    columns = {which: series.read_column(which, now) for which in Column}
    for index, begins in enumerate(series.list_starts(now)):
        cell = {which: column[index] for which, column in columns.items()}
        yield Slot(
            begins_at=format_time(begins),
            runs=int(cell[Column.RUNS]),
            fell_short=int(cell[Column.SOFT]),
            failed=int(cell[Column.HARD]),
            mean_duration_seconds=_compute_mean(cell[Column.SECONDS], cell[Column.TIMED]),
            mean_time_to_first_token_seconds=_compute_mean(cell[Column.TOKEN_SECONDS], cell[Column.TOKENS]),
        )


def _compute_mean(total: float, number: float) -> float | None:
    return total / number if number else None
