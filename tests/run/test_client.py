"""Calls: the form a vendor takes is learnt and kept, a list of models is followed to its end."""

import re
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from exporter.core.ask import Complete, ListModels
from exporter.core.clock import SystemClock
from exporter.core.exchange import Exchange, Listed, ServedBy
from exporter.core.outcome import Reason
from exporter.core.target import CapField, Check, Deadlines, Quirks, Target
from exporter.dialects import DIALECTS
from exporter.run.client import ModelClient
from exporter.transport import HttpTransport
from tests.fakes.script import Hang, Received, Script, Send, Wait, head, in_turn, reply, stream
from tests.fakes.server import FakeServer
from tests.transport.asking import GOOD, LIMITS, provider

REFUSED = reply(
    b'{"error":{"message":"Unsupported parameter: \'max_tokens\' is not supported with this model. Use '
    b'\'max_completion_tokens\' instead.","type":"invalid_request_error","param":"max_tokens",'
    b'"code":"unsupported_parameter"}}',
    400,
)
QUESTION = Complete("Say one word.")
LITTLE = 1.5
"""Seconds: few to wait for, and enough for the first answer on a busy machine."""
WAITED = 0.05
"""Seconds that the first answer takes of them."""


@pytest.fixture
async def calls() -> AsyncIterator[ModelClient]:
    transport = HttpTransport(SystemClock())
    yield ModelClient(transport, DIALECTS)
    await transport.close()


def check(url: str, dialect: str = "openai-chat", limits: Deadlines = LIMITS, **target: Any) -> Check:
    known: dict[str, Any] = {"provider": provider(url), "model": "o3-mini", "dialect": dialect}
    return Check(
        target=Target(**{**known, **target}),
        probe="chat",
        kind="chat",
        settings=None,
        interval=60,
        deadlines=limits,
        required=True,
        paid=True,
    )


def caps(server: FakeServer) -> list[str]:
    """Under which name each request carried the limit on output tokens."""
    bodies = [orjson.loads(request.body) for request in server.requests]
    return [next(name for name in CapField if name in body) for body in bodies]


OLD, NEW = CapField.MAX_TOKENS, CapField.MAX_COMPLETION_TOKENS


async def test_a_question_is_asked_once_where_it_is_taken(calls: ModelClient) -> None:
    async with FakeServer(stream(*GOOD)) as server:
        seen = await calls.make_call(check(server.url))(QUESTION)
    assert (seen.failure, caps(server)) == (None, [OLD])


async def test_the_form_that_is_taken_is_found_and_kept(calls: ModelClient) -> None:
    async with FakeServer(in_turn(REFUSED, stream(*GOOD))) as server:
        call = calls.make_call(check(server.url))
        first, second = await call(QUESTION), await call(QUESTION)
    assert (first.failure, second.failure) == (None, None)
    assert caps(server) == [OLD, NEW, NEW]


async def test_the_answer_to_the_taken_form_is_the_one_measured(calls: ModelClient) -> None:
    async with FakeServer(in_turn(REFUSED, stream(*GOOD))) as server:
        seen = await calls.make_call(check(server.url))(QUESTION)
    assert seen.status == 200
    assert NEW.encode() in seen.sent_bytes


async def test_each_model_learns_for_itself(calls: ModelClient) -> None:
    async with FakeServer(in_turn(REFUSED, stream(*GOOD))) as server:
        await calls.make_call(check(server.url))(QUESTION)
        await calls.make_call(check(server.url, model="gpt-4o"))(QUESTION)
    assert caps(server) == [OLD, NEW, OLD]


async def test_what_was_learnt_can_be_forgotten(calls: ModelClient) -> None:
    async with FakeServer(in_turn(REFUSED, stream(*GOOD), REFUSED, stream(*GOOD))) as server:
        asked = check(server.url)
        await calls.make_call(asked)(QUESTION)
        calls.forget_quirks(asked.target.provider, "another-model")
        calls.forget_quirks(provider(server.url, name="another"))
        calls.forget_quirks(asked.target.provider, "o3-mini")
        await calls.make_call(asked)(QUESTION)
        calls.forget_quirks(asked.target.provider)
        await calls.make_call(asked)(QUESTION)
    assert caps(server) == [OLD, NEW, OLD, NEW, OLD]


async def test_another_configured_form_makes_the_lesson_void(calls: ModelClient) -> None:
    async with FakeServer(in_turn(REFUSED, stream(*GOOD))) as server:
        await calls.make_call(check(server.url))(QUESTION)
        await calls.make_call(check(server.url, quirks=Quirks(minimum_cap=64)))(QUESTION)
    assert caps(server) == [OLD, NEW, OLD]


async def test_another_address_makes_the_lesson_void(calls: ModelClient) -> None:
    """Who answers there under the provider's name may be somebody else."""
    async with FakeServer(in_turn(REFUSED, stream(*GOOD))) as before, FakeServer(stream(*GOOD)) as after:
        await calls.make_call(check(before.url))(QUESTION)
        await calls.make_call(check(after.url))(QUESTION)
    assert caps(after) == [OLD]


async def test_a_form_that_is_refused_too_is_not_learnt(calls: ModelClient) -> None:
    async with FakeServer(REFUSED) as server:
        call = calls.make_call(check(server.url))
        seen = await call(QUESTION)
        await call(QUESTION)
    assert seen.failure is not None
    assert seen.failure.reason is Reason.BAD_REQUEST
    assert caps(server) == [OLD, NEW, OLD, NEW]


async def test_before_another_form_is_sent_somebody_is_asked(calls: ModelClient) -> None:
    sent: list[int] = []
    async with FakeServer(in_turn(REFUSED, stream(*GOOD))) as server:

        async def again() -> None:
            sent.append(len(server.requests))

        call = calls.make_call(check(server.url), again)
        await call(QUESTION)
        await call(QUESTION)
    assert sent == [1]
    assert len(server.requests) == 3


async def test_what_was_taken_and_then_refused_is_not_asked_again(calls: ModelClient) -> None:
    """A refusal inside of a stream may be billed, so a second form would cost twice."""
    (refusal,) = REFUSED
    assert isinstance(refusal, Send)
    said = refusal.data.partition(b"\r\n\r\n")[2]
    async with FakeServer(stream(b"data: " + said + b"\n\n")) as server:
        seen = await calls.make_call(check(server.url))(QUESTION)
    assert seen.failure is not None
    assert seen.failure.reason is Reason.BAD_REQUEST
    assert len(server.requests) == 1


async def test_other_failures_are_not_asked_again(calls: ModelClient) -> None:
    async with FakeServer(reply(b"{}", 429)) as server:
        seen = await calls.make_call(check(server.url))(QUESTION)
    assert seen.failure is not None
    assert len(server.requests) == 1


def time_given(seen: Exchange) -> float:
    """Seconds that the last request had, as its failure tells."""
    assert seen.failure is not None
    assert seen.failure.reason is Reason.TIMEOUT_TOTAL
    told = re.fullmatch(r"not done within (\S+) s", seen.failure.detail)
    assert told is not None, seen.failure
    return float(told[1])


async def test_the_second_form_has_only_the_time_that_is_left(calls: ModelClient) -> None:
    limits = Deadlines(connect=LITTLE, first_token=LITTLE, total=LITTLE)
    async with FakeServer(in_turn([Wait(WAITED), *REFUSED], [Hang()])) as server:
        seen = await calls.make_call(check(server.url, limits=limits))(QUESTION)
    assert len(server.requests) == 2
    assert time_given(seen) == LITTLE, "the limit of the whole run is named"
    assert seen.ended < LITTLE


def page(request: Received) -> Script:
    """Anthropic's list of models in three pages, by the last id of the page before."""
    after = request.path.partition("after_id=")[2] or "0"
    last = int(after) + 2
    rows = [{"id": str(last - 1)}, {"id": str(last)}]
    body = {"data": rows, "last_id": str(last), "has_more": last < 6}
    return reply(orjson.dumps(body), headers={"request-id": f"page-{last}"})


def listed(seen: Exchange) -> list[str]:
    found = [each.event for each in seen.events if isinstance(each.event, Listed)]
    assert len(found) == 1
    return [model.id for model in found[0].models]


async def test_a_list_is_followed_to_its_end(calls: ModelClient) -> None:
    async with FakeServer(page) as server:
        seen = await calls.make_call(check(server.url, "anthropic-messages"))(ListModels())
    assert seen.failure is None
    assert listed(seen) == ["1", "2", "3", "4", "5", "6"]
    assert len(server.requests) == 3
    assert {request.headers["x-api-key"] for request in server.requests} == {"sk-test-4f1d0b7a9c"}
    ids = [each.event.request_id for each in seen.events if isinstance(each.event, ServedBy)]
    assert ids == ["page-2", "page-4", "page-6"]
    times = [each.at for each in seen.events]
    assert times == sorted(times)
    assert times[-1] == seen.ended


async def test_a_page_that_fails_fails_the_list(calls: ModelClient) -> None:
    async with FakeServer(in_turn(page(Received("GET", "/", {}, b"", 0, 0)), reply(b"{}", 503))) as server:
        seen = await calls.make_call(check(server.url, "anthropic-messages"))(ListModels())
    assert seen.failure is not None
    assert (seen.failure.reason, seen.status) == (Reason.OVERLOADED, 503)
    assert listed(seen) == ["1", "2"]


async def test_a_list_without_an_end_is_too_large(calls: ModelClient) -> None:
    body = b'{"data":[{"id":"again"}],"last_id":"again","has_more":true}'
    async with FakeServer(reply(body)) as server:
        seen = await calls.make_call(check(server.url, "anthropic-messages"))(ListModels())
    assert seen.failure is not None
    assert seen.failure.reason is Reason.TOO_LARGE
    assert len(server.requests) == 20


async def test_all_pages_share_one_deadline(calls: ModelClient) -> None:
    limits = Deadlines(connect=LITTLE, first_token=LITTLE, total=LITTLE)
    first = page(Received("GET", "/", {}, b"", 0, 0))
    async with FakeServer(in_turn([Wait(WAITED), *first], [Send(head()), Hang()])) as server:
        seen = await calls.make_call(check(server.url, "anthropic-messages", limits))(ListModels())
    assert len(server.requests) == 2
    assert time_given(seen) == LITTLE, "the limit of the whole run is named"
    assert seen.ended >= LITTLE - 0.01
