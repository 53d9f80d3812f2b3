"""What the vendors write, our own configuration and dialects read: asked as a probe asks, answer by answer."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from exporter.config.load import load_plan
from exporter.core.ask import Ask, CallTool, Complete, ListModels
from exporter.core.clock import SystemClock
from exporter.core.exchange import (
    Delta,
    Event,
    Finish,
    Finished,
    Headroom,
    Listed,
    RemoteError,
    ServedBy,
    ToolCall,
    Usage,
)
from exporter.core.outcome import Reason
from exporter.core.plan import Plan
from exporter.core.target import Target
from exporter.demo import Vendors
from exporter.demo.script import Trouble
from exporter.dialects import DIALECTS
from exporter.probes import PROBES
from tests.demo.caller import Caller, Reply
from tests.demo.conftest import HeldClock

COUNTING = Complete("f00d: Count from one to sixteen in English words, with single spaces between them.")


@pytest.fixture
def plan(vendors: Vendors, tmp_path: Path) -> Plan:
    file = tmp_path / "demo.yml"
    file.write_text(yaml.safe_dump(vendors.make_config()))
    return load_plan(file, {}, PROBES, DIALECTS)


def targets(plan: Plan) -> dict[tuple[str, str], Target]:
    return {(check.target.provider.name, check.target.model): check.target for check in plan.checks}


async def ask(caller: Caller, question: Ask, target: Target) -> list[Event]:
    """One exchange without the exporter's transport: encode, send, decode or classify."""
    dialect = DIALECTS[target.dialect]
    request = dialect.encode(question, target)
    key = target.provider.credential.reveal()
    assert key is not None
    headers = {**request.headers, dialect.key_header.name: dialect.key_header.prefix + key.get_secret_value()}
    reply: Reply = await caller.send_bytes(
        target.provider.base_url + request.path, request.method, request.body, headers
    )
    head = dialect.read_headers(reply.headers, SystemClock().wall())
    if reply.status != 200:
        return [*head, dialect.classify_error(reply.status, reply.headers, reply.body)]
    decoder = dialect.make_decoder(question, target)
    return [*head, *decoder.feed(reply.body), *decoder.close()]


def only(kind: type[Any], events: list[Event]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def test_the_configuration_is_accepted_and_asks_everything(plan: Plan, vendors: Vendors) -> None:
    asked = {(check.target.provider.name, check.target.model, check.kind) for check in plan.checks}
    for row in vendors.make_config()["models"]:
        for provider in row["providers"]:
            assert {(provider, row["model"], "chat"), (provider, row["model"], "canary")} <= asked
    assert {(provider, "", "models") for provider in vendors.urls} <= asked
    assert {check.interval for check in plan.checks} == {5.0, 15.0}
    assert not plan.status_pages


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
async def test_every_route_is_read_rightly(caller: Caller, plan: Plan, *, streamed: bool) -> None:
    for (provider, model), target in targets(plan).items():
        if not model:
            continue
        events = await ask(caller, Complete(COUNTING.prompt, streamed=streamed), target)
        assert only(RemoteError, events) == [], (provider, model)
        text = "".join(delta.text for delta in only(Delta, events))
        assert text.startswith("one two"), (provider, model)
        assert text.endswith("fifteen sixteen"), (provider, model)
        usage = only(Usage, events)[-1].tokens
        assert usage.output == usage.reasoning + 16, (provider, model)
        assert [finished.why for finished in only(Finished, events)] == [Finish.STOP]
        served = {told.model for told in only(ServedBy, events)} - {None}
        assert len(served) == 1, (provider, model)
        assert bool(only(Headroom, events)) == (provider in ("openai", "anthropic"))


async def test_every_list_is_read_rightly(caller: Caller, plan: Plan, clock: HeldClock) -> None:
    for (provider, model), target in targets(plan).items():
        if model:
            continue
        (listed,) = only(Listed, await ask(caller, ListModels(), target))
        retires = {row.id: row.retires_at for row in listed.models}
        assert {name for where, name in targets(plan) if where == provider and name} <= set(retires)
        ending = {name for name, at in retires.items() if at is not None}
        assert ending == ({"claude-3-5-sonnet", "claude-3-5-sonnet-20241022"} if provider == "anthropic" else set())
        assert all(at == clock.date + 20 * 86_400 for name, at in retires.items() if name in ending)


async def test_tool_calls_are_read_rightly(caller: Caller, plan: Plan) -> None:
    parameters = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    question = CallTool("Is it cold in Oslo?", "weather", "Tells the weather.", parameters)
    routes = [("openai", "gpt-4o"), ("anthropic", "claude-sonnet-4"), ("gemini", "gemini-2.5-flash")]
    for route in routes:
        events = await ask(caller, question, targets(plan)[route])
        calls = only(ToolCall, events)
        assert next(call.name for call in calls if call.name) == "weather"
        assert "".join(call.arguments for call in calls).replace(" ", "") == '{"city":"Oslo"}'


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (Trouble.OUTAGE, Reason.SERVER_ERROR),
        (Trouble.RATE_LIMITED, Reason.RATE_LIMITED),
        (Trouble.STREAM_CUT, Reason.STREAM_INTERRUPTED),
        (Trouble.OVERLOADED, Reason.OVERLOADED),
        (Trouble.KEY_REJECTED, Reason.AUTH),
        (Trouble.QUOTA_EXHAUSTED, Reason.QUOTA_EXHAUSTED),
        (Trouble.MODEL_MISSING, Reason.MODEL_NOT_FOUND),
    ],
)
async def test_every_trouble_is_named_rightly_in_every_dialect(
    vendors: Vendors, caller: Caller, plan: Plan, trouble: Trouble, reason: Reason
) -> None:
    for (provider, model), target in targets(plan).items():
        if not model:
            continue
        vendors.force(trouble, provider=provider, model=model)
        errors = only(RemoteError, await ask(caller, COUNTING, target))
        vendors.release()
        assert [error.failure.reason for error in errors] == [reason], (provider, model)


async def test_waits_asked_for_are_read(vendors: Vendors, caller: Caller, plan: Plan) -> None:
    for route in (("openai", "gpt-4o"), ("anthropic", "claude-sonnet-4"), ("gemini", "gemini-2.5-flash")):
        vendors.force(Trouble.RATE_LIMITED, provider=route[0])
        (error,) = only(RemoteError, await ask(caller, COUNTING, targets(plan)[route]))
        assert error.failure.retry_after == 4


async def test_low_headroom_is_read(vendors: Vendors, caller: Caller, plan: Plan) -> None:
    for route in (("openai", "gpt-4o"), ("anthropic", "claude-sonnet-4")):
        vendors.force(Trouble.LOW_HEADROOM, provider=route[0])
        (told,) = only(Headroom, await ask(caller, COUNTING, targets(plan)[route]))
        assert {limit.remaining / limit.limit for limit in told.limits} == {0.03}
