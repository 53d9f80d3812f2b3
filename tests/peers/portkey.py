"""Portkey's gateway as npm has it: it passes our key on to the upstream that headers name."""

import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from tests.parts.daemon import environment
from tests.parts.process import free_port, running
from tests.peers.cache import fetched

PACKAGE = "portkey/node_modules/@portkey-ai/gateway"


def route_to(upstream: str) -> Mapping[str, str]:
    """The headers that route to an upstream of OpenAI's protocol."""
    return {"x-portkey-provider": "openai", "x-portkey-custom-host": upstream}


@contextlib.asynccontextmanager
async def running_portkey(folder: Path) -> AsyncIterator[str]:
    """Start the gateway; its address, once it answers."""
    port = free_port()
    server = str(fetched(f"{PACKAGE}/build/start-server.js"))
    folder.mkdir(parents=True, exist_ok=True)
    async with running(("node", server, f"--port={port}", "--headless"), folder, environment()) as process:
        await process.answers(f"http://127.0.0.1:{port}/", seconds=60)
        yield f"http://127.0.0.1:{port}"


def portkey_version() -> str:
    """The version that is in the cache."""
    return str(json.loads(fetched(f"{PACKAGE}/package.json").read_text())["version"])
