"""Runs as the store gives them, and figures as they are made of them."""

from typing import Any

from exporter.report.figures import Figures
from exporter.store import StoredRun


def run(**but: Any) -> StoredRun:
    told: dict[str, Any] = {
        "at": 1000.0,
        "provider": "openai",
        "model": "gpt-4o",
        "probe": "chat",
        "alias": "gpt-4o",
        "reason": "ok",
        "latency": 1.0,
        "first_token": 0.5,
        "input": 10,
        "output": 5,
        "cost": 1_000_000,
    }
    return StoredRun(**told | but)


def failed(reason: str = "server_error", **but: Any) -> StoredRun:
    nothing: dict[str, Any] = {"latency": None, "first_token": None, "input": 0, "output": 0, "cost": None}
    return run(reason=reason, **nothing | but)


def figures(provider: str, *, mean: float = 1.0, runs: int = 100, errors: int = 0, alias: str = "gpt-4o") -> Figures:
    return Figures(
        provider=provider,
        model=f"model-of-{provider}",
        alias=alias,
        requests=runs + errors,
        errors={"server_error": errors} if errors else {},
        latency_sum=mean * runs,
        latency_count=runs,
        p95=mean * 2 if runs else None,
    )
