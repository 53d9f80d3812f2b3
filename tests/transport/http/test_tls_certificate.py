"""When the peer's certificate ends, verified or not."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta

import pytest

from exporter.core.outcome import Fault, Reason
from exporter.transport import HttpTransport
from exporter.transport.http.tls import Certificates
from tests.fakes.certificates import Authority
from tests.fakes.script import reply
from tests.fakes.server import FakeServer
from tests.transport.asking import ask, provider


@pytest.mark.parametrize("verified", [True, False])
async def test_the_end_of_the_certificate(authority: Authority, verified: bool) -> None:
    trusting = ssl.create_default_context(cafile=authority.ca_file)
    trusting.check_hostname = verified
    trusting.verify_mode = ssl.CERT_REQUIRED if verified else ssl.CERT_NONE
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    async with FakeServer(reply(), tls=authority.server(expires_in=timedelta(days=1))) as server:
        _, writer = await asyncio.open_connection("127.0.0.1", server.port, ssl=trusting)
        expires = Certificates().expires_at(writer.get_extra_info("ssl_object"))
        writer.close()
        await writer.wait_closed()
    assert expires is not None
    assert abs(expires - tomorrow.timestamp()) < 3600


async def test_without_tls_there_is_none() -> None:
    async with FakeServer(reply()) as server:
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        assert Certificates().expires_at(writer.get_extra_info("ssl_object")) is None
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize("trouble", ["expired", "another name", "another authority"])
async def test_the_end_of_one_that_was_not_accepted(
    transport: HttpTransport, authority: Authority, tmp_path_factory: pytest.TempPathFactory, trouble: str
) -> None:
    issuer = Authority(tmp_path_factory.mktemp("other")) if trouble == "another authority" else authority
    ends_in = timedelta(days=-1) if trouble == "expired" else timedelta(days=1)
    host = "elsewhere.example" if trouble == "another name" else "127.0.0.1"
    async with FakeServer(reply(), tls=issuer.server(expires_in=ends_in, host=host)) as server:
        seen = await ask(transport, provider(server.url, ca_file=authority.ca_file))
    assert seen.failure is not None
    assert (seen.failure.reason, seen.failure.blamed) == (
        Reason.TLS,
        Fault.PROVIDER if trouble == "expired" else Fault.NETWORK,
    )
    assert seen.certificate_expires_at is not None
    assert abs(seen.certificate_expires_at - (datetime.now(UTC) + ends_in).timestamp()) < 3600
    assert server.requests == []
