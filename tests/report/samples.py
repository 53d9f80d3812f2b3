"""Figures as a window gives them."""

from exporter.core.window_figures import Figures


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
