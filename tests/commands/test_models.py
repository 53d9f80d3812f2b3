"""`models PROVIDER`: the list with what is known of each model, for people and for machines."""

import json
from pathlib import Path

import pytest

from exporter.commands.models import list_models
from exporter.config.settings import Settings, load_settings
from exporter.core.errors import UsageError
from tests.fakes.script import Received, Script, reply
from tests.fakes.server import FakeServer

KEY = {"SHOP_KEY": "key-of-the-shop"}
LIST = {
    "object": "list",
    "data": [
        {"id": "ours", "object": "model"},
        {"id": "old", "object": "model", "deprecation": "2026-12-24T00:00:00Z"},
        {"id": " files", "object": "model"},
    ],
}
SHOP = """
providers:
  shop: {{preset: openai-compatible, kind: direct, base_url: "{url}/v1", api_key: {{env: SHOP_KEY}}{more}}}
models:
  - {{model: ours, provider: shop, price: {{input: 0.25, output: 2}}}}
"""


def a_list(_: Received) -> Script:
    return reply(json.dumps(LIST).encode())


def no_key(_: Received) -> Script:
    return reply(b'{"error": {"message": "Incorrect API key provided"}}', 401)


def settings(folder: Path, server: FakeServer, more: str = "") -> Settings:
    (folder / "exporter.yml").write_text(SHOP.format(url=server.url, more=more))
    return load_settings({}, config=folder / "exporter.yml")


async def test_the_list_for_machines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with FakeServer(a_list) as server:
        assert await list_models(settings(tmp_path, server), KEY, "shop", "json") == 0
        assert len(server.requests) == 1
    told = json.loads(capsys.readouterr().out)

    assert told["provider"] == "shop"
    rows = {row.pop("model"): row for row in told["models"]}
    assert rows["ours"] == {
        "configured": True,
        "lifecycle": None,
        "retires_at": None,
        "usd_per_million_input_tokens": 0.25,
        "usd_per_million_output_tokens": 2.0,
        "unusable": None,
    }
    assert rows["old"]["retires_at"] == 1798070400.0
    assert rows["old"]["usd_per_million_input_tokens"] is None
    assert "space at its ends" in rows[" files"]["unusable"]


async def test_the_list_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with FakeServer(a_list) as server:
        assert await list_models(settings(tmp_path, server), KEY, "shop", "table") == 0
    lines = [line.split("│") for line in capsys.readouterr().out.splitlines() if line.startswith("│")]

    assert [[cell.strip() for cell in line[1:-1]] for line in lines] == [
        ["ours", "yes", "", "", "0.25", "2"],
        ["old", "", "", "2026-12-24", "", ""],
        ["files", "", "", "", "", ""],
    ]


async def test_no_list_is_a_failure_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with FakeServer(no_key) as server:
        assert await list_models(settings(tmp_path, server), KEY, "shop", "json") == 1
    told = capsys.readouterr()

    assert told.out == ""
    assert "shop//models: auth, HTTP 401, fault: us" in told.err
    assert KEY["SHOP_KEY"] not in told.err


@pytest.mark.parametrize(
    ("provider", "more", "said"),
    [
        pytest.param("shp", "", "no provider is called 'shp'; configured are: shop", id="not configured"),
        pytest.param("shop", ", probes: [{probe: models, enabled: false}]", "is not asked for its list", id="no list"),
    ],
)
async def test_what_cannot_be_asked(tmp_path: Path, provider: str, more: str, said: str) -> None:
    async with FakeServer(a_list) as server:
        with pytest.raises(UsageError, match=said):
            await list_models(settings(tmp_path, server, more), KEY, provider, "table")
        assert server.requests == []
