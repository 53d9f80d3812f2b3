"""The ruler is right: what the reference server stamps lies before what its clients see, in the order it happened."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.answers import Pace
from bench.clients.base import Errand, Seen
from bench.clients.ours import Transport, Whole
from bench.errors import Errors
from bench.serving import Reference, Sent, reference

PACE = Pace(headers=5, first=10, chunks=4, gap=5)


@pytest.fixture(scope="module")
def served() -> Iterator[Reference]:
    with reference() as running:
        yield running


@pytest.mark.parametrize("tls", [pytest.param(False, id="http"), pytest.param(True, id="https")])
@pytest.mark.parametrize("client", [pytest.param(Transport, id="transport"), pytest.param(Whole, id="whole run")])
async def test_what_was_sent_was_seen_later(served: Reference, client: type[Transport | Whole], tls: bool) -> None:
    asking = client(Errand(base=served.at(PACE, tls=tls), ca=Path(served.ca)))
    await asking.open()
    before = time.monotonic_ns()
    seen = await asking.ask(1)
    after = time.monotonic_ns()
    await asking.close()

    assert seen is not None
    sent = served.stamps()[seen.name]
    assert sent.first is not None
    assert before < sent.came < sent.headers < sent.first < sent.last < after
    assert sent.first - sent.came >= PACE.first * 1_000_000
    assert sent.last - sent.came >= (PACE.first + PACE.chunks * PACE.gap) * 1_000_000
    assert seen.first is not None
    assert sent.headers < seen.first < after


async def test_stamps_are_handed_out_once(served: Reference) -> None:
    asking = Transport(Errand(base=served.at(Pace(), tls=False), ca=Path(served.ca)))
    await asking.open()
    seen = await asking.ask(1)
    await asking.close()

    assert seen is not None
    assert seen.name in served.stamps()
    assert served.stamps() == {}


async def test_the_live_pace_holds_for_addresses_that_name_none(served: Reference) -> None:
    asking = Transport(Errand(base=served.at(tls=False), ca=Path(served.ca)))
    await asking.open()
    served.live(PACE)
    seen = await asking.ask(1)
    await asking.close()

    assert seen is not None
    sent = served.stamps()[seen.name]
    assert sent.last - sent.came >= (PACE.first + PACE.chunks * PACE.gap) * 1_000_000


MS = 1_000_000
SENT = {"a": Sent(name="a", came=10 * MS, headers=12 * MS, first=15 * MS, last=20 * MS, took=0, late=0)}


@pytest.mark.parametrize(
    ("seen", "receive", "whole", "duration"),
    [
        pytest.param(Seen("a", 9 * MS, 16 * MS, 22 * MS), [1.0], [2.0], [2.0], id="all told"),
        pytest.param(Seen("a", None, 16 * MS, 22 * MS), [1.0], [], [2.0], id="not when it was sent"),
        pytest.param(Seen("a", None, None, None, 0.003), [], [1.0], [], id="only the first byte, as a length"),
        pytest.param(Seen("b", 9 * MS, 16 * MS, 22 * MS), [], [], [], id="an answer nobody sent"),
    ],
)
def test_errors_are_against_the_stamps(
    seen: Seen, receive: list[float], whole: list[float], duration: list[float]
) -> None:
    errors = Errors.of({"seen": [seen], "failed": 0}, SENT)
    assert (errors.receive, errors.whole, errors.duration) == (receive, whole, duration)
