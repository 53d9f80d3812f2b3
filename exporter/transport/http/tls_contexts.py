"""TLS contexts: made in threads (reading certificates takes some 20 ms), shared by who needs nothing special."""

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
