"""What is added to a request: the key, headers, the way through a proxy; and what cannot be sent at all."""

from typing import Any

import pytest
from pydantic import SecretStr

from exporter import __version__
from exporter.core.exchange import Request
from exporter.core.outcome import Fault, Reason
from exporter.core.target import Provider
from exporter.transport import HttpTransport
from exporter.transport.failures import SetupError
from exporter.transport.http.prepared_request import PreparedRequest, prepare_request
from tests.fakes.certificates import Authority
from tests.fakes.proxy import FakeProxy
from tests.fakes.script import stream
from tests.fakes.server import FakeServer
from tests.transport.asking import DIALECT, GOOD, KEY, Key, ask, provider

GET = Request(method="GET", path="/models", headers={"accept": "application/json"})


def made(url: str = "https://vendor.example/v1", **settings: Any) -> PreparedRequest:
    return prepare_request(provider(url, **settings), GET, DIALECT)


HEADERS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "the dialect's place for the key": ({}, {"authorization": f"Bearer {KEY}"}),
    "the provider's place for it": ({"key_header": ("X-Api-Key", "Key ")}, {"x-api-key": f"Key {KEY}"}),
    "no key": ({"credential": Key(None)}, {}),
    "more headers": (
        {"credential": Key(None), "headers": {"X-Org": SecretStr("o-1"), "Accept": SecretStr("*/*")}},
        {"x-org": "o-1", "accept": "*/*"},
    ),
}


@pytest.mark.parametrize(("settings", "added"), [pytest.param(*row, id=name) for name, row in HEADERS.items()])
def test_headers(settings: dict[str, Any], added: dict[str, str]) -> None:
    assert made(**settings).headers == {"accept": "application/json", **added}


def test_the_path_is_sent_as_it_is_written() -> None:
    request = Request(method="POST", path="/model/a%3A0%2Fb/converse?x=%20y")
    out = prepare_request(provider("https://vendor.example/v1"), request, DIALECT)
    assert str(out.url) == "https://vendor.example/v1/model/a%3A0%2Fb/converse?x=%20y"


def test_another_host_in_place_of_the_base_url() -> None:
    request = Request(method="GET", path="/foundation-models", origin="https://lists.vendor.example")
    out = prepare_request(provider("https://vendor.example/v1"), request, DIALECT)
    assert str(out.url) == "https://lists.vendor.example/foundation-models"


def test_an_account_in_the_address_is_sent_as_one() -> None:
    out = made("https://me:pass%20word@vendor.example", credential=Key(None))
    assert out.headers["authorization"] == "Basic bWU6cGFzcyB3b3Jk"
    assert str(out.url) == "https://vendor.example/models"


class Unreadable:
    """A credential whose file has gone."""

    def reveal(self) -> SecretStr | None:
        raise FileNotFoundError(2, "No such file or directory", "/run/secrets/key")


IMPOSSIBLE: dict[str, tuple[Provider, Request, Reason, str]] = {
    "a path that could change the host": (
        provider("https://vendor.example"),
        Request(method="GET", path="@elsewhere.example/"),
        Reason.INVALID_RESPONSE,
        "slash",
    ),
    "no address": (provider("https://vendor.example:port"), GET, Reason.BAD_REQUEST, "write it as https://HOST/PATH"),
    "a key with a line break": (
        provider("https://vendor.example", credential=Key("sk-1\nX-Admin: 1")),
        GET,
        Reason.BAD_REQUEST,
        "the header authorization",
    ),
    "a key that is gone": (
        provider("https://vendor.example", credential=Unreadable()),
        GET,
        Reason.AUTH,
        "No such file or directory",
    ),
    "a proxy of another kind": (
        provider("https://vendor.example", proxy=SecretStr("socks4://me:pass-word-1@proxy.example")),
        GET,
        Reason.CONNECT,
        "write it as http://HOST:PORT",
    ),
    "a proxy that is none": (
        provider("https://vendor.example", proxy=SecretStr("http://me:pass-word-1@proxy.example:port")),
        GET,
        Reason.CONNECT,
        "write it as http://HOST:PORT",
    ),
}


@pytest.mark.parametrize(
    ("at", "request_", "reason", "says"), [pytest.param(*row, id=name) for name, row in IMPOSSIBLE.items()]
)
def test_what_cannot_be_sent(at: Provider, request_: Request, reason: Reason, says: str) -> None:
    with pytest.raises(SetupError, match=says) as caught:
        prepare_request(at, request_, DIALECT)
    assert (caught.value.failure.reason, caught.value.failure.blamed) == (reason, Fault.US)
    assert "pass-word-1" not in str(caught.value)


async def test_what_cannot_be_sent_is_an_exchange_without_a_moment(transport: HttpTransport) -> None:
    seen = await ask(transport, provider("https://vendor.example", credential=Unreadable()))
    assert seen.failure is not None
    assert (seen.ended, seen.status, seen.moments.resolved) == (0, None, None)


async def test_the_server_hears_who_asks_and_what_it_may_send(transport: HttpTransport) -> None:
    async with FakeServer(stream(*GOOD)) as server:
        await ask(transport, provider(server.url))
    heard = server.requests[0].headers
    assert heard["user-agent"] == f"ai-api-exporter/{__version__}"
    assert heard["accept-encoding"] == "identity"
    assert "cookie" not in heard


async def test_cookies_are_not_kept(transport: HttpTransport) -> None:
    async with FakeServer(stream(*GOOD, headers={"set-cookie": "who=me; Path=/"})) as server:
        await ask(transport, provider(server.url))
        await ask(transport, provider(server.url))
    assert "cookie" not in server.requests[1].headers


async def test_a_tunnel_carries_what_only_the_server_may_read(transport: HttpTransport, authority: Authority) -> None:
    async with FakeServer(stream(*GOOD), tls=authority.server()) as server, FakeProxy("prober", "pass-word-1") as proxy:
        at = provider(server.url, proxy=SecretStr(proxy.url), ca_file=authority.ca_file)
        seen = await ask(transport, at)
    assert seen.failure is None
    assert proxy.targets == [f"127.0.0.1:{server.port}"]
    assert "proxy-authorization" not in server.requests[0].headers
    assert "pass-word-1" not in repr(seen)
    assert seen.moments.connected is not None
    assert seen.moments.secured is not None
    assert 0 < seen.moments.connected < seen.moments.secured


async def test_plain_http_is_passed_on_by_the_proxy(transport: HttpTransport) -> None:
    async with FakeServer(stream(*GOOD)) as server, FakeProxy("prober", "pass-word-1") as proxy:
        seen = await ask(transport, provider(server.url, proxy=SecretStr(proxy.url)))
    assert seen.failure is None
    assert server.requests[0].path == f"{server.url}/chat/completions"
    assert "pass-word-1" not in repr(seen)


@pytest.mark.parametrize(
    ("trust", "bypass", "proxied"),
    [
        pytest.param(True, "", True, id="trusted"),
        pytest.param(False, "", False, id="not trusted"),
        pytest.param(True, "127.0.0.1", False, id="exempted"),
    ],
)
async def test_the_environments_proxy_is_used_only_where_it_is_trusted(
    transport: HttpTransport, monkeypatch: pytest.MonkeyPatch, trust: bool, bypass: str, proxied: bool
) -> None:
    async with FakeServer(stream(*GOOD)) as server, FakeProxy() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", bypass)
        seen = await ask(transport, provider(server.url, trust_env=trust))
    assert seen.failure is None
    assert bool(proxy.targets) is proxied
