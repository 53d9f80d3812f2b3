"""One run outside the daemon: it asks once, tells all, and shows no secret."""

from pathlib import Path

from exporter.commands.once import run_once
from exporter.config.load import load_plan
from exporter.config.settings import load_settings
from exporter.core.outcome import Reason
from exporter.dialects import DIALECTS
from exporter.probes import PROBES
from exporter.run.admission import FreeAdmission
from tests.fakes.script import Received, Script, reply
from tests.fakes.server import FakeServer

KEY = "key-of-the-shop"


def tells_the_key(request: Received) -> Script:
    """A vendor that says the key again."""
    return reply(f'{{"error": {{"message": "bad key {request.headers["authorization"]}"}}}}'.encode(), 401)


async def test_a_run_is_told_whole_and_without_secrets(tmp_path: Path) -> None:
    async with FakeServer(tells_the_key) as server:
        config = tmp_path / "exporter.yml"
        config.write_text(
            f"providers:\n  shop: {{preset: openai-compatible, base_url: '{server.url}/v1', api_key: {{env: KEY}}}}\n"
        )
        plan = load_plan(config, {"KEY": KEY}, PROBES, DIALECTS)
        run = await run_once(plan, plan.checks[0], load_settings({}), FreeAdmission())
        asked = len(server.requests)

    assert asked == 1
    assert run.outcome.reason is Reason.AUTH
    assert [exchange.status for exchange in run.exchanges] == [401]
    assert "bad key" in run.outcome.detail
    assert KEY not in repr(run)
