"""One measured figure and its goal, and the results of a benchmark: kept as JSON, shown as a table."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from rich.console import Console
from rich.table import Table

from bench.machine import described, load

RESULTS = Path(__file__).parent / "results"
HEADINGS = ("what", "ours", "theirs", "ratio", "goal", "verdict")
SHARES = {"p50": 0.5, "p99": 0.99, "max": 1.0}
"""The shares (see `percentile`) that are told of many values, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What was measured of us (`ours`) and of a peer under the same load (`theirs`), both in `unit`; less is better.

    `limit` is the goal as a number: at most so much, of the figure or (`of_ratio`) of ours / theirs. `further` is the
    limit after that one, where there is one. Where a limit cannot say it, `met` does. `goal` is the goal in words; by
    default those of the limits.
    """

    what: str
    ours: float
    unit: str
    peer: str = ""
    theirs: float | None = None
    goal: str = ""
    met: bool | None = None
    limit: float | None = None
    further: float | None = None
    of_ratio: bool = False
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours for each of theirs."""
        return self.ours / self.theirs if self.theirs else None

    @property
    def judged(self) -> float | None:
        """What the limits are held against."""
        return self.ratio if self.of_ratio else self.ours

    @property
    def reached(self) -> bool | None:
        """Whether the (first) goal was met; None where there is none, or nothing to compare with."""
        if self.met is not None or self.limit is None:
            return self.met
        return None if self.judged is None else self.judged <= self.limit

    @property
    def verdict(self) -> str:
        """Met or missed, and by how much of the limit."""
        if self.reached is None or self.judged is None or self.limit is None:
            return {None: "", True: "met", False: "missed"}[self.reached]
        if not self.reached:
            return f"missed by {self.judged / self.limit - 1:.0%}" if self.limit else "missed"
        if self.further is None:
            return "met"
        if self.judged <= self.further:
            return "met, and the further goal"
        return f"met; the further goal missed by {self.judged / self.further - 1:.0%}"

    @property
    def aim(self) -> str:
        """The goal in words."""
        if self.goal or self.limit is None:
            return self.goal
        unit = "x" if self.of_ratio else f" {self.unit}"
        first = f"<= {number(self.limit)}{unit}"
        return first if self.further is None else f"{first}, then <= {number(self.further)}{unit}"

    def cells(self) -> tuple[str, ...]:
        """The row of a table under `HEADINGS`."""
        theirs = "" if self.theirs is None else f"{number(self.theirs)} {self.unit} ({self.peer})"
        ratio = "" if self.ratio is None else f"{number(self.ratio)}x"
        return (self.what, f"{number(self.ours)} {self.unit}", theirs, ratio, self.aim, self.verdict)


def number(value: float) -> str:
    """Three digits that count, thousands apart."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


class Results:
    """The figures of one benchmark as they come. The machine's load is told as it was before the work began."""

    def __init__(self) -> None:
        self.figures: list[Figure] = []
        self._load_before = load()

    def add(self, figure: Figure) -> None:
        self.figures.append(figure)

    def extend(self, figures: Iterable[Figure]) -> None:
        self.figures.extend(figures)

    def write(self, name: str, title: str, *, folder: Path = RESULTS) -> None:
        """Keep the figures in `folder`/NAME.json and print them."""
        kept = Kept(
            name=name,
            title=title,
            machine={**described(), "load_before": self._load_before, "load_after": load()},
            figures=tuple(self.figures),
        )
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.json").write_text(json.dumps(asdict(kept), indent=2) + "\n")
        kept.show()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The results of one benchmark as they lie on the disk."""

    name: str
    title: str
    machine: dict[str, object]
    figures: tuple[Figure, ...]

    @classmethod
    def read(cls, path: Path) -> Self:
        """What `Results.write` wrote."""
        found = json.loads(path.read_text())
        return cls(**{**found, "figures": tuple(Figure(**each) for each in found["figures"])})

    def show(self) -> None:
        """Print them as a table, and the notes below it."""
        table = Table(*HEADINGS, title=f"{self.name}: {self.title}", title_justify="left")
        for figure in self.figures:
            table.add_row(*figure.cells())
        console = Console(width=None if Console().is_terminal else 160)
        console.print(table)
        for figure in self.noted():
            console.print(f"{figure.what}: {figure.note}", highlight=False, markup=False)

    def noted(self) -> list[Figure]:
        """The figures that carry a note."""
        return [each for each in self.figures if each.note]


def percentile(values: Iterable[float], share: float) -> float:
    """The value below which this share (0 to 1) of them lies; nearest rank. Needs at least one."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
