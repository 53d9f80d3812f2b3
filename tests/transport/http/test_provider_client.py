"""A provider's own TLS files: used where they work, one clear sentence where they do not."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from exporter.core.outcome import Fault, Reason
from exporter.transport import HttpTransport
from tests.fakes.certificates import Authority
from tests.fakes.script import stream
from tests.fakes.server import FakeServer
from tests.transport.asking import GOOD, ask, provider


async def test_a_client_certificate_is_shown(transport: HttpTransport, authority: Authority) -> None:
    certificate, key = authority.client("prober")
    async with FakeServer(stream(*GOOD), tls=authority.server(ask_client=True)) as server:
        at = provider(server.url, ca_file=authority.ca_file, client_cert=certificate, client_key=key)
        seen = await ask(transport, at)
    assert seen.failure is None
    assert server.requests[0].client_certificate == "prober"


async def test_an_in_house_authority_need_not_identify_its_keys(transport: HttpTransport, tmp_path: Path) -> None:
    authority = Authority(tmp_path, identified=False)
    async with FakeServer(stream(*GOOD), tls=authority.server()) as server:
        seen = await ask(transport, provider(server.url, ca_file=authority.ca_file))
    assert seen.failure is None


async def test_checks_can_be_left_out(transport: HttpTransport, authority: Authority) -> None:
    expiring = authority.server(expires_in=timedelta(days=-2), host="elsewhere.example")
    async with FakeServer(stream(*GOOD), tls=expiring) as server:
        seen = await ask(transport, provider(server.url, insecure_skip_verify=True))
    assert seen.failure is None
    assert seen.certificate_expires_at is not None
    assert datetime.fromtimestamp(seen.certificate_expires_at, UTC) < datetime.now(UTC)


async def test_checks_can_be_left_out_with_a_client_certificate(transport: HttpTransport, authority: Authority) -> None:
    certificate, key = authority.client("prober")
    async with FakeServer(stream(*GOOD), tls=authority.server(host="elsewhere.example", ask_client=True)) as server:
        at = provider(server.url, insecure_skip_verify=True, client_cert=certificate, client_key=key)
        seen = await ask(transport, at)
    assert (seen.failure, server.requests[0].client_certificate) == (None, "prober")


def encrypted_key(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    path = folder / "locked.key"
    locked = serialization.BestAvailableEncryption(b"pass-word-1")
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked))
    return path


def broken(authority: Authority, folder: Path) -> dict[str, dict[str, Any]]:
    certificate, _ = authority.client("prober")
    (folder / "empty.pem").write_text("")
    return {
        "ca_file is not there": {"ca_file": folder / "gone.pem"},
        "ca_file is empty": {"ca_file": folder / "empty.pem"},
        "client_cert is not there": {"client_cert": folder / "gone.pem"},
        "client_cert without its key": {"client_cert": certificate},
        "client_key is locked": {"client_cert": certificate, "client_key": encrypted_key(folder)},
    }


@pytest.mark.parametrize(
    "name",
    [
        "ca_file is not there",
        "ca_file is empty",
        "client_cert is not there",
        "client_cert without its key",
        "client_key is locked",
    ],
)
async def test_files_that_do_not_work(
    transport: HttpTransport, authority: Authority, tmp_path: Path, name: str
) -> None:
    settings = broken(authority, tmp_path)[name]
    seen = await ask(transport, provider("https://127.0.0.1:1", **settings))
    assert seen.failure is not None
    assert (seen.failure.reason, seen.failure.blamed) == (Reason.TLS, Fault.US)
    assert name.split(maxsplit=1)[0].replace("client_key", "client_cert") in seen.failure.detail
    assert str(tmp_path) in seen.failure.detail


async def test_a_file_that_is_mended_works_at_the_next_request(transport: HttpTransport, authority: Authority) -> None:
    late = authority.ca_file.with_name("late.pem")
    async with FakeServer(stream(*GOOD), tls=authority.server()) as server:
        before = await ask(transport, provider(server.url, ca_file=late))
        late.write_bytes(authority.ca_file.read_bytes())
        after = await ask(transport, provider(server.url, ca_file=late))
    assert before.failure is not None
    assert after.failure is None
