"""Plots as inline SVG, drawn on the server: lines of runs, bars of availability, the course of a day, waterfalls.

Only numbers and our own words become markup here. Colours are classes, so that the style sheet rules light and dark
and the page's policy can refuse every style attribute.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import groupby

from markupsafe import Markup, escape

from exporter.core.outcome import Phase
from exporter.results.history import Column, Run, Series

LINE = (120, 28)
BARS = (160, 22)
COURSE = (720, 150)
FALL = (360, 14)
"""Width and height of each kind of plot, in units of its own view box."""

CARRY = 3
"""Intervals for which a slot without a due run keeps the colour of the run before it."""


def draw_line(values: Sequence[float | None], usual: float | None) -> Markup:
    """Draw the last runs as a line from left to right, failures (None) as marks below, the usual value dashed."""
    known = [value for value in values if value is not None]
    if not values or (not known and usual is None):
        return Markup()
    width, height = LINE
    top = max([*known, (usual or 0.0) * 1.25]) or 1.0
    step = width / max(len(values) - 1, 1)
    scale = (height - 4) / top
    parts = [] if usual is None else [_make_path("usual", f"M0 {height - 2 - usual * scale:.1f}h{width}")]
    parts.append(_make_path("run", _draw_stroke(values, step, height - 2, scale)))
    if missing := "".join(f"M{index * step:.1f} {height}v-5" for index, value in enumerate(values) if value is None):
        parts.append(_make_path("hard", missing))
    return _make_svg("line", LINE, parts)


def draw_bars(series: Series, now: float, interval: float) -> Markup:
    """One bar per slot: all went well, something fell short, something failed, nothing ran.

    Neighbours of one kind are one thick stroke that is dashed into bars: a tenth of the text that boxes would take.
    """
    width, height = BARS
    wide = width / series.count
    kinds: dict[str, list[str]] = {}
    at = 0
    for kind, group in groupby(classify_slots(series, now, interval)):
        number = sum(1 for _ in group)
        kinds.setdefault(kind, []).append(f"M{at * wide:.4g} {height / 2:g}h{number * wide:.4g}")
        at += number
    dashes = f'stroke-dasharray="{wide * 0.8:.4g} {wide * 0.2:.4g}"'
    return _make_svg("bars", BARS, [_make_path(kind, "".join(parts), dashes) for kind, parts in sorted(kinds.items())])


def classify_slots(series: Series, now: float, interval: float) -> list[str]:
    """Classify each slot, oldest first: `clean`, `soft`, `hard`, or `none`; see `CARRY`."""
    kinds: list[str] = []
    before, left = "none", 0.0
    columns = (series.read_column(each, now) for each in (Column.RUNS, Column.SOFT, Column.HARD))
    for runs, soft, hard in zip(*columns, strict=True):
        if runs:
            before, left = ("hard" if hard else "soft" if soft else "clean"), interval * CARRY
        elif left <= 0:
            before = "none"
        kinds.append(before)
        left -= series.width
    return kinds


def draw_day(series: Series, now: float, *, tokens: bool) -> Markup:
    """Draw the mean of every slot (line), its slowest run (area above it), and slots with failures (shaded)."""
    first = Column.TOKENS if tokens else Column.TIMED
    counts, sums, slowest = (series.read_column(Column(first + offset), now) for offset in range(3))
    width, height = COURSE
    step, top = width / series.count, max(slowest) or 1.0
    scale = (height - 10) / top
    means = [total / count if count else None for total, count in zip(sums, counts, strict=True)]
    failed = "".join(
        f"M{index * step:.1f} 0h{step:.1f}v{height}h-{step:.1f}z"
        for index, hard in enumerate(series.read_column(Column.HARD, now))
        if hard
    )
    area = "".join(
        f"M{index * step:.1f} {height - mean * scale:.1f}h{step:.1f}v-{(most - mean) * scale:.1f}h-{step:.1f}z"
        for index, (mean, most) in enumerate(zip(means, slowest, strict=True))
        if mean is not None
    )
    parts = [
        _make_path("failed", failed),
        _make_path("area", area),
        _make_path("run", _draw_steps(means, step, height, scale)),
    ]
    return _make_svg("course", COURSE, [_make_path("grid", f"M0 10h{width}M0 {height / 2 + 5:.1f}h{width}"), *parts])


def draw_waterfall(phases: Mapping[Phase, float], longest: float) -> Markup:
    """Draw the phases of one run, one after the other, to the scale of the longest run shown."""
    width, height = FALL
    scale, at, parts = width / (longest or 1.0), 0.0, []
    for phase, seconds in phases.items():
        parts.append(
            _make_path(f"phase {phase.value}", f"M{at:.1f} 0h{seconds * scale:.1f}v{height}h-{seconds * scale:.1f}z")
        )
        at += seconds * scale
    return _make_svg("fall", FALL, parts)


def list_durations(runs: Iterable[Run]) -> list[float | None]:
    """List the durations of runs, None for one that failed."""
    return [run.duration if run.reason.value == "ok" else None for run in runs]


def list_first_tokens(runs: Sequence[Run]) -> list[float | None]:
    """List the times to first token, None for a run that failed; nothing if no run had one."""
    if all(run.first_token is None for run in runs):
        return []
    return [run.first_token if run.reason.value == "ok" else None for run in runs]


def _draw_stroke(values: Sequence[float | None], step: float, base: float, scale: float) -> str:
    """Draw a line through the values, broken where one is missing; a value between two gaps is a dot."""
    drawn, joined = [], False
    for across, value in zip(_make_positions(step, len(values)), values, strict=True):
        if value is None:
            joined = False
        elif joined:
            drawn.append(f"L{across} {base - value * scale:.1f}")
        else:
            drawn.append(f"M{across} {base - value * scale:.1f}h.1")
            joined = True
    return "".join(drawn)


@lru_cache(maxsize=128)
def _make_positions(step: float, count: int) -> tuple[str, ...]:
    """Make the horizontal positions of that many points, once for all plots of this size."""
    return tuple(f"{index * step:.1f}" for index in range(count))


def _draw_steps(values: Sequence[float | None], step: float, base: float, scale: float) -> str:
    """Draw a level stroke as wide as its slot for each value."""
    return "".join(
        f"M{index * step:.1f} {base - value * scale:.1f}h{step:.1f}"
        for index, value in enumerate(values)
        if value is not None
    )


def _make_path(kind: str, drawn: str, how: str = "") -> str:
    return f'<path class="{kind}" d="{drawn}"{how and f" {how}"}/>' if drawn else ""


def _make_svg(kind: str, size: tuple[int, int], parts: Iterable[str]) -> Markup:
    """Hidden from screen readers: what a plot tells stands beside it in figures."""
    width, height = size
    return Markup(  # noqa: S704 (numbers and names of classes of our own)
        f'<svg class="{escape(kind)}" viewBox="0 0 {width} {height}" preserveAspectRatio="none" aria-hidden="true" '
        f'focusable="false">{"".join(parts)}</svg>'
    )
