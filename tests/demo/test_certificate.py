import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from exporter.core.clock import SystemClock
from exporter.demo.certificate import VALID_FOR, issue_certificate

NOW = datetime.fromtimestamp(SystemClock().wall(), UTC)


async def test_a_strict_client_trusts_it_and_sees_its_end(tmp_path: Path) -> None:
    identity = issue_certificate(tmp_path, NOW)
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=identity.context)
    strict = ssl.create_default_context(cafile=identity.ca_file)
    strict.verify_flags |= ssl.VERIFY_X509_STRICT
    async with server:
        port = server.sockets[0].getsockname()[1]
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=strict)
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        writer.close()
        await writer.wait_closed()
    seen = x509.load_der_x509_certificate(shown).not_valid_after_utc
    assert seen == identity.ends_at
    assert timedelta(0) <= NOW + VALID_FOR - seen < timedelta(seconds=1)


def test_the_key_is_for_nobody_else(tmp_path: Path) -> None:
    issue_certificate(tmp_path, NOW)
    assert (tmp_path / "server.pem").stat().st_mode & 0o077 == 0
    assert b"PRIVATE" not in (tmp_path / "ca.pem").read_bytes()
