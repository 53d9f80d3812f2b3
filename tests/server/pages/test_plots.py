"""Plots: numbers become paths, in their box, and what is not known is not drawn."""

import re

import pytest

from exporter.core.health_state import Grade
from exporter.core.outcome import Phase, Reason
from exporter.results.history import History, Slots
from exporter.server.pages.plots import (
    BARS,
    COURSE,
    FALL,
    LINE,
    classify_slots,
    draw_bars,
    draw_day,
    draw_line,
    draw_waterfall,
    list_durations,
    list_first_tokens,
)
from tests.metrics.make import STARTED, answered, check, failed, timing
from tests.server.reading import past_of


def drawn(svg: str) -> dict[str, str]:
    """The path of each kind."""
    return dict(re.findall(r'<path class="([^"]*)" d="([^"]*)"[^>]*/>', svg))


def test_a_line_of_runs_with_the_usual_and_a_failure() -> None:
    paths = drawn(draw_line([1.0, None, 2.0], usual=1.0))
    assert paths["usual"] == "M0 14.0h120"
    assert paths["run"] == "M0.0 14.0h.1M120.0 2.0h.1"
    assert paths["hard"] == "M60.0 28v-5"


def test_runs_that_follow_one_another_are_joined() -> None:
    assert drawn(draw_line([1.0, 1.0], None)) == {"run": "M0.0 2.0h.1L120.0 2.0"}


@pytest.mark.parametrize("values", [[], [None]], ids=["no run", "failures only, and no usual"])
def test_nothing_known_is_nothing_drawn(values: list[float | None]) -> None:
    assert draw_line(values, None) == ""


@pytest.mark.parametrize("values", [[0.0], [0.0, 0.0], [1e-9, 1e9]], ids=["nought", "noughts", "far apart"])
def test_a_line_stays_in_its_box(values: list[float]) -> None:
    numbers = [float(each) for each in re.findall(r"[ML](\S+) ", drawn(draw_line(values, 0.0))["run"])]
    assert all(0 <= each <= LINE[0] for each in numbers)


@pytest.mark.parametrize(
    ("runs", "interval", "kinds"),
    [
        pytest.param([], 60, ["none"] * 4, id="nothing ran"),
        pytest.param([(600, Grade.CLEAN)], 60, ["none"] * 3 + ["clean"], id="one"),
        pytest.param([(540, Grade.CLEAN), (600, Grade.SOFT)], 60, ["none", "none", "clean", "soft"], id="fell short"),
        pytest.param([(600, Grade.SOFT), (601, Grade.HARD)], 60, ["none"] * 3 + ["hard"], id="the worst shows"),
        pytest.param([(420, Grade.HARD)], 60, ["hard", "hard", "hard", "none"], id="carried for three intervals"),
        pytest.param([(420, Grade.HARD)], 5, ["hard", "none", "none", "none"], id="not carried for long"),
    ],
)
def test_what_happened_in_each_slot(runs: list[tuple[float, Grade]], interval: float, kinds: list[str]) -> None:
    slots = Slots(60, 4)
    for at, grade in runs:
        slots.add(at, grade, None, None)
    assert classify_slots(slots.freeze(), 600, interval) == kinds


def test_bars_of_one_kind_are_one_dashed_stroke() -> None:
    paths = drawn(draw_bars(past_of(check(), [answered(), failed(started_at=STARTED + 60)]).hour, STARTED + 60, 1))
    assert set(paths) == {"clean", "hard", "none"}
    slot = BARS[0] / 60
    assert paths["none"] == f"M0 11h{58 * slot:.4g}"
    assert paths["clean"] == f"M{58 * slot:.4g} 11h{slot:.4g}"
    assert paths["hard"] == f"M{59 * slot:.4g} 11h{slot:.4g}"


@pytest.mark.parametrize("tokens", [True, False], ids=["first tokens", "durations"])
def test_the_course_of_a_day(tokens: bool) -> None:
    past = past_of(check(), [answered(), failed(started_at=STARTED + 900)])
    paths = drawn(draw_day(past.day, STARTED + 900, tokens=tokens))
    step = COURSE[0] / 96
    assert paths["run"] == f"M{94 * step:.1f} 10.0h{step:.1f}"
    assert paths["failed"].startswith(f"M{95 * step:.1f} 0")
    assert paths["area"].count("M") == 1


def test_a_course_of_nothing_is_its_grid() -> None:
    assert set(drawn(draw_day(History().freeze().day, STARTED, tokens=False))) == {"grid"}


def test_a_waterfall_is_to_scale() -> None:
    paths = drawn(draw_waterfall({Phase.CONNECT: 1.0, Phase.WAIT: 1.0}, longest=4.0))
    quarter = FALL[0] / 4
    assert paths["phase connect"].startswith(f"M0.0 0h{quarter}")
    assert paths["phase wait"].startswith(f"M{quarter} 0h{quarter}")
    assert drawn(draw_waterfall({}, longest=0.0)) == {}


def test_failures_have_no_length() -> None:
    runs = past_of(check(), [answered(), failed(Reason.DNS)]).recent
    assert list_durations(runs) == [0.75, None]
    assert list_first_tokens(runs) == [0.3, None]
    assert list_first_tokens(past_of(check(), [answered(timing=timing(first_token=None))]).recent) == []


def test_plots_are_left_out_of_what_is_read_aloud() -> None:
    assert 'aria-hidden="true"' in draw_line([1.0], None)
