"""A day lived through in a moment: a board with what 24 hours of probing leave behind, and a gateway that just broke.

The same every time, so that pictures of it can be compared.
"""

import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

from exporter.core.health_state import Health
from exporter.core.outcome import Fault, Limit, Outcome, Phase, Reason, Timing, Tokens
from exporter.core.plan import Buckets
from exporter.core.sink import Observation
from exporter.core.target import Check, Kind, Provider
from exporter.demo.catalog import OFFERS
from exporter.health.states import advance_health, grade_run
from exporter.metrics import ExporterMetrics, Metrics
from exporter.results.status_cache import StatusCache
from exporter.server import Listen, Server, build_app
from exporter.server.sources import Notice, PageSources
from tests.metrics.make import NoKey, StoppedClock, check

NOW = 1_795_403_220.0
"""A Monday night at 03:07 UTC."""

DAY = 86_400
BROKE = NOW - 260
KINDS = {"holysheep": Kind.GATEWAY, "expiring-tls": Kind.SELF_HOSTED}


def checks(models: int | None = None) -> Iterator[Check]:
    """The routes of the demo, `chat` and `canary` of each; or so many made-up models with two routes each."""
    if models is None:
        for offer in OFFERS:
            for name in offer.models:
                yield from _of(offer.name, name)
        return
    for number in range(models):
        for route in ("holysheep", "openai"):
            yield from _of(route, f"model-{number:03}")


def _of(route: str, model: str) -> Iterator[Check]:
    provider = Provider(
        name=route,
        preset=route,
        kind=KINDS.get(route, Kind.DIRECT),
        dialects=("openai-chat",),
        base_url="https://vendor.example/v1",
        credential=NoKey(),
    )
    for probe, required in (("chat", True), ("canary", False)):
        yield replace(check(model, probe, at=provider, required=required, alias=model), interval=60.0)


def lived(of: Check, seconds: float = DAY) -> Iterator[Outcome]:
    """What the check met in so many seconds before `NOW`, oldest first."""
    name = of.target.provider.name
    chance = random.Random(of.id)
    usual = 0.25 + (sum(map(ord, of.target.model)) % 50) / 100 + (0.06 if name == "holysheep" else 0)
    begin = NOW - seconds + chance.random() * of.interval
    for step in range(int(seconds // of.interval)):
        at = begin + step * of.interval
        if name == "holysheep" and at > BROKE:
            yield _failed(at, Reason.SERVER_ERROR, "an HTML page: 502 Bad Gateway", 502, Fault.GATEWAY)
        elif of.target.model == "claude-sonnet-4" and name == "anthropic" and 0.55 < (at - begin) / DAY < 0.57:
            yield _failed(at, Reason.OVERLOADED, "overloaded_error: Overloaded", 529, Fault.PROVIDER)
        elif name == "expiring-tls" and at > NOW - 4000:
            yield _failed(at, Reason.AUTH, "Incorrect API key provided: ***", 401, Fault.US)
        else:
            yield _answered(
                at, usual * (1 + chance.gauss(0, 0.12) ** 2 + 0.25 * chance.random()), chance.random(), name
            )


def board(models: int | None = None) -> StatusCache:
    """The board after that day."""
    made = StatusCache()
    for each in checks(models):
        made.add_check(each)
        health = Health()
        for outcome in lived(each, DAY if models is None else 300):
            after = advance_health(health, grade_run(each, outcome), each.health, outcome.started_at)
            made.record_run(Observation(check=each, outcome=outcome, before=health, after=after, model_health=None))
            health = after
    return made


@asynccontextmanager
async def serving_day(shown: StatusCache, notices: tuple[Notice, ...] = ()) -> AsyncIterator[str]:
    """The address of a server that shows the day; its clock stands at `NOW`."""
    clock = StoppedClock(now=NOW)
    app = build_app(
        metrics=Metrics(Buckets(), (), clock),
        own=ExporterMetrics(),
        board=shown,
        clock=clock,
        ready=lambda: True,
        sources=PageSources(costs=lambda: shown.costs(NOW), notices=lambda: notices),
    )
    server = Server(app, Listen("127.0.0.1", 0))
    await server.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        await server.stop()


def _answered(at: float, first_token: float, drawn: float, name: str) -> Outcome:
    phases = {
        Phase.RESOLVE: 0.004,
        Phase.CONNECT: 0.012,
        Phase.TLS: 0.021,
        Phase.SEND: 0.001,
        Phase.WAIT: 0.4 * first_token,
        Phase.FIRST_TOKEN: 0.6 * first_token,
        Phase.GENERATE: 0.2 + 0.15 * drawn,
        Phase.FINISH: 0.004,
    }
    limits = (Limit(resource="requests", window="minute", limit=500, remaining=500 - int(80 * drawn)),)
    return Outcome(
        reason=Reason.OK,
        started_at=at,
        timing=Timing(duration=sum(phases.values()), phases=phases, first_token=first_token),
        http_status=200,
        tokens=Tokens(input=21, output=17),
        limits=limits if name in ("openai", "anthropic") else (),
        cost_nano_usd=int(13_350 * (0.9 + 0.2 * drawn)),
        clock_source="kernel",
    )


def _failed(at: float, reason: Reason, detail: str, status: int, fault: Fault) -> Outcome:
    phases = {Phase.RESOLVE: 0.004, Phase.CONNECT: 0.012, Phase.TLS: 0.02, Phase.SEND: 0.001, Phase.WAIT: 0.05}
    timing = Timing(duration=sum(phases.values()), phases=phases)
    return Outcome(
        reason=reason,
        started_at=at,
        timing=timing,
        http_status=status,
        detail=detail,
        fault=fault,
        clock_source="kernel",
    )
