"""TLS: the contexts a provider's settings ask for, one session over bytes in memory, and the peer's certificate.

A session has no socket and no event loop, so that the reader of the socket can stamp first.
"""

import asyncio
import ssl

from exporter.core.outcome import Reason
from exporter.core.target import Provider
from exporter.transport.failures import SetupError


class TlsContexts:
    """Makes the contexts of providers; all without files of their own share the one with the system's certificates."""

    def __init__(self) -> None:
        self._shared: dict[bool, ssl.SSLContext] = {}
        self._making = asyncio.Lock()

    async def get_context(self, provider: Provider) -> ssl.SSLContext:
        """Return the context for the provider's settings. SetupError names the file that does not work."""
        if provider.ca_file is not None or provider.client_cert is not None:
            return await asyncio.to_thread(_own, provider)
        async with self._making:
            known = self._shared.get(provider.insecure_skip_verify)
            if known is None:
                known = self._shared[provider.insecure_skip_verify] = await asyncio.to_thread(_own, provider)
            return known


def _own(provider: Provider) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=provider.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise SetupError(Reason.TLS, f"ca_file {provider.ca_file} cannot be used: {_explain(error)}") from error
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
            raise SetupError(
                Reason.TLS, f"client_cert {provider.client_cert} cannot be used: {_explain(error)}"
            ) from error
    return context


def _explain(error: OSError) -> str:
    return str(getattr(error, "reason", None) or error.strerror or "not a certificate")


_MOST_KEPT = 64


class Certificates:
    """Tells when certificates end; those seen before are not read again."""

    def __init__(self) -> None:
        self._ends: dict[bytes, float | None] = {}

    def expires_at(self, tls: ssl.SSLObject | None) -> float | None:
        """When the peer's certificate ends, in Unix seconds; None without TLS or without a certificate.

        Python describes only certificates that were verified; the others are read from their bytes.
        """
        try:
            encoded = None if tls is None else tls.getpeercert(binary_form=True)
        except ValueError:  # the handshake was not completed
            return None
        if not encoded:
            return None
        if encoded not in self._ends:
            if len(self._ends) >= _MOST_KEPT:
                self._ends.clear()
            described = tls.getpeercert() if tls is not None else None
            self._ends[encoded] = _to_unix(str(described["notAfter"])) if described else read_expiry(encoded)
        return self._ends[encoded]


def _to_unix(ends: str) -> float:
    return float(ssl.cert_time_to_seconds(ends))


def make_unverified_context() -> ssl.SSLContext:
    """Make a context that accepts any certificate: to look at one, never to send anything."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def read_expiry(encoded: bytes) -> float | None:
    """Return when a certificate ends, in Unix seconds; None if the bytes are none.

    The first call takes a tenth of a second.
    """
    from cryptography import x509  # noqa: PLC0415  (8 MB that only those need whose certificate is not verified)

    try:
        return x509.load_der_x509_certificate(encoded).not_valid_after_utc.timestamp()
    except ValueError:  # the bytes are no certificate
        return None


_RECORD = 16 * 1024
"""The most that one record of TLS holds (RFC 8446, 5.1)."""


class TlsSession:
    """The client's side of a session. `ended`: the other side said that nothing more will come.

    Every method may raise `ssl.SSLError`; an alert for the other side may then wait in `outgoing`.
    """

    def __init__(self, context: ssl.SSLContext, hostname: str) -> None:
        self.ended = False
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self.tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=hostname)

    def shake_hands(self, received: bytes) -> bool:
        """Go on with the handshake; True once it is done."""
        self._incoming.write(received)
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True

    def encrypt(self, data: bytes) -> None:
        """Add to what is to go out."""
        self.tls.write(data)

    def take_outgoing(self) -> bytes:
        """Return the bytes to send, once."""
        return self._outgoing.read()

    def decrypt(self, received: bytes) -> bytes:
        """Return the content of the records in those bytes; maybe nothing (tickets, half a record)."""
        self._incoming.write(received)
        plain = []
        try:
            while self._incoming.pending and not self.ended:
                plain.append(self.tls.read(_RECORD))
                self.ended = not plain[-1]
        except ssl.SSLWantReadError:
            return b"".join(plain)
        return plain[0] if len(plain) == 1 else b"".join(plain)
