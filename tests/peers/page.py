"""docs/conformance.md, out of what a run saw."""

import platform
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from exporter import __version__
from tests.conformance.report import Report

HEAD = """# Conformance

Servers and clients that nobody here wrote, asked by the exporter's own presets, dialects, probes and network code.
This page is written by `make test-peers`; the tests that made it are in `tests/conformance` and `tests/peers`.
A cell says what the run was called: `ok`, or the error type with its fault ([what they mean](errors.md)).

To read it: llmock cannot calculate, so a `canary` that fails there is right to fail. What a vendor's words say goes
before the status: llmock has Gemini's dialect say RESOURCE_EXHAUSTED with 413, FAILED_PRECONDITION with 422 and
UNAVAILABLE with 502. LiteLLM makes up an end for an answer that was cut behind it; only an assertion sees what is
missing.
"""


def page(report: Report, *, passed: bool) -> str:
    """The whole page."""
    return "\n".join([HEAD, *_run(report, passed=passed), *_tables(report)])


def _run(report: Report, *, passed: bool) -> Iterator[str]:
    verdict = "every test passed" if passed else "**tests failed**, see the output of the run"
    yield f"## The run\n\n{datetime.now(UTC):%d %B %Y}: {verdict}.\n"
    yield "| part | version |\n|---|---|"
    yield f"| ai-api-exporter | {__version__} |"
    yield f"| Python | {platform.python_version()} on {platform.system()} |"
    yield from (f"| {name} | {version} |" for name, version in sorted(report.parts.items()))
    yield ""


def _tables(report: Report) -> Iterator[str]:
    for heading, kept in report.tables.items():
        rows = _side_by_side(kept)
        columns = list(dict.fromkeys(column for row in rows for column in row))
        yield f"## {heading}\n"
        yield f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}"
        yield from (f"| {' | '.join(row.get(column, '') for column in columns)} |" for row in rows)
        yield ""


def _side_by_side(rows: Sequence[Mapping[str, str]]) -> Sequence[Mapping[str, str]]:
    """The probes of one way to a model in one row, each in a column of its own."""
    if "probe" not in rows[0]:
        return rows
    together: dict[tuple[str, ...], dict[str, str]] = {}
    for row in rows:
        way = {name: said for name, said in row.items() if name not in {"probe", "result"}}
        together.setdefault(tuple(way.values()), way)[row["probe"]] = row["result"]
    return list(together.values())
