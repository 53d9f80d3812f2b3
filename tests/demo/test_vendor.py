"""Each trouble as a client sees it, on its route and at its time of the script."""

import pytest

from exporter.demo.delivery import SLOWEST
from exporter.demo.script import EVERY, SCRIPT, Scene, Trouble
from tests.demo.caller import Caller, Reply
from tests.demo.conftest import HeldClock, Naps

PASSING = (Trouble.RATE_LIMITED, Trouble.OVERLOADED)
SCENES = {scene.trouble: scene for scene in SCRIPT}


def route(scene: Scene) -> tuple[str, str]:
    return scene.provider, "deepseek-v3" if scene.model == EVERY else scene.model


def fine(reply: Reply) -> bool:
    return reply.status == 200 and reply.whole and b"error" not in reply.body


@pytest.mark.parametrize(
    ("trouble", "status", "words"),
    [
        pytest.param(Trouble.OUTAGE, 502, b"<h1>502 Bad Gateway</h1>", id="outage"),
        pytest.param(Trouble.RATE_LIMITED, 429, b'"rate_limit_exceeded"', id="rate limited"),
        pytest.param(Trouble.OVERLOADED, 529, b'"overloaded_error"', id="overloaded"),
        pytest.param(Trouble.KEY_REJECTED, 401, b'"invalid_api_key"', id="key rejected"),
        pytest.param(Trouble.QUOTA_EXHAUSTED, 429, b'"insufficient_quota"', id="quota exhausted"),
        pytest.param(Trouble.MODEL_MISSING, 404, b'"model_not_found"', id="model missing"),
    ],
)
async def test_troubles_that_are_errors(
    caller: Caller, clock: HeldClock, trouble: Trouble, status: int, words: bytes
) -> None:
    scene = SCENES[trouble]
    clock.second = scene.begins - 0.5
    assert fine(await caller.ask(*route(scene)))
    clock.second = scene.begins
    reply = await caller.ask(*route(scene))
    assert reply.status == status
    assert words in reply.body
    assert ("retry-after" in reply.headers) == (trouble in PASSING)
    clock.second = scene.ends
    assert fine(await caller.ask(*route(scene)))


@pytest.mark.parametrize("trouble", [Trouble.OUTAGE, Trouble.KEY_REJECTED])
async def test_a_providers_own_trouble_stops_its_list_too(caller: Caller, clock: HeldClock, trouble: Trouble) -> None:
    scene = SCENES[trouble]
    assert (await caller.list(scene.provider)).status == 200
    clock.second = scene.begins
    assert (await caller.list(scene.provider)).status in (401, 502)


async def test_another_model_says_that_it_answered(caller: Caller, clock: HeldClock) -> None:
    assert (await caller.openai("gpt-4.1", provider="holysheep")).json()["model"] == "gpt-4.1-2025-04-14"
    clock.second = SCENES[Trouble.WRONG_MODEL].begins
    assert (await caller.openai("gpt-4.1", provider="holysheep")).json()["model"] == "gpt-4o-mini-2024-07-18"


async def test_a_missing_model_is_not_listed(caller: Caller, clock: HeldClock) -> None:
    async def listed() -> set[str]:
        return {row["id"] for row in (await caller.list("holysheep")).json()["data"]}

    before = await listed()
    clock.second = SCENES[Trouble.MODEL_MISSING].begins
    assert before - await listed() == {"claude-3-5-sonnet", "claude-3-5-sonnet-20241022"}


async def test_a_wrong_canary_is_only_wrong(caller: Caller, clock: HeldClock) -> None:
    clock.second = SCENES[Trouble.CANARY_WRONG].begins
    reply = await caller.openai("gpt-4o-mini", "What is 17 + 25?")
    assert (reply.status, reply.json()["choices"][0]["message"]["content"]) == (200, "43")
    assert (await caller.openai("gpt-4o", "What is 17 + 25?")).json()["choices"][0]["message"]["content"] == "42"


async def test_low_headroom_is_told_and_comes_back(caller: Caller, clock: HeldClock) -> None:
    scene = SCENES[Trouble.LOW_HEADROOM]

    async def share() -> float:
        headers = (await caller.anthropic("claude-sonnet-4")).headers
        limit, remaining = (float(headers[f"anthropic-ratelimit-requests-{word}"]) for word in ("limit", "remaining"))
        return remaining / limit

    assert await share() > 0.9
    clock.second = scene.begins
    assert await share() == 0.03
    clock.second = scene.ends
    assert await share() > 0.9


async def test_a_limited_vendor_says_that_nothing_is_left(caller: Caller, clock: HeldClock) -> None:
    clock.second = SCENES[Trouble.RATE_LIMITED].begins
    headers = (await caller.openai("gpt-4o")).headers
    assert headers["x-ratelimit-remaining-requests"] == "0"
    assert headers["x-ratelimit-reset-requests"] == "1m0s"


async def test_slow_first_tokens_come_seconds_after_the_headers(caller: Caller, clock: HeldClock, naps: Naps) -> None:
    def longest() -> float:
        """The longest wait since the last time it was asked."""
        longest, naps.seconds = max(naps.seconds), []
        return longest

    assert fine(await caller.ask("gemini", "gemini-2.5-flash"))
    assert longest() < SLOWEST
    clock.second = SCENES[Trouble.SLOW_FIRST_TOKEN].begins
    assert fine(await caller.ask("gemini", "gemini-2.5-flash"))
    assert longest() > 3


async def test_a_wrong_key_is_refused_and_not_repeated(caller: Caller) -> None:
    wrong = "not-the-right-key"
    replies = [
        await caller.openai("gpt-4o", key=wrong),
        await caller.anthropic("claude-sonnet-4", key=wrong),
        await caller.gemini("gemini-2.5-flash", key=wrong),
    ]
    assert [reply.status for reply in replies] == [401, 401, 400]
    assert not any(wrong.encode() in reply.body for reply in replies)
