"""What a person gets wrong costs one clear sentence and exit code 2, never a traceback."""

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parts.daemon import command, environment
from tests.parts.process import running

SHOP = "providers:\n  shop: {preset: openai-compatible, base_url: 'http://127.0.0.1:9/v1', api_key: {env: SHOP_KEY}}\n"
MODEL = "models:\n  - {model: good, provider: shop}\n"
GOOD = SHOP + MODEL


def row(name: str, text: str, *said: str) -> object:
    """One bad configuration and what the sentence about it has to name."""
    return pytest.param(text, said, id=name)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        row("empty file", "", "exporter.yml"),
        row("not YAML", "providers: [", "exporter.yml"),
        row("not a mapping", "- a\n- b\n", "exporter.yml"),
        row("unknown key", f"intervall: 30s\n{GOOD}", "exporter.yml:1", "intervall", "interval"),
        row("bare number", f"interval: 30\n{GOOD}", "exporter.yml:1", "interval", "30s"),
        row(
            "no such provider",
            f"{SHOP}models:\n  - {{model: good, provider: shoop}}\n",
            "exporter.yml:4",
            "shoop",
            "shop",
        ),
        row("model without provider", f"{SHOP}models:\n  - {{model: good}}\n", "exporter.yml:4", "provider"),
        row("no such probe", f"{SHOP}models:\n  - {{model: good, provider: shop, probes: [chatt]}}\n", "chatt", "chat"),
        row("the same check twice", f"{GOOD}  - {{model: good, provider: shop}}\n", "exporter.yml:5", "shop/good/chat"),
        row("not a URL", GOOD.replace("http://127.0.0.1:9/v1", "nowhere"), "exporter.yml:2", "base_url"),
        row("no such variable", GOOD.replace("SHOP_KEY", "NO_SUCH_KEY"), "exporter.yml:2", "NO_SUCH_KEY"),
        row(
            "no such key file",
            GOOD.replace("{env: SHOP_KEY}", "{file: no-such-file}"),
            "exporter.yml:2",
            "key file cannot be read",
        ),
        row("undefined ${VAR}", GOOD.replace("http://127.0.0.1:9", "${NO_SUCH_HOST}"), "NO_SUCH_HOST"),
    ],
)
async def test_a_bad_configuration(tmp_path: Path, text: str, said: tuple[str, ...]) -> None:
    (tmp_path / "exporter.yml").write_text(text)
    sentence = await refusal(tmp_path, "run", "--config", "exporter.yml", "--listen", "127.0.0.1:0")
    assert [word for word in said if word not in sentence] == []


async def refusal(folder: Path, *words: str, **variables: str) -> str:
    """The one line that the command writes before it ends with exit code 2."""
    async with running(command(*words), folder, environment(SHOP_KEY="key-of-the-shop", **variables)) as process:
        assert await process.exit_code() == 2, process.stderr
        assert process.stdout == ""
        assert process.stderr.count("\n") == 1, process.stderr
        return process.stderr


async def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "exporter.yml").write_text(
        f"intervall: 30s\ntimeout: soon\n{SHOP.replace('SHOP_KEY', 'NO_SUCH_KEY')}{MODEL}"
    )
    async with running(command("check-config", "--config", "exporter.yml"), tmp_path, environment()) as process:
        assert await process.exit_code() == 2
        lines = process.stderr.splitlines()
    assert [line.split(": ")[0] for line in lines] == ["exporter.yml:1", "exporter.yml:2", "exporter.yml:4"]


async def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "no-such.yml" in await refusal(tmp_path, "run", "--config", "no-such.yml")


async def test_a_folder_instead_of_a_file(tmp_path: Path) -> None:
    assert str(tmp_path) in await refusal(tmp_path, "run", "--config", str(tmp_path))


async def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "exporter.yml").write_bytes(b"\xff\xfe\x00providers")
    assert "exporter.yml" in await refusal(tmp_path, "run", "--config", "exporter.yml")


async def test_nothing_to_do(tmp_path: Path) -> None:
    """No file and no key in the environment: it says how to begin."""
    sentence = await refusal(tmp_path, "run")
    assert "--config" in sentence
    assert "OPENAI_API_KEY" in sentence


@contextlib.contextmanager
def taken_port() -> Iterator[int]:
    """A port that somebody else listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


@pytest.mark.parametrize("name", ["run", "demo"])
async def test_a_port_in_use(tmp_path: Path, name: str) -> None:
    (tmp_path / "exporter.yml").write_text(GOOD)
    config = ("--config", "exporter.yml") if name == "run" else ()
    with taken_port() as port:
        async with running(
            command(name, *config, "--listen", f"127.0.0.1:{port}"), tmp_path, environment(SHOP_KEY="key-of-the-shop")
        ) as process:
            assert await process.exit_code() == 2, process.stderr
            last = process.stderr.splitlines()[-1]
    assert f"127.0.0.1:{port}" in last
    assert "in use" in last
    assert "Traceback" not in process.stderr


@pytest.mark.parametrize("listen", ["nonsense", "127.0.0.1:99999", "127.0.0.1:http"])
async def test_an_address_that_is_none(tmp_path: Path, listen: str) -> None:
    (tmp_path / "exporter.yml").write_text(GOOD)
    assert listen in await refusal(tmp_path, "run", "--config", "exporter.yml", "--listen", listen)


async def test_a_target_that_is_not_configured(tmp_path: Path) -> None:
    (tmp_path / "exporter.yml").write_text(GOOD)
    sentence = await refusal(tmp_path, "probe", "shop/bad", "--config", "exporter.yml")
    assert "shop/bad" in sentence
    assert "shop/good" in sentence
