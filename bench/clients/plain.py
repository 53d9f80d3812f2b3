"""The question asked with the HTTP clients that people write their own probes with: aiohttp and httpx."""

import asyncio
import json
import ssl

import aiohttp
import httpx

from bench.clients.base import KEY, QUESTION, Errand, Inside, Seen, content, now

HEADERS = {"authorization": f"Bearer {KEY}", "accept": "text/event-stream"}


class Aiohttp(Inside):
    """aiohttp, its body read line by line."""

    def __init__(self, errand: Errand) -> None:
        self._errand = errand
        self._context = ssl.create_default_context(cafile=errand.ca)

    async def open(self) -> None:
        connector = aiohttp.TCPConnector(ssl=self._context, limit=0, force_close=not self._errand.keep_alive)
        self._session = aiohttp.ClientSession(connector=connector, headers=HEADERS)

    async def ask(self, number: int) -> Seen | None:  # noqa: ARG002  (the server's name for it is as good)
        first = None
        async with self._session.post(f"{self._errand.base}/chat/completions", json=QUESTION) as answer:
            async for line in answer.content:
                if line == b"data: [DONE]\n":
                    return Seen(answer.headers["x-request-id"], None, first, now())
                if first is None and line.startswith(b"data: ") and content(json.loads(line[6:])):
                    first = now()
        return None

    async def close(self) -> None:
        await self._session.close()
        await asyncio.sleep(0)


class Httpx(Inside):
    """httpx, its body read line by line."""

    def __init__(self, errand: Errand) -> None:
        self._errand = errand
        self._context = ssl.create_default_context(cafile=errand.ca)

    async def open(self) -> None:
        kept = None if self._errand.keep_alive else 0
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=kept)
        self._client = httpx.AsyncClient(
            verify=self._context, limits=limits, timeout=60, headers=HEADERS, trust_env=False
        )

    async def ask(self, number: int) -> Seen | None:  # noqa: ARG002  (the server's name for it is as good)
        first = None
        async with self._client.stream("POST", f"{self._errand.base}/chat/completions", json=QUESTION) as answer:
            async for line in answer.aiter_lines():
                if line == "data: [DONE]":
                    return Seen(answer.headers["x-request-id"], None, first, now())
                if first is None and line.startswith("data: ") and content(json.loads(line[6:])):
                    first = now()
        return None

    async def close(self) -> None:
        await self._client.aclose()
