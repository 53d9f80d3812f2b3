"""How a command reaches an exporter behind TLS and a password."""

import asyncio
import ssl
import urllib.error
from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from exporter.commands.http_client import HttpClient
from exporter.core.errors import UsageError
from tests.fakes.certificates import Authority
from tests.fakes.script import reply
from tests.fakes.server import FakeServer

PASSWORD = "open sesame"


def written(folder: Path, config: object) -> Path:
    path = folder / "http.yml"
    path.write_text(config if isinstance(config, str) else yaml.safe_dump(config))
    return path


async def got(url: str, path: Path | None = None) -> str:
    return await asyncio.to_thread(lambda: HttpClient(path).get(url, 10))


async def test_a_page_is_got_as_it_is() -> None:
    async with FakeServer(reply("täglich".encode())) as server:
        assert await got(f"{server.url}/probe") == "täglich"
    assert "authorization" not in server.requests[0].headers


@pytest.mark.parametrize("where", [{"password": PASSWORD}, {"password_file": "secret"}], ids=["written", "in a file"])
async def test_a_password_is_shown(tmp_path: Path, where: Mapping[str, str]) -> None:
    (tmp_path / "secret").write_text(f"{PASSWORD}\n")
    path = written(tmp_path, {"basic_auth": {"username": "alice", **where}})
    async with FakeServer(reply()) as server:
        await got(server.url, path)
    scheme, _, shown = server.requests[0].headers["authorization"].partition(" ")
    assert (scheme, b64decode(shown).decode()) == ("Basic", f"alice:{PASSWORD}")


async def test_certificates_are_believed_and_shown(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    certificate, key = authority.client("prober")
    files = {"ca_file": "ca.pem", "cert_file": certificate.name, "key_file": key.name}
    async with FakeServer(reply(b"in"), tls=authority.server(ask_client=True)) as server:
        assert await got(server.url, written(tmp_path, {"tls_config": files})) == "in"
        assert server.requests[0].client_certificate == "prober"


async def test_a_stranger_is_not_believed_unless_that_is_wanted(tmp_path: Path) -> None:
    async with FakeServer(reply(b"in"), tls=Authority(tmp_path).server()) as server:
        with pytest.raises(urllib.error.URLError) as raised:
            await got(server.url)
        assert isinstance(raised.value.reason, ssl.SSLCertVerificationError)
        path = written(tmp_path, {"tls_config": {"insecure_skip_verify": True}})
        assert await got(server.url, path) == "in"


async def test_a_redirect_carries_no_password_elsewhere(tmp_path: Path) -> None:
    path = written(tmp_path, {"basic_auth": {"username": "alice", "password": PASSWORD}})
    async with FakeServer(reply()) as other, FakeServer(reply(status=302, headers={"location": other.url})) as server:
        with pytest.raises(urllib.error.HTTPError, match="302"):
            await got(server.url, path)
    assert other.requests == []


@pytest.mark.parametrize(
    ("config", "said"),
    [
        pytest.param({"basic_auth": {"username": "a", "pasword": PASSWORD}}, "basic_auth.pasword", id="a wrong key"),
        pytest.param({"basic_auth": {"username": "a"}}, "either password or password_file", id="no password"),
        pytest.param(
            {"basic_auth": {"username": "a", "password": PASSWORD, "password_file": "x"}}, "either", id="two of them"
        ),
        pytest.param({"basic_auth": {"username": "a", "password_file": "x"}}, "x cannot be read", id="no such file"),
        pytest.param({"basic_auth": {"username": "a", "password": [PASSWORD]}}, "basic_auth.password", id="a list"),
        pytest.param({"tls_config": {"ca_file": "x"}}, "tls_config", id="no such authority"),
        pytest.param({"tls_config": {"cert_file": "http.yml"}}, "tls_config", id="no certificate"),
        pytest.param(f"basic_auth: [{PASSWORD}", "is not YAML", id="no YAML"),
        pytest.param(f"{PASSWORD}", "the top", id="a text"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_sentence_without_secrets(tmp_path: Path, config: object, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        HttpClient(written(tmp_path, config))
    assert said in str(raised.value)
    assert PASSWORD not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.yml cannot be read"):
        HttpClient(tmp_path / "none.yml")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        pytest.param("exporter:10115", "write it like https://", id="no scheme"),
        pytest.param("file:///etc/passwd", "write it like https://", id="another scheme"),
        pytest.param("http://", "write it like https://", id="no host"),
        pytest.param("http://exporter:port", "write it like https://", id="no port"),
        pytest.param(f"https://alice:{PASSWORD}@exporter", "basic_auth", id="a password"),
    ],
)
def test_what_is_no_address(url: str, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        HttpClient().get(url, 1)
    assert said in str(raised.value)
    assert PASSWORD not in str(raised.value)
