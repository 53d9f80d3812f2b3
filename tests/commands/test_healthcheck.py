import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from exporter.commands.healthcheck import DEFAULT, find_problem
from exporter.config.settings import DEFAULT_PORT
from exporter.core.clock import SystemClock
from exporter.demo.certificate import CA_FILE, issue_certificate
from tests.parts.process import free_port

LISTEN = "AI_API_EXPORTER_LISTEN"
WEB = "AI_API_EXPORTER_WEB_CONFIG_FILE"


@asynccontextmanager
async def answering(status: str, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server that gives every request this status line; its port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n".encode())
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls) as server:
        yield server.sockets[0].getsockname()[1]


def context(folder: Path) -> ssl.SSLContext:
    """TLS with a certificate that no machine trusts."""
    return issue_certificate(folder, datetime.fromtimestamp(SystemClock().wall(), UTC)).context


async def found(**environ: str) -> str | None:
    """What is found, with this loop free to serve meanwhile."""
    return await asyncio.to_thread(find_problem, environ)


def test_it_looks_where_the_daemon_listens_by_default() -> None:
    assert f":{DEFAULT_PORT}" == DEFAULT


@pytest.mark.parametrize("host", ["", "127.0.0.1"], ids=["all addresses", "one address"])
async def test_a_daemon_that_serves(host: str) -> None:
    async with answering("200 OK") as port:
        assert await found(**{LISTEN: f"{host}:{port}"}) is None


async def test_one_that_wants_a_password_serves() -> None:
    async with answering("401 Unauthorized") as port:
        assert await found(**{LISTEN: f":{port}"}) is None


async def test_one_in_trouble_does_not() -> None:
    async with answering("500 Internal Server Error") as port:
        assert await found(**{LISTEN: f":{port}"}) == f"127.0.0.1:{port} answers 500"


async def test_nobody_there() -> None:
    port = free_port()
    told = await found(**{LISTEN: f"[::1]:{port}"})
    assert told is not None
    assert told.startswith(f"::1:{port} does not answer: ")


async def test_one_that_speaks_tls(tmp_path: Path) -> None:
    web = tmp_path / "web.yml"
    web.write_text("tls_server_config: {cert_file: server.pem, key_file: server.pem}\n")
    async with answering("200 OK", context(tmp_path)) as port:
        assert await found(**{LISTEN: f":{port}", WEB: str(web)}) is None
        web.write_text("basic_auth_users: {}\n")
        assert await found(**{LISTEN: f":{port}", WEB: str(web)}) is not None


async def test_one_that_wants_a_certificate_of_its_clients_serves(tmp_path: Path) -> None:
    web = tmp_path / "web.yml"
    web.write_text("tls_server_config: {client_auth_type: RequireAndVerifyClientCert}\n")
    strict = context(tmp_path)
    strict.verify_mode = ssl.CERT_REQUIRED
    strict.load_verify_locations(tmp_path / CA_FILE)
    async with answering("200 OK", strict) as port:
        assert await found(**{LISTEN: f":{port}", WEB: str(web)}) is None
