"""Which limit holds when, and what it is called when it passes."""

import asyncio
import time

import pytest

from exporter.core.outcome import Reason
from exporter.core.target import Deadlines
from exporter.transport.deadline import STOOD_STILL, Deadline

ROWS = {
    "connecting": (Deadlines(connect=0.01, first_token=5, total=9), True, 0, Reason.TIMEOUT_CONNECT),
    "no output": (Deadlines(connect=5, first_token=0.01, total=9), True, 1, Reason.TIMEOUT_FIRST_TOKEN),
    "nothing streamed": (Deadlines(connect=5, first_token=0.001, total=0.01), False, 1, Reason.TIMEOUT_TOTAL),
    "not done": (Deadlines(connect=0.001, first_token=0.001, total=0.01), True, 2, Reason.TIMEOUT_TOTAL),
    "the whole before the connection": (Deadlines(connect=5, first_token=5, total=0.01), True, 0, Reason.TIMEOUT_TOTAL),
    "the whole before the output": (Deadlines(connect=5, first_token=5, total=0.01), True, 1, Reason.TIMEOUT_TOTAL),
}


@pytest.mark.parametrize(("limits", "streamed", "steps", "reason"), [pytest.param(*r, id=n) for n, r in ROWS.items()])
async def test_the_limit_that_holds_is_the_one_that_passes(
    limits: Deadlines, streamed: bool, steps: int, reason: Reason
) -> None:
    deadline = Deadline(limits, streamed=streamed)

    async def proceed() -> None:
        async with deadline.timeout:
            for step in (deadline.start_waiting, deadline.start_generating)[:steps]:
                step()
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await proceed()
    assert deadline.is_passed
    assert deadline.make_failure().reason is reason
    assert "within 0.01 s" in deadline.make_failure().detail


async def test_what_ends_in_time_passes_no_limit() -> None:
    deadline = Deadline(Deadlines(connect=5, first_token=5, total=5), streamed=True)
    async with deadline.timeout:
        deadline.start_waiting()
    assert not deadline.is_passed


def test_a_second_request_has_the_whole_time_to_connect() -> None:
    """A second page, an adapted question, a retry: each connects anew, within what is left of the whole."""
    left = Deadlines(connect=1, first_token=2, total=3).after(1.5)
    assert (left.connect, left.first_token, left.total, left.spent) == (1, 1.5, 1.5, 1.5)


def test_what_is_left_is_never_nothing() -> None:
    left = Deadlines(connect=1, first_token=2, total=3).after(30)
    assert 0 < left.total < 0.01


async def test_a_total_that_was_spent_is_told_as_such() -> None:
    deadline = Deadline(Deadlines(connect=1, first_token=2, total=0.06).after(0.05), streamed=True)
    with pytest.raises(TimeoutError):
        async with deadline.timeout:
            await asyncio.Event().wait()
    failure = deadline.make_failure()
    assert (failure.reason, failure.detail) == (Reason.TIMEOUT_TOTAL, "not done within 0.06 s")


LIMITS = Deadlines(connect=0.05, first_token=5, total=9)


@pytest.mark.parametrize(
    ("arrived", "reason"),
    [
        pytest.param(-10, None, id="before the limit passed"),
        pytest.param(100, Reason.TIMEOUT_CONNECT, id="after it, while the process stood still: the vendor was late"),
        pytest.param(10_000, Reason.PAUSED, id="after it ran again: not to be told"),
        pytest.param(None, Reason.PAUSED, id="never: not to be told"),
    ],
)
async def test_after_a_pause_the_stamps_decide(arrived: int | None, reason: Reason | None) -> None:
    limit = asyncio.get_running_loop().time() + LIMITS.connect
    deadline = Deadline(LIMITS, streamed=True)
    async with deadline.timeout:
        time.sleep(LIMITS.connect + 2 * STOOD_STILL)  # noqa: ASYNC251 (this is the pause)
        await asyncio.sleep(0.01)
        deadline.start_waiting()
    deadline.cancel()
    stamp = None if arrived is None else round(limit * 1e9) + arrived * 1_000_000
    failure = deadline.judge({Reason.TIMEOUT_CONNECT: stamp})
    assert (failure and failure.reason) == reason
    assert not deadline.is_passed


async def test_a_pause_before_the_limit_changes_nothing() -> None:
    deadline = Deadline(Deadlines(connect=0.5, first_token=5, total=9), streamed=True)
    async with deadline.timeout:
        time.sleep(2 * STOOD_STILL)  # noqa: ASYNC251 (this is the pause)
        await asyncio.sleep(0)
    deadline.cancel()
    assert deadline.judge({}) is None


async def test_a_limit_that_passed_on_time_stays_a_timeout_however_late_it_is_judged() -> None:
    """The timer fired on time, so the vendor was late; that the loop was held afterwards changes nothing."""
    deadline = Deadline(Deadlines(connect=0.01, first_token=5, total=9), streamed=True)
    with pytest.raises(TimeoutError):
        async with deadline.timeout:
            await asyncio.Event().wait()
    time.sleep(2 * STOOD_STILL)  # noqa: ASYNC251 (the loop is held here)
    assert deadline.make_failure().reason is Reason.TIMEOUT_CONNECT
    assert deadline.judge({Reason.TIMEOUT_CONNECT: None}) is None
