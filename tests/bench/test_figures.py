"""What the table says of a figure follows from its limits, and what is kept can be read again."""

from pathlib import Path

import pytest

from bench.figures import Figure, Kept, Results, percentile
from bench.report import report


def figure(ours: float, theirs: float | None = None, *, limit: float | None = None, **more: object) -> Figure:
    return Figure(what="a cost", ours=ours, unit="ms", theirs=theirs, peer="another", limit=limit, **more)  # type: ignore[arg-type]  # rows of the table below


@pytest.mark.parametrize(
    ("one", "reached", "verdict"),
    [
        pytest.param(figure(5), None, "", id="no goal"),
        pytest.param(figure(5, limit=5), True, "met", id="at its limit"),
        pytest.param(figure(6, limit=5), False, "missed by 20%", id="over its limit"),
        pytest.param(figure(6, limit=8, further=5), True, "met; the further goal missed by 20%", id="one of two"),
        pytest.param(figure(4, limit=8, further=5), True, "met, and the further goal", id="both"),
        pytest.param(figure(6, 5, limit=1.0, of_ratio=True), False, "missed by 20%", id="a ratio"),
        pytest.param(figure(6, 6, limit=1.0, of_ratio=True), True, "met", id="a ratio at its limit"),
        pytest.param(figure(6, limit=1.0, of_ratio=True), None, "", id="a ratio without a peer"),
        pytest.param(figure(1, limit=0), False, "missed", id="nothing allowed"),
        pytest.param(figure(6, met=True, goal="rows in order"), True, "met", id="judged by the benchmark"),
    ],
)
def test_a_figure_is_held_against_its_goal(one: Figure, reached: bool | None, verdict: str) -> None:
    assert (one.reached, one.verdict) == (reached, verdict)


def test_what_is_written_is_read_again_and_stands_in_the_report(tmp_path: Path) -> None:
    results = Results()
    results.add(figure(1.5, 3.0, limit=0.4, of_ratio=True, note="a|b"))
    results.write("one", "a title", folder=tmp_path)
    kept = Kept.read(tmp_path / "one.json")
    assert kept.figures == tuple(results.figures)
    text = report([kept])
    assert "| one | a cost | 1.5 ms | 3 ms (another) | 0.5x | <= 0.4x | missed by 25% |" in text
    assert "- a cost: a\\|b" in text


@pytest.mark.parametrize(
    ("share", "value"),
    [pytest.param(0.0, 1, id="least"), pytest.param(0.5, 3, id="middle"), pytest.param(1.0, 4, id="most")],
)
def test_percentiles_are_values_that_were_seen(share: float, value: float) -> None:
    assert percentile([4, 2, 1, 3], share) == value
