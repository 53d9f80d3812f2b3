"""One provider's session and TLS context, as its configuration asks for."""

import asyncio
import ssl
from collections.abc import Iterable
from dataclasses import replace

import aiohttp
from aiohttp.connector import AddrInfoType
from pydantic import SecretStr

from exporter import __version__
from exporter.outcome import Fault, Reason
from exporter.target import Provider
from exporter.transport.attempt import one_try
from exporter.transport.authorizer import Authorizer, authorizer_for
from exporter.transport.failures import SetupError
from exporter.transport.outgoing import Outgoing
from exporter.transport.recorder import RECORDER, ProbeRequest
from exporter.transport.resolver import ThreadPerLookup
from exporter.transport.stamps import StampedSocket

USER_AGENT = f"ai-api-exporter/{__version__}"
_LONGEST_HEADER = 32 * 1024
# Longer than the pause between most probes, shorter than the patience of the address translators of large clouds
# (240 s and 350 s), which forget a connection without a word.
_KEEP_IDLE_SECONDS = 180.0


class Client:
    """The session of one provider. `users` counts exchanges under way, so that it can be closed after the last."""

    def __init__(
        self, provider: Provider, session: aiohttp.ClientSession, authorizer: Authorizer | None = None
    ) -> None:
        self.provider = provider
        self.session = session
        self._authorizer = authorizer
        self.users = 0
        self.retired = False

    async def authorized(self, out: Outgoing, seconds: float) -> Outgoing:
        """The request with the signature or token it needs, had within so many seconds. Raises SetupError."""
        if self._authorizer is None:
            return out
        try:
            async with asyncio.timeout(seconds):
                added = await self._authorizer.headers(out.method, str(out.url), out.headers, out.body)
        except TimeoutError:
            said = f"no signature or token within {seconds:g} s"
            raise SetupError(Reason.TIMEOUT_CONNECT, said, Fault.NETWORK) from None
        return replace(out, headers={**out.headers, **added})

    def secrets(self) -> Iterable[SecretStr]:
        """What was put into headers beside the key and must never be shown."""
        return () if self._authorizer is None else self._authorizer.secrets()

    async def leave(self) -> None:
        """An exchange is over; the last one of a retired client closes it."""
        self.users -= 1
        await self.close_if_idle()

    async def retire(self) -> None:
        """Take no more exchanges; those under way may end."""
        self.retired = True
        await self.close_if_idle()

    async def close_if_idle(self) -> None:
        if self.retired and not self.users:
            await self.session.close()

    def serves(self, provider: Provider) -> bool:
        """Whether this session is what that provider's settings ask for."""
        return _connection_settings(provider) == _connection_settings(self.provider)


async def open_client(provider: Provider) -> Client:
    """Make a provider's session. SetupError names the setting that does not work."""
    authorizer = None if provider.auth is None else await asyncio.to_thread(authorizer_for, provider.auth)
    context = await _tls(provider)
    connector = aiohttp.TCPConnector(
        ssl=context,
        limit=0,
        force_close=not provider.keep_alive,
        use_dns_cache=False,
        resolver=ThreadPerLookup(),
        socket_factory=_open_socket,
        keepalive_timeout=_KEEP_IDLE_SECONDS if provider.keep_alive else None,
    )
    session = aiohttp.ClientSession(
        connector=connector,
        request_class=ProbeRequest,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
        headers={"user-agent": USER_AGENT, "accept-encoding": "identity"},
        middlewares=[one_try],
        max_line_size=_LONGEST_HEADER,
        max_field_size=_LONGEST_HEADER,
    )
    return Client(provider, session, authorizer)


def _connection_settings(provider: Provider) -> tuple[object, ...]:
    return (
        provider.ca_file,
        provider.client_cert,
        provider.client_key,
        provider.insecure_skip_verify,
        provider.keep_alive,
        provider.auth,
    )


def _open_socket(address: AddrInfoType) -> StampedSocket:
    return RECORDER.get().open_socket(address)


async def _tls(provider: Provider) -> ssl.SSLContext | bool:
    """The TLS context; reading certificates takes some 20 ms, so it is done in a thread.

    Without files of its own a provider shares aiohttp's contexts: the system's certificates (True), or no checks.
    """
    if provider.ca_file is None and provider.client_cert is None:
        return not provider.insecure_skip_verify
    return await asyncio.to_thread(_own_context, provider)


def _own_context(provider: Provider) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=provider.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise SetupError(Reason.TLS, f"ca_file {provider.ca_file} cannot be used: {_why(error)}") from error
    context.set_alpn_protocols(["http/1.1"])
    if provider.ca_file is not None:
        # Python 3.13 refuses what in-house authorities often issue (no key identifiers) and other clients accept.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if provider.insecure_skip_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if provider.client_cert is not None:
        try:
            # Without the callable an encrypted key would ask for its password on the terminal.
            context.load_cert_chain(provider.client_cert, provider.client_key, password=lambda: "")
        except (OSError, ssl.SSLError) as error:
            raise SetupError(Reason.TLS, f"client_cert {provider.client_cert} cannot be used: {_why(error)}") from error
    return context


def _why(error: OSError) -> str:
    return str(getattr(error, "reason", None) or error.strerror or "not a certificate")
