"""The connections to one provider, as its configuration asks for: TLS, proxy and its tunnel, signature, keep-alive."""

import asyncio
import ssl
from collections.abc import Iterable
from dataclasses import replace

from pydantic import SecretStr
from yarl import URL

from exporter.core.clock import Clock
from exporter.core.outcome import Fault, Reason
from exporter.core.target import Provider
from exporter.transport.auth.authorizer import Authorizer, make_authorizer
from exporter.transport.failures import CAUGHT, Place, SetupError, Stage
from exporter.transport.http.connection import Connection
from exporter.transport.http.connector import Connector
from exporter.transport.http.pool import ConnectionPool, Way
from exporter.transport.http.prepared_request import PreparedRequest
from exporter.transport.http.proxies import SOCKS
from exporter.transport.http.tls import Certificates, TlsContexts, make_unverified_context, read_expiry
from exporter.transport.http.tunnel import SOCKS_PORT, open_socks_tunnel, open_tunnel
from exporter.transport.timing.timings import Timings

_LOOK_SECONDS = 5.0
"""Longest time that is spent to read a certificate which was not accepted."""


class ProviderClient:
    """The connections of one provider. `users` counts exchanges under way, so that it can be closed after the last."""

    def __init__(
        self,
        provider: Provider,
        clock: Clock,
        dialler: Connector,
        context: ssl.SSLContext,
        authorizer: Authorizer | None,
    ) -> None:
        self.provider = provider
        self.users = 0
        self.closed = False
        self._clock = clock
        self._dialler = dialler
        self._context = context
        self._authorizer = authorizer
        self._retired = False
        self._lines: set[Connection] = set()
        self._kept = ConnectionPool(self._has_moved)
        self._certificates = Certificates()

    async def authorize(self, out: PreparedRequest, seconds: float) -> PreparedRequest:
        """Return the request with the signature or token it needs, within that many seconds. Raises SetupError."""
        if self._authorizer is None:
            return out
        try:
            async with asyncio.timeout(seconds):
                added = await self._authorizer.sign_headers(out.method, str(out.url), out.headers, out.body)
        except TimeoutError:
            said = f"no signature or token within {seconds:g} s"
            raise SetupError(Reason.TIMEOUT_CONNECT, said, Fault.NETWORK) from None
        return replace(out, headers={**out.headers, **added})

    def list_secrets(self) -> Iterable[SecretStr]:
        """List what was put into headers beside the key and must never be shown."""
        return () if self._authorizer is None else self._authorizer.list_secrets()

    async def get_connection(self, out: PreparedRequest, record: Timings) -> Connection:
        """Get a connection for the request: a kept one, or a new one. Raises what `failures` names."""
        if self.closed:
            raise ConnectionAbortedError
        kept = self._kept.take(_pool_key(out)) if self.provider.keep_alive else None
        if kept is None:
            return await self._open_connection(out, record)
        record.set_reused()
        return kept

    def give_back(self, line: Connection, out: PreparedRequest, *, lasting: bool) -> None:
        """Give back the connection after a request; it may serve again, or is closed."""
        if lasting and self.provider.keep_alive and not (self._retired or self.closed):
            self._kept.add(_pool_key(out), line)
        else:
            line.close()

    def certificate_expiry(self, line: Connection) -> float | None:
        """When the certificate of the other side ends, in Unix seconds; None where it showed none."""
        return self._certificates.expires_at(line.tls)

    async def read_refused_certificate(self, out: PreparedRequest) -> float | None:
        """When a certificate that was not accepted ends, in Unix seconds; None if that cannot be found out.

        OpenSSL keeps nothing of it, so it is asked for once more, on a connection on which nothing else is sent.
        """
        record = Timings(self._clock, kernel=False)
        try:
            async with asyncio.timeout(_LOOK_SECONDS):
                line = await self._open_connection(out, record, make_unverified_context())
        except CAUGHT:  # a timeout is one of them
            return None
        try:
            encoded = None if line.tls is None else line.tls.getpeercert(binary_form=True)
        finally:
            line.close()
        return None if not encoded else await asyncio.to_thread(read_expiry, encoded)

    def leave(self) -> None:
        """Leave after an exchange; the last one of a retired client closes it."""
        self.users -= 1
        self._close_if_idle()

    def retire(self) -> None:
        """Take no more exchanges; those under way may end."""
        self._retired = True
        self._close_if_idle()

    def close(self) -> None:
        """Close every connection, whatever is under way on it."""
        self.closed = True
        for line in tuple(self._lines):
            line.close()

    def serves(self, provider: Provider) -> bool:
        """Return whether this client is what that provider's settings ask for."""
        return provider is self.provider or _connection_settings(provider) == _connection_settings(self.provider)

    def _close_if_idle(self) -> None:
        if self._retired and not self.users:
            self.close()

    async def _open_connection(
        self, out: PreparedRequest, record: Timings, context: ssl.SSLContext | None = None
    ) -> Connection:
        """Open a connection to the server; `context` decides instead of the provider's own settings."""
        first = out.url if out.proxy is None else out.proxy
        record.place = _find_place(first, proxy=out.proxy is not None)
        line = await self._dialler.connect(record.place.host, record.place.port, record)
        try:
            await self._prepare(line, out, record, context or self._context)
        except BaseException:
            line.close()
            raise
        return line

    async def _prepare(self, line: Connection, out: PreparedRequest, record: Timings, context: ssl.SSLContext) -> None:
        """Prepare a fresh connection until the request can be written on it."""
        line.on_close = self._lines.discard
        self._lines.add(line)
        if out.proxy is not None and out.proxy.scheme == "https":
            await self._secure(line, out.proxy, record, self._context)
        if out.proxy is not None and out.is_tunnelled:
            record.stage = Stage.TUNNELLING
            record.connected_ns = await self._open_tunnel(line, out, out.proxy, record)
            record.place = _find_place(out.url)
        if out.url.scheme == "https":
            record.secured_ns = await self._secure(line, out.url, record, context)
        else:
            record.secured_ns = record.connected_ns

    async def _open_tunnel(self, line: Connection, out: PreparedRequest, proxy: URL, record: Timings) -> int:
        if proxy.scheme not in SOCKS:
            return await open_tunnel(line, out)
        server, by, resolved = _find_place(out.url), record.place, record.resolved_ns
        host = server.host
        if proxy.scheme == "socks5":
            # What goes wrong meanwhile is about the server's name, a deadline that passes too.
            record.place, record.resolved_ns = server, None
            host = await self._dialler.resolve(server.host, server.port)
            record.place, record.resolved_ns = by, resolved
        return await open_socks_tunnel(line, host, server.port, out.proxy_account)

    async def _secure(self, line: Connection, url: URL, record: Timings, context: ssl.SSLContext) -> int:
        """Speak TLS; returns when the handshake was over.

        It is over with our last message since TLS 1.3 (which leaves with the request), before that with the server's.
        """
        record.stage = Stage.SECURING
        await line.secure(context, (url.raw_host or "").rstrip("."))
        ours_is_last = line.tls is not None and line.tls.version() == "TLSv1.3"
        return self._clock.monotonic_ns() if ours_is_last else line.socket.received_ns or self._clock.monotonic_ns()

    async def _has_moved(self, way: Way, line: Connection) -> bool:
        """Return whether the name at the other end of a kept connection has other addresses by now."""
        _, host, port, proxy = way
        place = Place(host or "", port or 0) if proxy is None else _find_place(proxy, proxy=True)
        return await self._dialler.has_moved(place.host, place.port, line)


async def open_client(provider: Provider, clock: Clock, dialler: Connector, contexts: TlsContexts) -> ProviderClient:
    """Make a provider's client. SetupError names the setting that does not work."""
    authorizer = None if provider.auth is None else await asyncio.to_thread(make_authorizer, provider.auth)
    return ProviderClient(provider, clock, dialler, await contexts.get_context(provider), authorizer)


def _pool_key(out: PreparedRequest) -> Way:
    """Return the key of the connections that this request can share."""
    return out.url.scheme, out.url.raw_host, out.url.port, out.proxy


def _find_place(url: URL, *, proxy: bool = False) -> Place:
    usual = SOCKS_PORT if url.scheme in SOCKS else 0
    return Place((url.raw_host or "").rstrip("."), url.port or usual, proxy)


def _connection_settings(provider: Provider) -> tuple[object, ...]:
    return (
        provider.ca_file,
        provider.client_cert,
        provider.client_key,
        provider.insecure_skip_verify,
        provider.keep_alive,
        provider.auth,
    )
