"""Who shares a TLS context and who has one of its own; files that do not work are in test_client."""

import asyncio
import ssl

from exporter.transport.http.tls import TlsContexts
from tests.fakes.certificates import Authority
from tests.transport.asking import provider


async def test_who_needs_nothing_special_shares_one() -> None:
    contexts = TlsContexts()
    ways = [provider("https://a.example"), provider("https://b.example", name="b")]
    first, second = await asyncio.gather(*map(contexts.get_context, ways))
    assert first is second
    assert (first.verify_mode, first.check_hostname) == (ssl.CERT_REQUIRED, True)


async def test_who_checks_nothing_shares_another() -> None:
    contexts = TlsContexts()
    checked = await contexts.get_context(provider("https://a.example"))
    unchecked = await contexts.get_context(provider("https://b.example", insecure_skip_verify=True))
    assert unchecked is not checked
    assert (unchecked.verify_mode, unchecked.check_hostname) == (ssl.CERT_NONE, False)


async def test_own_files_make_an_own_context(authority: Authority) -> None:
    contexts = TlsContexts()
    shared = await contexts.get_context(provider("https://a.example"))
    own = await contexts.get_context(provider("https://b.example", ca_file=authority.ca_file))
    assert own is not shared
    assert len(own.get_ca_certs()) == 1
