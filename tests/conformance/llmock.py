"""llmock, a mock of many vendors with faults on demand, as a process of its own on a free loopback port.

What it does with a request is scripted per model name, so that cases do not disturb one another.
"""

import contextlib
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from tests.parts.process import free_port, running

Behaviour = Mapping[str, Any]
"""One entry of llmock's `behaviors`: `{"type": "fail", "status": 429}` and the like."""


@dataclass(frozen=True, slots=True)
class Llmock:
    """A running llmock; `url` has no path and no trailing slash."""

    url: str

    async def script(self, model: str, *behaviours: Behaviour) -> None:
        """From now on this is what becomes of every request for that model."""
        told = [{"times": None, **each, "match": {"model": model}} for each in behaviours]
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.url}/_llmock/scenario", json={"behaviors": told}) as answer,
        ):
            assert answer.status == 201, await answer.text()

    async def received(self, model: str) -> tuple[Mapping[str, Any], ...]:
        """The requests for that model, oldest first, as llmock kept them."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.url}/_llmock/requests") as answer:
            kept = (await answer.json())["requests"]
        return tuple(each for each in kept if each["model"] == model)


@contextlib.asynccontextmanager
async def running_llmock(folder: Path, *words: str) -> AsyncIterator[Llmock]:
    """Start `llmock serve WORDS` and wait until it answers."""
    port = free_port()
    program = str(Path(sys.executable).with_name("llmock"))
    command = (program, "serve", "--host", "127.0.0.1", "--port", str(port), "--log-level", "warning", *words)
    async with running(command, folder) as process:
        await process.answers(f"http://127.0.0.1:{port}/health", seconds=60)
        yield Llmock(f"http://127.0.0.1:{port}")
