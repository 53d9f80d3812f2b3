"""`probe` and `check-config` as a person uses them: what they print and the exit code they end with."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.vendor import vendor
from tests.fakes.server import FakeServer
from tests.parts.daemon import command, environment
from tests.parts.process import Running, running
from tests.parts.programs import ROOT

SHOP = """
providers:
  shop: {{preset: openai-compatible, base_url: "{url}/v1", api_key: {{env: SHOP_KEY}}}}
models:
  - {{model: good, provider: shop}}
  - {{model: broken, provider: shop}}
"""


async def ended(folder: Path, *words: str, **variables: str) -> tuple[int, Running]:
    """The exit code of a command that has come to its end, and what it wrote."""
    async with running(command(*words), folder, environment(**variables)) as process:
        return await process.exit_code(), process


@pytest.mark.parametrize(
    ("target", "code", "said"),
    [
        pytest.param("shop/good", 0, ("shop/good/chat: ok", "first_token", "20 in, 4 out"), id="a model that answers"),
        pytest.param("shop/good/chat", 0, ("shop/good/chat: ok",), id="a check by its whole id"),
        pytest.param("shop//models", 0, ("shop//models: ok", "models listed"), id="a provider's list"),
        pytest.param("shop/broken", 1, ("server_error", "HTTP 500", "fault: provider"), id="a model that does not"),
    ],
)
async def test_probe_shows_one_run(tmp_path: Path, target: str, code: int, said: tuple[str, ...]) -> None:
    async with FakeServer(vendor) as server:
        (tmp_path / "exporter.yml").write_text(SHOP.format(url=server.url))
        words = ("probe", target, "--config", "exporter.yml")
        found, process = await ended(tmp_path, *words, SHOP_KEY="key-of-the-shop")
        asked = len(server.requests)
    assert found == code, process.stderr
    assert [each for each in said if each not in process.stdout] == []
    assert asked == 1, "one run, no retry"


@pytest.mark.parametrize(("target", "code", "reason"), [("shop/good", 0, "ok"), ("shop/broken", 1, "server_error")])
async def test_probe_for_machines(tmp_path: Path, target: str, code: int, reason: str) -> None:
    async with FakeServer(vendor) as server:
        (tmp_path / "exporter.yml").write_text(SHOP.format(url=server.url))
        words = ("probe", target, "--config", "exporter.yml", "--output", "json")
        found, process = await ended(tmp_path, *words, SHOP_KEY="key-of-the-shop")
    assert found == code, process.stderr
    assert f'"{reason}"' in json.dumps(json.loads(process.stdout))


async def planned(folder: Path, *words: str, **variables: str) -> tuple[set[str], dict[str, Any]]:
    """What check-config says would run: the ids of the checks, and the whole answer."""
    code, process = await ended(folder, "check-config", "--output", "json", *words, **variables)
    assert code == 0, process.stderr
    plan = json.loads(process.stdout)
    return {check["id"] for check in plan["checks"]}, plan


async def test_keys_in_the_environment_are_enough(tmp_path: Path) -> None:
    keys = {"OPENAI_API_KEY": "key-of-openai", "HOLYSHEEP_API_KEY": "key-of-holysheep"}
    checks, plan = await planned(tmp_path, **keys)
    assert checks == {"openai//models", "holysheep//models"}
    assert [(row["provider"], row["max"]) for row in plan["discover"]] == [("openai", 1), ("holysheep", 1)]
    assert any("OPENAI_API_KEY" in notice for notice in plan["notices"])


async def test_free_only_leaves_out_what_costs(tmp_path: Path) -> None:
    checks, plan = await planned(tmp_path, OPENAI_API_KEY="key-of-openai", AI_API_EXPORTER_FREE_ONLY="1")
    assert checks == {"openai//models"}
    assert plan["totals"]["paid_checks"] == 0


async def test_with_a_file_the_environment_adds_no_provider(tmp_path: Path) -> None:
    (tmp_path / "exporter.yml").write_text(SHOP.format(url="http://127.0.0.1:9"))
    keys = {"OPENAI_API_KEY": "key-of-openai", "SHOP_KEY": "key-of-the-shop"}
    by_flag, _ = await planned(tmp_path, "--config", "exporter.yml", **keys)
    by_variable, _ = await planned(tmp_path, AI_API_EXPORTER_CONFIG="exporter.yml", **keys)
    assert by_flag == by_variable == {"shop//models", "shop/good/chat", "shop/broken/chat"}


async def test_the_version_is_that_of_the_package(tmp_path: Path) -> None:
    code, process = await ended(tmp_path, "--version")
    version = (ROOT / "exporter/__init__.py").read_text().split('__version__ = "')[1].split('"')[0]
    assert (code, process.stdout) == (0, f"ai-api-exporter {version}\n")
