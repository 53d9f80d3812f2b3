"""A LiteLLM proxy with llmock behind it: no database, one key, no retries of its own."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.conformance.asking import KEY
from tests.parts.daemon import environment
from tests.parts.process import free_port, running
from tests.peers.cache import fetched

UPSTREAM_KEY = "sk-upstream-0123456789"


def _route(name: str, model: str, base: str, **more: Any) -> Mapping[str, Any]:
    return {"model_name": name, "litellm_params": {"model": model, "api_base": base, "api_key": UPSTREAM_KEY, **more}}


def _configuration(upstream: str) -> Mapping[str, Any]:
    """One model per vendor, llmock's cases, two that fail together, one whose budget its first answer spends."""
    openai = f"{upstream}/v1"
    return {
        "model_list": [
            _route("by-openai", "openai/by-openai", openai),
            _route("by-anthropic", "anthropic/by-anthropic", f"{upstream}/anthropic"),
            _route("by-gemini", "gemini/by-gemini", f"{upstream}/gemini/v1beta"),
            _route("embedding", "openai/text-embedding-3-small", openai),
            _route("case-*", "openai/case-*", openai),
            _route("twice", "openai/case-503", openai),
            _route("twice", "openai/case-500", openai),
            _route("spent", "openai/gpt-4o-mini", openai, max_budget=1e-9, budget_duration="1d"),
        ],
        "litellm_settings": {"num_retries": 0, "drop_params": True},
        "router_settings": {"num_retries": 0, "allowed_fails": 0, "cooldown_time": 60},
        "general_settings": {"master_key": KEY},
    }


@contextlib.asynccontextmanager
async def running_litellm(upstream: str, folder: Path) -> AsyncIterator[str]:
    """Start a proxy in front of that llmock; its address, once it is ready."""
    program = fetched("litellm/bin/litellm")
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "litellm.yml").write_text(yaml.safe_dump(_configuration(upstream)))
    command = (program, "--config", "litellm.yml", "--host", "127.0.0.1", "--port", str(port))
    variables = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_TELEMETRY": "False", "HOME": str(folder)}
    async with running(command, folder, environment(**variables)) as process:
        await process.answers(f"http://127.0.0.1:{port}/health/readiness", seconds=180)
        yield f"http://127.0.0.1:{port}"


async def litellm_version() -> str:
    """The version that is in the cache."""
    asked = "import importlib.metadata as m; print(m.version('litellm'))"
    process = await asyncio.create_subprocess_exec(
        fetched("litellm/bin/python"), "-c", asked, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    return out.decode().strip()
