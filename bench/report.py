"""The markdown table of all results: first every goal with its verdict, then each benchmark whole."""

from collections.abc import Iterable, Sequence

from bench.figures import HEADINGS, Figure, Kept

PREFACE = """\
Written by `make bench`; what each figure means and how to repeat it: [performance](../../docs/performance.md).
Ratios are ours / theirs, measured in the same run. Less is better everywhere."""


def report(kept: Sequence[Kept]) -> str:
    """The document for `bench/results/README.md`."""
    parts = [
        "# Results of the benchmarks",
        PREFACE,
        f"## Goals\n\n{goals(kept)}",
        *(section(each) for each in kept),
    ]
    return "\n\n".join(parts) + "\n"


def goals(kept: Iterable[Kept]) -> str:
    """Every figure that has a goal, whichever benchmark brought it."""
    rows = [(each.name, *figure.cells()) for each in kept for figure in each.figures if figure.aim]
    return table(("benchmark", *HEADINGS), rows) if rows else "None was measured yet."


def section(one: Kept) -> str:
    """One benchmark: its figures, its notes, the machine."""
    parts = [f"## {one.name}: {one.title}", table(HEADINGS, [figure.cells() for figure in one.figures])]
    if one.noted():
        parts.append("\n".join(f"- {note(figure)}" for figure in one.noted()))
    return "\n\n".join([*parts, machine(one.machine)])


def note(figure: Figure) -> str:
    return f"{escaped(figure.what)}: {escaped(figure.note)}"


def machine(told: dict[str, object]) -> str:
    """What it was measured on, in one sentence."""
    versions = told.get("versions")
    named = ", ".join(f"{name} {number}" for name, number in versions.items()) if isinstance(versions, dict) else ""
    python = f"{told['python']} (a fixed piece of work takes it {told['python_work_ms']} ms)"
    return (
        f"Measured {told['measured_at']} at commit {told['commit']} on {told['cores']} cores of {told['processor']}, "
        f"{told['system']}, {python}; {named}; "
        f"load before {told['load_before']} and after {told['load_after']}."
    )


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A markdown table."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(escaped(cell) for cell in line)} |" for line in lines)


def escaped(text: str) -> str:
    return text.replace("|", "\\|")
