"""The daemon is told to end while much is under way."""

from pathlib import Path
from signal import SIGINT, SIGTERM, Signals

import pytest

from tests.end_to_end.vendor import vendor
from tests.fakes.server import FakeServer
from tests.parts.daemon import running_daemon
from tests.parts.waiting import eventually

NOISE = ("Task was destroyed", "never retrieved", "never awaited", "Traceback", "ResourceWarning", "Unclosed")


def configuration(server: FakeServer, models: int) -> str:
    """Half of the models answer at once, again and again; the other half does not come to an end while a test waits."""
    shops, rows = [], []
    for number in range(models):
        base, model = f"{server.url}/{number}/v1", "slow" if number % 2 else "good"
        shops.append(f'  shop-{number}: {{preset: openai-compatible, base_url: "{base}", api_key: {{env: SHOP_KEY}}}}')
        rows.append(f"  - {{model: {model}, provider: shop-{number}}}")
    return "\n".join(
        ["interval: 1s", "timeout: 5m", "first_token_timeout: 5m", "providers:", *shops, "models:", *rows, ""]
    )


@pytest.mark.parametrize("signal", [SIGTERM, SIGINT])
async def test_it_waits_for_nobody_and_leaves_no_noise(tmp_path: Path, signal: Signals) -> None:
    async with FakeServer(vendor) as server:
        (tmp_path / "exporter.yml").write_text(configuration(server, 20))
        variables = {"SHOP_KEY": "key-of-the-shop", "PYTHONWARNINGS": "always"}
        words = ("run", "--config", tmp_path / "exporter.yml")
        async with running_daemon(tmp_path / "daemon", *words, variables=variables) as daemon:

            async def loaded() -> bool:
                seen = await daemon.scrape()
                hanging = sum(each.value for each in seen.samples("ai_api_active_requests"))
                answered = sum(each.value for each in seen.samples("ai_api_requests_total", status="success"))
                return hanging >= 10 and answered >= 20

            await eventually(loaded, "ten runs under way and twenty done")
            assert await daemon.process.stop(signal) == 0
            said = daemon.process.stdout + daemon.process.stderr
    assert [noise for noise in NOISE if noise in said] == []
