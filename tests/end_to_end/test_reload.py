"""Two hundred reloads under load, half of them of a file that cannot be used: nothing is lost, doubled or leaked."""

import json
import time
from collections import Counter
from pathlib import Path

from tests.end_to_end.vendor import vendor
from tests.fakes.server import FakeServer
from tests.parts.daemon import Daemon, Metrics, running_daemon
from tests.parts.waiting import eventually

RELOADS = 200
SETTLED = 50
LOOK_EVERY = 5
STAYING = [f"stay-{number}" for number in range(20)]
CHECKS = len(STAYING) + 1


def configuration(server: FakeServer, *extra: str) -> str:
    rows = [f"  - {{model: {model}, provider: shop}}" for model in (*STAYING, *extra)]
    shop = f'  shop: {{preset: openai-compatible, base_url: "{server.url}/v1", api_key: {{env: SHOP_KEY}}}}'
    return "\n".join(["interval: 1s", "probes: [chat]", "providers:", shop, "models:", *rows, ""])


def runs(seen: Metrics) -> dict[str, float]:
    """How often each staying check was run, or left out because its last run was still under way."""
    found: Counter[str] = Counter()
    for name in ("ai_api_requests_total", "ai_api_probes_skipped_total"):
        for sample in seen.samples(name, probe="chat"):
            if sample.labels["model"] in STAYING:
                found[sample.labels["model"]] += int(sample.value)
    return dict(found)


async def reload(daemon: Daemon) -> tuple[int, str]:
    async with daemon.session.post(f"{daemon.url}/-/reload") as answer:
        return answer.status, await answer.text()


async def all_running(daemon: Daemon) -> Metrics | None:
    seen = await daemon.scrape()
    counted = runs(seen)
    return seen if len(counted) == len(STAYING) and min(counted.values()) > 0 else None


async def test_reloads_lose_nothing(tmp_path: Path) -> None:
    config = tmp_path / "exporter.yml"
    async with FakeServer(vendor) as server:
        config.write_text(configuration(server))
        words = ("run", "--config", config)
        async with running_daemon(tmp_path / "daemon", *words, variables={"SHOP_KEY": "key-of-the-shop"}) as daemon:
            first = await eventually(lambda: all_running(daemon), "each check has run")
            began, before = time.monotonic(), runs(first)
            resident: dict[int, float] = {}
            for number in range(1, RELOADS + 1):
                if number % 2:
                    config.write_text("models: nonsense\nbudget: []\n")
                    status, text = await reload(daemon)
                    assert (status, text.count("exporter.yml:")) == (500, 3), text
                else:
                    config.write_text(configuration(server, f"guest-{number % 7}"))
                    assert (await reload(daemon))[0] == 200
                if number % LOOK_EVERY == 0:
                    seen = await daemon.scrape()
                    after = runs(seen)
                    assert after.keys() == before.keys()
                    assert all(after[model] >= before[model] for model in STAYING)
                    before = after
                    resident[number] = seen.value("process_resident_memory_bytes") or 0
            seconds = time.monotonic() - began

            async def nothing_doubled() -> bool:
                """What was counted is what the vendor was asked, run by run."""
                counted = await daemon.scrape()
                asked = Counter(model_of(request.body) for request in server.requests)
                return all(
                    asked[model] == sum(each.value for each in counted.samples("ai_api_requests_total", model=model))
                    for model in STAYING
                )

            await eventually(nothing_doubled, "as many runs as requests")
    # One run a second each, whatever was reloaded: not more, but for both ends; fewer only where the machine is busy.
    ran = {model: before[model] - runs(first)[model] for model in STAYING}
    assert {model: count for model, count in ran.items() if not seconds / 2 <= count <= seconds + 3} == {}
    assert resident[RELOADS] <= 1.05 * resident[SETTLED]


def model_of(body: bytes) -> str:
    """The model that a request asks for, "" where it asks for none."""
    return str(json.loads(body)["model"]) if body else ""
