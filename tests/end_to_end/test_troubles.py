"""The demo's script of troubles, played in real time: each shows as the right error and the right health."""

from dataclasses import dataclass
from pathlib import Path
from signal import SIGINT

import pytest

from exporter.demo.script import CYCLE
from tests.parts.daemon import Metrics, running_daemon
from tests.parts.waiting import eventually


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What one scrape has to show of a check: samples with these values, and the state it is in."""

    provider: str
    model: str
    probe: str = "chat"
    error: str | None = None
    state: str
    more: tuple[tuple[str, float, tuple[tuple[str, str], ...]], ...] = ()

    def seen(self, scrape: Metrics) -> bool:
        """Whether this scrape shows all of it at once."""
        check = {"provider": self.provider, "model": self.model, "probe": self.probe}
        if scrape.value("ai_api_probe_state", **check, state=self.state) != 1:
            return False
        if self.error and not (
            scrape.value("ai_api_probe_failure_info", **check, error_type=self.error) == 1
            and (scrape.value("ai_api_errors_total", **check, error_type=self.error) or 0) > 0
        ):
            return False
        return all(scrape.value(name, **check, **dict(labels)) == value for name, value, labels in self.more)


def flag(name: str) -> tuple[tuple[str, float, tuple[tuple[str, str], ...]], ...]:
    return (("ai_api_probe_flag", 1, (("flag", name),)),)


TROUBLES = {
    "slow first token": Sight(provider="gemini", model="gemini-2.5-flash", state="degraded", more=flag("slow")),
    "rate limited": Sight(provider="openai", model="gpt-4o", error="rate_limited", state="degraded"),
    "stream cut": Sight(provider="holysheep", model="deepseek-v3", error="stream_interrupted", state="down"),
    "wrong model": Sight(provider="holysheep", model="gpt-4.1", state="up", more=flag("mismatched")),
    "overloaded": Sight(provider="anthropic", model="claude-sonnet-4", error="overloaded", state="down"),
    "quota exhausted": Sight(provider="holysheep", model="o3-mini", error="quota_exhausted", state="down"),
    "key rejected": Sight(provider="expiring-tls", model="deepseek-v3", error="auth", state="down"),
    "model missing": Sight(provider="holysheep", model="claude-3-5-sonnet", error="model_not_found", state="down"),
    "outage": Sight(provider="holysheep", model="gpt-4o", error="server_error", state="down"),
}


@pytest.mark.timeout(3 * CYCLE)
async def test_each_trouble_shows_itself(tmp_path: Path) -> None:
    """What a busy machine misses the first time comes round once more."""
    waiting = dict(TROUBLES)
    down: set[tuple[str, str]] = set()

    async with running_daemon(tmp_path, "demo") as demo:

        async def all_seen() -> bool:
            scrape = await demo.scrape()
            for name in [each for each, sight in waiting.items() if sight.seen(scrape)]:
                del waiting[name]
            down.update(
                (sample.labels["provider"], sample.labels["model"])
                for sample in scrape.samples("ai_api_model_health")
                if sample.value == 0
            )
            return not waiting

        await eventually(all_seen, waiting.keys(), 2 * CYCLE, pause=1)
        last = await demo.scrape()
        assert await demo.process.stop(SIGINT) == 0
    assert ("openai", "gpt-4o") not in down, "neither 429s nor the gateway's outage take a direct route down"
    assert ("holysheep", "gpt-4o") in down
    assert last.value("ai_api_exporter_internal_errors_total") == 0
