"""Google's access tokens, fetched and renewed by google-auth in a thread, one at a time, and kept until they expire."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

import google.auth
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError, MalformedError, TransportError
from google.auth.transport.requests import Request
from google.oauth2 import service_account
from pydantic import SecretStr

from exporter.core.outcome import Fault, Reason
from exporter.core.target import GoogleAuth
from exporter.transport.failures import SetupError

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
KEPT = 4
"""Past tokens that are still masked."""


class GoogleTokens:
    """Tokens of a service account's key file, or of the account that Google's own tools would find."""

    def __init__(self, auth: GoogleAuth) -> None:
        self._auth = auth
        self._credentials: Any = None
        self._renewal: asyncio.Task[None] | None = None
        self._seen: list[SecretStr] = []

    async def sign_headers(
        self,
        method: str,  # noqa: ARG002 (a token fits every request)
        url: str,  # noqa: ARG002
        headers: Mapping[str, str],  # noqa: ARG002
        body: bytes | None,  # noqa: ARG002
    ) -> Mapping[str, str]:
        if self._credentials is None or not self._credentials.valid:
            await self._wait_for_renewal()
        return {"authorization": f"Bearer {self._credentials.token}"}

    def list_secrets(self) -> Iterable[SecretStr]:
        return tuple(self._seen)

    async def _wait_for_renewal(self) -> None:
        """Wait for the renewal under way: a caller that gives up leaves it to the next, so there is one thread."""
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.create_task(asyncio.to_thread(self._renew))
            self._renewal.add_done_callback(_read_exception)
        renewal = self._renewal
        await asyncio.wait([renewal])
        renewal.result()

    def _renew(self) -> None:
        """Get a token. Only whole credentials are kept, so that a failure is tried anew from the start."""
        try:
            credentials = self._credentials or self._find_credentials()
            credentials.refresh(Request())
        except (MalformedError, OSError, ValueError) as error:
            said = f"the key file {self._auth.file} cannot be used: it is not that of a service account"
            raise SetupError(Reason.AUTH, said) from error
        except DefaultCredentialsError as error:
            said = "no Google credentials: write auth.file, or set GOOGLE_APPLICATION_CREDENTIALS"
            raise SetupError(Reason.AUTH, said) from error
        except TransportError as error:
            raise SetupError(Reason.CONNECT, "Google's token server cannot be reached", Fault.NETWORK) from error
        except GoogleAuthError as error:
            raise SetupError(Reason.AUTH, f"Google gives no token: {_first_words(error)}") from error
        self._credentials = credentials
        self._seen = [*self._seen, SecretStr(credentials.token)][-KEPT:]

    def _find_credentials(self) -> Any:
        if self._auth.file is not None:
            made: Any = service_account.Credentials
            return made.from_service_account_file(str(self._auth.file), scopes=[SCOPE])
        return google.auth.default(scopes=[SCOPE])[0]


def _read_exception(renewal: asyncio.Task[None]) -> None:
    """Retrieve the exception of a renewal that no request waits for; the next request meets it again."""
    if not renewal.cancelled():
        renewal.exception()


def _first_words(error: GoogleAuthError) -> str:
    """Return the first words of the error: the rest is the whole answer of the token server."""
    return str(error.args[0]) if error.args else type(error).__name__
