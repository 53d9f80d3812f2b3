"""The table of all metrics as Markdown: `python -m exporter.metrics.table` prints it for the documentation."""

import sys

from exporter.metrics.families import FAMILIES, Family, Scope

BEGIN = "<!-- metrics: begin (python -m exporter.metrics.table) -->"
END = "<!-- metrics: end -->"


def render_table() -> str:
    """Render the table, one metric per row, between the markers that hold its place in a page."""
    rows = [f"| `{each.name}` | {each.kind} | {_list_labels(each)} | {each.text} |" for each in FAMILIES]
    return "\n".join([BEGIN, "| metric | type | labels | meaning |", "|---|---|---|---|", *rows, END]) + "\n"


def _list_labels(family: Family) -> str:
    own = ", ".join(f"`{label}`" for label in family.labels)
    if family.scope is Scope.CHECK:
        return own
    return ", ".join(each for each in (f"*{family.scope}*", own) if each)


def main() -> None:
    """Print it."""
    sys.stdout.write(render_table())


if __name__ == "__main__":
    main()
