"""Asked through a SOCKS proxy: the same answer, names looked up where the scheme says, failures named."""

from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from exporter.core.outcome import Fault, Reason
from exporter.transport import HttpTransport
from tests.fakes.certificates import Authority
from tests.fakes.script import Close, Hang, Script, Send, stream
from tests.fakes.server import FakeServer
from tests.fakes.socks import FakeSocks
from tests.transport.asking import GOOD, ask, provider


@pytest.mark.parametrize("pieces", [False, True], ids=["whole replies", "replies in pieces"])
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_an_answer_comes_through(
    transport: HttpTransport, authority: Authority, scheme: str, pieces: bool
) -> None:
    tls = authority.server() if scheme == "https" else None
    async with FakeServer(stream(*GOOD), tls=tls) as server, FakeSocks(pieces=pieces) as proxy:
        seen = await ask(transport, provider(server.url, proxy=SecretStr(proxy.url), ca_file=authority.ca_file))
    assert seen.failure is None
    assert proxy.targets == [urlsplit(server.url).netloc]
    assert server.requests[0].path.startswith("/")
    assert "proxy-authorization" not in {name.lower() for name in server.requests[0].headers}


@pytest.mark.parametrize(("scheme", "asked"), [("socks5", "127.0.0.1"), ("socks5h", "localhost")])
async def test_who_looks_the_name_up(transport: HttpTransport, scheme: str, asked: str) -> None:
    async with FakeServer(stream(*GOOD)) as server, FakeSocks() as proxy:
        address = SecretStr(proxy.url.replace("socks5", scheme))
        seen = await ask(transport, provider(server.url.replace("127.0.0.1", "localhost"), proxy=address))
    assert (seen.failure, [each.rpartition(":")[0].replace("::1", "127.0.0.1") for each in proxy.targets]) == (
        None,
        [asked],
    )


async def test_a_name_that_has_no_address_is_the_names_trouble(transport: HttpTransport) -> None:
    async with FakeSocks() as proxy:
        seen = await ask(transport, provider("http://no-such-host.invalid", proxy=SecretStr(proxy.url)))
    assert seen.failure is not None
    assert seen.failure.reason is Reason.DNS
    assert "no-such-host.invalid" in seen.failure.detail


async def test_a_password(transport: HttpTransport) -> None:
    async with FakeServer(stream(*GOOD)) as server, FakeSocks("prober", "right-word-1") as proxy:
        seen = await ask(transport, provider(server.url, proxy=SecretStr(proxy.url)))
        wrong = SecretStr(proxy.url.replace("right-word-1", "wrong-word-2"))
        refused = await ask(transport, provider(server.url, proxy=wrong, name="b"))
        none = SecretStr(proxy.url.replace("prober:right-word-1@", ""))
        unnamed = await ask(transport, provider(server.url, proxy=none, name="c"))
    assert seen.failure is None
    for failed, says in ((refused, "refuses the user or the password"), (unnamed, "another kind of login")):
        assert failed.failure is not None
        assert (failed.failure.reason, failed.failure.blamed) == (Reason.CONNECT, Fault.US)
        assert says in failed.failure.detail
        assert "word" not in failed.failure.detail.replace("password", "")


@pytest.mark.parametrize(
    ("reply", "says", "fault"),
    [
        (1, "general server failure", Fault.NETWORK),
        (2, "connection not allowed by ruleset", Fault.US),
        (3, "network unreachable", Fault.NETWORK),
        (4, "host unreachable", Fault.NETWORK),
        (5, "connection refused", Fault.NETWORK),
        (99, "does not speak SOCKS 5", Fault.NETWORK),
    ],
)
async def test_a_refusal(transport: HttpTransport, reply: int, says: str, fault: Fault) -> None:
    async with FakeSocks(reply=reply) as proxy:
        seen = await ask(transport, provider("http://127.0.0.1:1", proxy=SecretStr(proxy.url)))
    assert seen.failure is not None
    assert (seen.failure.reason, seen.failure.blamed) == (Reason.CONNECT, fault)
    assert says in seen.failure.detail


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ([Send(b"HTTP/1.1 400 Bad Request\r\n\r\n"), Hang()], ("does not speak SOCKS 5",)),
        ([Send(b"\x05"), Close()], ("the proxy closed the connection", "Connection reset by peer")),
        ([], ("the proxy closed the connection", "Connection reset by peer")),
    ],
)
async def test_what_is_no_socks_proxy(transport: HttpTransport, script: Script, says: tuple[str, ...]) -> None:
    async with FakeServer(greeting=script or [Close()]) as other:
        address = SecretStr(other.url.replace("http", "socks5"))
        seen = await ask(transport, provider("http://127.0.0.1:1", proxy=address))
    assert seen.failure is not None
    assert seen.failure.reason is Reason.CONNECT
    assert any(words in seen.failure.detail for words in says)
