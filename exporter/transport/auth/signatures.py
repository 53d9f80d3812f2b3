"""AWS Signature Version 4, made by botocore: of its sessions, clients and retries nothing is used but the signer.

Credentials are looked for where all AWS tools look: variables, the files that tools share, a container's or machine's
role. Those of a role expire and are renewed by botocore in time. All of it may block, so it runs in a thread.
"""

import asyncio
import threading
from collections.abc import Iterable, Mapping
from typing import Any

from botocore.auth import SigV4Auth as Signer
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError
from botocore.session import Session
from pydantic import SecretStr

from exporter.core.outcome import Reason
from exporter.core.target import SigV4Auth
from exporter.transport.failures import SetupError

SIGNED = ("content-type",)
"""Headers of ours that are signed, beside `host` and the date; others a proxy may change."""

KEPT = 8
"""Past values that are still masked: those of a role change every few hours."""

NOWHERE = "no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine a role"


class Signatures:
    """Signs requests for one region with the credentials of the moment."""

    def __init__(self, auth: SigV4Auth) -> None:
        self._auth = auth
        self._credentials: Any = None
        self._finding = threading.Lock()
        self._seen: list[SecretStr] = []

    async def sign_headers(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> Mapping[str, str]:
        signed = {name: headers[name] for name in SIGNED if name in headers}
        request = AWSRequest(method=method, url=url, data=body or b"", headers=signed)
        await asyncio.to_thread(self._sign, request)
        return {name.lower(): value for name, value in request.headers.items() if name not in signed}

    def list_secrets(self) -> Iterable[SecretStr]:
        return tuple(self._seen)

    def _sign(self, request: AWSRequest) -> None:
        try:
            with self._finding:
                credentials = self._find_credentials()
                frozen = credentials.get_frozen_credentials()
                self._remember_secrets(frozen.secret_key, frozen.token)
            Signer(frozen, self._auth.service, self._auth.region).add_auth(request)
        except BotoCoreError as error:
            raise SetupError(Reason.AUTH, f"AWS credentials cannot be had: {error}") from error

    def _find_credentials(self) -> Any:
        """Find the credentials; they are looked for again until there are some."""
        if self._credentials is None:
            self._credentials = Session(profile=self._auth.profile).get_credentials()
        if self._credentials is None:
            raise SetupError(Reason.AUTH, NOWHERE)
        return self._credentials

    def _remember_secrets(self, *values: str | None) -> None:
        for value in values:
            if value and all(value != each.get_secret_value() for each in self._seen):
                self._seen = [*self._seen, SecretStr(value)][-KEPT:]
