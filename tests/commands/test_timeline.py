"""One outcome as a person reads it."""

import pytest
from rich.console import Console

from exporter.commands.timeline import render_timeline
from exporter.core.outcome import Fault, Flag, Outcome, Phase, Reason, Timing, Tokens
from tests.probes.samples import a_check

ANSWERED = Outcome(
    reason=Reason.OK,
    started_at=0.0,
    timing=Timing(
        duration=1.0,
        phases={Phase.RESOLVE: 0.0, Phase.CONNECT: 0.1, Phase.WAIT: 0.4, Phase.FIRST_TOKEN: 0.0, Phase.GENERATE: 0.5},
        first_token=0.4,
        per_output_token=0.02,
    ),
    tokens=Tokens(input=20, output=26, reasoning=3),
    flags=frozenset({Flag.SLOW}),
    served_model="model-1-2026",
    http_status=200,
)
FAILED = Outcome(
    reason=Reason.OVERLOADED,
    started_at=0.0,
    timing=Timing(duration=0.0),
    fault=Fault.PROVIDER,
    detail="Overloaded",
    http_status=529,
)


def printed(outcome: Outcome) -> str:
    console = Console(width=80)
    with console.capture() as capture:
        console.print(render_timeline(a_check(), outcome))
    return capture.get()


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        pytest.param(ANSWERED, ["acme/model-1/chat: ok", "slow"], id="verdict and flags"),
        pytest.param(ANSWERED, ["connect", "100.0 ms", "TCP connected", "1000.0 ms"], id="phases"),
        pytest.param(ANSWERED, ["400.0 ms", "20.0 ms", "20 in, 26 out (3 reasoning)", "model-1-2026"], id="figures"),
        pytest.param(FAILED, ["overloaded", "HTTP 529", "fault: provider", "Overloaded"], id="a failure"),
    ],
)
def test_what_is_shown(outcome: Outcome, said: list[str]) -> None:
    text = printed(outcome)

    assert [each for each in said if each not in text] == []


def test_bars_follow_one_another_on_one_scale() -> None:
    rows = [line for line in printed(ANSWERED).splitlines() if "█" in line]
    bars = [(row.index("█"), row.count("█")) for row in rows]

    (first, short), (second, middle), (third, long) = bars
    assert first + short == second
    assert second + middle == third
    assert short < middle < long


def test_nothing_is_cut_in_a_terminal_of_80_columns() -> None:
    assert "…" not in printed(ANSWERED)


def test_what_was_not_reached_is_not_shown() -> None:
    assert "first token" not in printed(FAILED)
