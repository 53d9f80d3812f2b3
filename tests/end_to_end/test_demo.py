"""`ai-api-exporter demo`, as a newcomer meets it."""

from pathlib import Path
from signal import SIGINT

from tests.parts.daemon import Metrics, running_daemon
from tests.parts.waiting import eventually

MODELS = {
    "gpt-4.1",
    "gpt-4o",
    "gpt-4o-mini",
    "o3-mini",
    "claude-sonnet-4",
    "claude-3-5-sonnet",
    "gemini-2.5-flash",
    "deepseek-v3",
}


def models(seen: Metrics, name: str) -> set[str]:
    """The models that a metric has a value above zero for."""
    return {sample.labels["model"] for sample in seen.samples(name) if sample.value > 0}


async def test_the_demo_shows_every_model_and_ends_on_ctrl_c(tmp_path: Path) -> None:
    """Keys and proxies of the environment must not reach it: with this proxy nothing could."""
    variables = {
        "OPENAI_API_KEY": "never-to-be-used",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "ALL_PROXY": "http://127.0.0.1:9",
    }
    async with running_daemon(tmp_path, "demo", variables=variables) as demo:

        async def all_there() -> Metrics | None:
            seen = await demo.scrape()
            known = {sample.labels["model"] for sample in seen.samples("ai_api_model_health")}
            answered = models(seen, "ai_api_time_to_first_token_seconds_count") & models(seen, "ai_api_tokens_total")
            return seen if known >= MODELS and answered >= MODELS else None

        seen = await eventually(all_there, "all eight models with health, first token and tokens")
        assert "holysheep" in {sample.labels["provider"] for sample in seen.samples("ai_api_model_health")}
        assert seen.value("ai_api_exporter_internal_errors_total") == 0
        assert await demo.process.stop(SIGINT) == 0
        said = demo.process.stdout + demo.process.stderr
    assert demo.url in said
    assert "Traceback" not in said
    assert "never-to-be-used" not in said
