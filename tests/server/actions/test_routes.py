"""The door as a whole: which paths it adds, and that a reload is seen behind them."""

import json

from exporter.core.plan import Plan
from exporter.run.on_demand import OnDemandRuns
from exporter.server.actions.routes import make_action_routes
from tests.metrics.make import check
from tests.parts.programs import ROOT
from tests.server.door import ANYBODY, Runs, reloaded, world_with
from tests.server.running import World, app_of, serving


async def test_what_is_configured_now_is_what_is_told_and_run() -> None:
    plan = Plan(source="test", providers=(), checks=(check(),))
    on_demand = OnDemandRuns(Runs())
    world = World(routes=make_action_routes(on_demand=on_demand, plan=lambda: plan, reload=reloaded, access=ANYBODY))
    async with serving(world) as session:
        plan = Plan(source="test", providers=(), checks=(check("o3", labels={"team": "a"}),), label_keys=("team",))
        on_demand.set_checks(plan.checks)
        async with session.get("/sd") as response:
            (group,) = json.loads(await response.read())
        async with session.get("/probe?target=openai/o3") as response:
            assert 'team="a"' in await response.text()
        async with session.get("/probe?target=openai/gpt-4o") as response:
            assert response.status == 404
    assert group["labels"]["instance"] == "openai/o3/chat"


async def test_reload_is_a_post() -> None:
    async with serving(world_with([check()], Runs())) as session:
        async with session.post("/-/reload") as response:
            assert (response.status, await response.text()) == (200, "configuration reloaded: 3 checks\n")
        async with session.get("/-/reload") as response:
            assert response.status == 405


def test_every_path_is_documented() -> None:
    app = app_of(world_with([check()], Runs()))
    paths = {route.resource.canonical for route in app.router.routes() if route.resource is not None}
    documented = (ROOT / "docs/http.md").read_text()
    assert paths
    assert [path for path in sorted(paths) if f"`{path}" not in documented and f" {path}`" not in documented] == []
