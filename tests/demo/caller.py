"""A plain HTTP client of the simulated vendors: no SDK, no dialect of ours."""

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientPayloadError, ClientSession
from yarl import URL

from exporter.demo import Vendors

KEY = "demo-key-not-secret"


@dataclass(frozen=True)
class Reply:
    """What came back; `whole` is False where the connection ended before the answer did."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool = True

    def json(self) -> Any:
        return json.loads(self.body)

    def events(self) -> list[Any]:
        """The data of the server-sent events, parsed where it is JSON."""
        lines = [line[6:] for line in self.body.decode().split("\n") if line.startswith("data: ")]
        return [line if line == "[DONE]" else json.loads(line) for line in lines]


class Caller:
    """Speaks each dialect by hand."""

    def __init__(self, session: ClientSession, vendors: Vendors) -> None:
        self._session = session
        self._vendors = vendors

    async def send(
        self,
        provider: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        method: str | None = None,
    ) -> Reply:
        """Send that; a GET where there is no body."""
        content = None if body is None else json.dumps(body).encode()
        method = method or ("GET" if content is None else "POST")
        return await self.send_bytes(self._vendors.urls[provider] + path, method, content, headers or {})

    async def send_bytes(self, url: str, method: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
        """Send exactly that."""
        tls = ssl.create_default_context(cafile=self._vendors.ca_file)
        address = URL(url, encoded=True)
        async with self._session.request(method, address, data=body, headers=headers, ssl=tls) as answer:
            told, whole = b"", True
            try:
                async for part in answer.content.iter_any():
                    told += part
            except ClientPayloadError:
                whole = False
            names = {name.lower(): value for name, value in answer.headers.items()}
            return Reply(answer.status, names, told, whole)

    async def openai(
        self, model: str, prompt: str = "Hello", provider: str = "openai", key: str = KEY, **more: Any
    ) -> Reply:
        body = {"model": model, "messages": [{"role": "user", "content": prompt}], **more}
        return await self.send(provider, "/chat/completions", body, {"authorization": f"Bearer {key}"})

    async def anthropic(self, model: str, prompt: str = "Hello", key: str = KEY, **more: Any) -> Reply:
        body = {"model": model, "max_tokens": 64, "messages": [{"role": "user", "content": prompt}], **more}
        return await self.send("anthropic", "/v1/messages", body, {"x-api-key": key, "anthropic-version": "2023-06-01"})

    async def gemini(
        self, model: str, prompt: str = "Hello", method: str = "generateContent", key: str = KEY, **more: Any
    ) -> Reply:
        body = {"contents": [{"role": "user", "parts": [{"text": prompt}]}], **more}
        return await self.send("gemini", f"/v1/models/{model}:{method}", body, {"x-goog-api-key": key})

    async def ask(self, provider: str, model: str, prompt: str = "Hello") -> Reply:
        """A question in the provider's own dialect, streamed."""
        match provider:
            case "anthropic":
                return await self.anthropic(model, prompt, stream=True)
            case "gemini":
                return await self.gemini(model, prompt, "streamGenerateContent?alt=sse")
            case _:
                return await self.openai(model, prompt, provider, stream=True)

    async def list(self, provider: str) -> Reply:
        """The list of models in the provider's own dialect."""
        match provider:
            case "anthropic":
                return await self.send(
                    "anthropic", "/v1/models", headers={"x-api-key": KEY, "anthropic-version": "2023-06-01"}
                )
            case "gemini":
                return await self.send("gemini", "/v1beta/models", headers={"x-goog-api-key": KEY})
            case _:
                return await self.send(provider, "/models", headers={"authorization": f"Bearer {KEY}"})
