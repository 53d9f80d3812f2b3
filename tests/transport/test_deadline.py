"""Which limit holds when, and what it is called when it passes."""

import asyncio

import pytest

from exporter.core.outcome import Reason
from exporter.core.target import Deadlines
from exporter.transport.deadline import Deadline

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


def test_what_is_left_is_never_nothing() -> None:
    left = Deadlines(connect=1, first_token=2, total=3).after(1.5)
    assert (left.first_token, left.total) == (0.5, 1.5)
    assert 0 < left.connect < 0.01
