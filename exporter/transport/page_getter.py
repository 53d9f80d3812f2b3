"""Gets a public page: no key, no stamps, a bounded body and a deadline. Probes go by `HttpTransport`, never by this."""

import asyncio
from dataclasses import dataclass

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError
from pydantic import SecretStr

from exporter.transport.http.prepared_request import USER_AGENT
from exporter.transport.http.resolver import ThreadPerLookup

MOST_REDIRECTS = 3
CHUNK = 65_536
FAILURES: tuple[type[BaseException], ...] = (aiohttp.ClientError, HttpProcessingError, OSError, ValueError)
"""ValueError: an address that is none, wherever a redirect leads."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page, or in a few words why there is none."""

    body: bytes | None
    trouble: str = ""


class PageGetter:
    """Gets pages, each by a connection of its own. `seconds` limits the whole of it, `most_bytes` the body."""

    def __init__(self, *, seconds: float = 15.0, most_bytes: int = 4 * 1024 * 1024) -> None:
        self._seconds = seconds
        self._most_bytes = most_bytes
        self._resolver = ThreadPerLookup()

    async def __call__(self, url: str, proxy: SecretStr | None = None) -> Fetched:
        """Get a page. Raises only CancelledError."""
        if proxy is not None and proxy.get_secret_value().startswith("socks"):
            return Fetched(None, "not read through a SOCKS proxy")
        try:
            async with asyncio.timeout(self._seconds), self._session() as session:
                return await self._get(session, url, proxy.get_secret_value() if proxy else None)
        except FAILURES as error:
            return Fetched(None, type(error).__name__)

    def _session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True, use_dns_cache=False, resolver=self._resolver),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
            # Not decompressed: a small body that grows without end is not worth a status page.
            headers={"user-agent": USER_AGENT, "accept": "application/json", "accept-encoding": "identity"},
            auto_decompress=False,
        )

    async def _get(self, session: aiohttp.ClientSession, url: str, proxy: str | None) -> Fetched:
        async with session.get(url, proxy=proxy, max_redirects=MOST_REDIRECTS) as answer:
            if answer.status != 200:  # noqa: PLR2004 (HTTP)
                return Fetched(None, f"HTTP {answer.status}")
            body = bytearray()
            async for chunk in answer.content.iter_chunked(CHUNK):
                body += chunk
                if len(body) > self._most_bytes:
                    return Fetched(None, "too large")
            return Fetched(bytes(body))
