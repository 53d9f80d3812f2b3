"""The tables of docs/errors.md, printed: every error type, and what vendors say that leads to it."""

import sys
from collections.abc import Iterator

from exporter.core.outcome import FAULTS, Reason
from exporter.dialects.errors.error_rule import ANY, CLIENT, REDIRECT, SERVER, ErrorRule, Statuses
from exporter.dialects.errors.error_types import ERROR_TYPES
from exporter.dialects.errors.rules import TABLE

CLASSES = {CLIENT: "any 4xx", SERVER: "any 5xx", REDIRECT: "any 3xx"}


def error_types() -> Iterator[str]:
    """Every error type with its usual fault, what it means and what to do."""
    yield "| error type | usual fault | what it means | what to do |\n|---|---|---|---|"
    for reason, words in ERROR_TYPES.items():
        yield f"| `{reason.value}` | `{FAULTS[reason].value}` | {words.means} | {words.do} |"


def signals() -> Iterator[str]:
    """Yield the rows of the decision table in their order."""
    yield "| what was said | codes or types | words in the message | status | it is |\n|---|---|---|---|---|"
    for row in TABLE:
        cells = (row.name, _patterns(row.word), _patterns(row.says), _statuses(row.status), _verdict(row))
        yield f"| {' | '.join(cells)} |"


def _patterns(patterns: tuple[str, ...]) -> str:
    return ", ".join(f"`{pattern}`" for pattern in patterns)


def _statuses(statuses: Statuses) -> str:
    if isinstance(statuses, range):
        return CLASSES[statuses]
    if statuses == ANY:
        return ""
    named = [str(each) for each in statuses if isinstance(each, int)]
    if None not in statuses:
        return ", ".join(named)
    return "any 5xx, or inside a 200" if set(SERVER) <= set(statuses) else ", ".join([*named, "inside a 200"])


def _verdict(row: ErrorRule) -> str:
    own = ", from LiteLLM itself" if row.own else ""
    if not isinstance(row.verdict, Reason):
        return f"no error: a success with the flag `starved`{own}"
    return f"`{row.verdict.value}` ({(row.fault or FAULTS[row.verdict]).value}{own})"


def main() -> None:
    """Print both tables."""
    head = "\n## What vendors say, and what it means\n\nTried from the top; the first row that holds wins.\n"
    sys.stdout.write("\n".join([*error_types(), head, *signals(), ""]))


if __name__ == "__main__":
    main()
