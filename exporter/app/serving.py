"""The HTTP server of a daemon: its routes, its access rules, and what its pages show besides the status cache."""

from collections.abc import Callable

from exporter.app.parts import Parts, Process
from exporter.config.reload import Reloader
from exporter.config.settings import Settings
from exporter.core.clock import Clock
from exporter.core.plan import Plan
from exporter.money.amount import to_dollars
from exporter.server import (
    Listen,
    Notice,
    PageSources,
    Server,
    build_app,
    list_notices,
    make_action_routes,
    make_report_routes,
)
from exporter.server.access.guard import AccessGuard, is_loopback_host
from exporter.server.web_config.current import CurrentWebConfig


def build_server(
    settings: Settings,
    process: Process,
    parts: Parts,
    web: CurrentWebConfig,
    reloader: Reloader,
    *,
    plan: Callable[[], Plan],
    is_ready: Callable[[], bool],
) -> Server:
    """Build the server; it does not listen yet. `plan` returns the plan that runs."""
    access = AccessGuard(
        lambda: web.config,
        process.clock,
        loopback=is_loopback_host(settings.listen.host),
        enable_actions=settings.web_enable_actions,
        read_only=settings.read_only,
    )
    app = build_app(
        metrics=parts.metrics,
        own=process.own,
        board=parts.status_cache,
        clock=process.clock,
        ready=is_ready,
        routes=(
            *make_action_routes(on_demand=parts.on_demand, plan=plan, reload=reloader.reload, access=access),
            *make_report_routes(parts.accounting.report),
        ),
        guard=access.protect,
        sources=_make_page_sources(process.clock, access, parts, reloader),
    )
    return Server(app, Listen(settings.listen.host or None, settings.listen.port), tls=web.tls)


def _make_page_sources(clock: Clock, access: AccessGuard, parts: Parts, reloader: Reloader) -> PageSources:
    return PageSources(
        costs=lambda: parts.status_cache.costs(clock.wall()),
        notices=lambda: _list_notices(parts, reloader),
        exchange=parts.failed_exchanges.last_failed_run,
        may_see_exchanges=lambda request: access.explain_withheld(request) is None,
    )


def _list_notices(parts: Parts, reloader: Reloader) -> tuple[Notice, ...]:
    """Return the exporter's own current troubles, for the pages."""
    spending = parts.accounting.admission.report_spending()
    return list_notices(
        reload_problems=reloader.last.problems if reloader.last else (),
        network_up=parts.network.is_up(),
        budgets={budget: (to_dollars(most), to_dollars(spent)) for budget, (most, spent) in spending.items()},
    )
