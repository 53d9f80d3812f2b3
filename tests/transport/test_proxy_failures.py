"""Each way in which a proxy fails, brought about by one that really behaves so; its password stays unseen."""

import pytest
from pydantic import SecretStr

from exporter.core.outcome import Fault, Reason
from exporter.core.target import Deadlines
from exporter.transport import HttpTransport
from tests.fakes.certificates import Authority
from tests.fakes.proxy import FakeProxy
from tests.fakes.script import Close, Hang, Reset, Script, Send, head, reply
from tests.fakes.server import FakeServer
from tests.transport.asking import ask, provider

SHORT = Deadlines(connect=0.2, first_token=0.3, total=0.4)
PROXIES = {
    "closes": ([Close()], Reason.CONNECT, "the proxy closed the connection", Fault.NETWORK),
    "resets": ([Reset()], Reason.CONNECT, "Connection reset by peer", Fault.NETWORK),
    "is none": ([Send(b"220 mail\r\n\r\n"), Hang()], Reason.CONNECT, "the proxy does not speak HTTP", Fault.NETWORK),
    "cannot go on": (reply(b"", 502), Reason.CONNECT, "the proxy answered 502", Fault.NETWORK),
    "forbids": (reply(b"", 403), Reason.CONNECT, "the proxy answered 403", Fault.US),
    "hangs": ([Hang()], Reason.TIMEOUT_CONNECT, "not connected within 0.2 s", Fault.NETWORK),
    "tunnels and closes": ([Send(head(200)), Close()], Reason.TLS, "TLS with", Fault.NETWORK),
}


@pytest.mark.parametrize(
    ("script", "reason", "says", "fault"), [pytest.param(*row, id=name) for name, row in PROXIES.items()]
)
async def test_what_a_proxy_does_has_one_name(
    transport: HttpTransport, script: Script, reason: Reason, says: str, fault: Fault
) -> None:
    async with FakeServer(script) as bad:
        behind = provider("https://127.0.0.1:1", proxy=SecretStr(bad.url))
        seen = await ask(transport, behind, deadlines=SHORT)
    assert seen.failure is not None
    assert (seen.failure.reason, seen.failure.blamed) == (reason, fault)
    assert says in seen.failure.detail
    assert seen.moments.secured is None


async def test_a_proxy_that_is_not_there(transport: HttpTransport) -> None:
    async with FakeProxy() as proxy:
        gone = SecretStr(proxy.url)
    seen = await ask(transport, provider("https://127.0.0.1:1", proxy=gone))
    assert seen.failure is not None
    assert seen.failure.reason is Reason.CONNECT
    assert "cannot connect to the proxy" in seen.failure.detail


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_that_wants_other_credentials(
    transport: HttpTransport, authority: Authority, scheme: str
) -> None:
    tls = authority.server() if scheme == "https" else None
    async with FakeServer(reply(), tls=tls) as server, FakeProxy("prober", "right-word-1") as proxy:
        wrong = SecretStr(proxy.url.replace("right-word-1", "wrong-word-2"))
        seen = await ask(transport, provider(server.url, proxy=wrong, ca_file=authority.ca_file))
    assert seen.failure is not None
    assert (seen.failure.reason, seen.failure.blamed) == (Reason.CONNECT, Fault.US)
    assert "407" in seen.failure.detail
    assert "wrong-word-2" not in repr(seen)
    assert proxy.targets == []
