"""Authentication that a fixed header cannot do: a signature over each request, or a token that soon expires.

What does it is an optional extra, imported only where a provider asks for it.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

from pydantic import SecretStr

from exporter.core.outcome import Reason
from exporter.core.target import GoogleAuth, SigV4Auth
from exporter.transport.failures import SetupError


class Authorizer(Protocol):
    """Authorizes requests of one provider; keeps what it has learnt until it is of no use."""

    async def sign_headers(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> Mapping[str, str]:
        """Return the headers to add to a request. `url` is written as it is sent. Raises SetupError."""

    def list_secrets(self) -> Iterable[SecretStr]:
        """List what it put into headers that must never be shown."""


def make_authorizer(auth: SigV4Auth | GoogleAuth) -> Authorizer:
    """Make the configured authorizer. Raises SetupError if its extra is not installed."""
    try:
        if isinstance(auth, SigV4Auth):
            from exporter.transport.auth.signatures import Signatures  # noqa: PLC0415 (an optional extra)

            return Signatures(auth)
        from exporter.transport.auth.google_tokens import GoogleTokens  # noqa: PLC0415 (an optional extra)

        return GoogleTokens(auth)
    except ModuleNotFoundError as error:
        said = f"{error.name} is not installed: pip install 'ai-api-exporter[{auth.extra}]'"
        raise SetupError(Reason.AUTH, said) from error
