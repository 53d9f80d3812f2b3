"""The question asked with the official openai SDK: what measures latency inside most applications."""

import ssl

import httpx2
from openai import AsyncOpenAI

from bench.clients.base import KEY, WORDS, Errand, Inside, Seen, now


class OpenAI(Inside):
    """The SDK as its documentation shows it, but for retries, proxies and the certificate to trust."""

    def __init__(self, errand: Errand) -> None:
        self._errand = errand
        self._context = ssl.create_default_context(cafile=errand.ca)

    async def open(self) -> None:
        kept = None if self._errand.keep_alive else 0
        limits = httpx2.Limits(max_connections=None, max_keepalive_connections=kept)
        http = httpx2.AsyncClient(verify=self._context, limits=limits, timeout=60, trust_env=False)
        self._client = AsyncOpenAI(base_url=self._errand.base, api_key=KEY, max_retries=0, http_client=http)

    async def ask(self, number: int) -> Seen | None:  # noqa: ARG002  (the server's name for it is as good)
        name, first = "", None
        stream = await self._client.chat.completions.create(
            model="reference",
            messages=[{"role": "user", "content": WORDS}],
            max_tokens=32,
            stream=True,
            stream_options={"include_usage": True},
        )
        async for event in stream:
            name = event.id
            if first is None and event.choices and event.choices[0].delta.content:
                first = now()
        return Seen(name, None, first, now()) if first is not None else None

    async def close(self) -> None:
        await self._client.close()
