# noqa: INP001 (a script beside the files it reads, part of no package)
"""Rewrites the shipped rules and configuration for another pace or another place; the rules themselves stay the same.

    python deploy/prometheus/adapt.py --faster 12 --into quick deploy/prometheus/rules/*.yml
    python deploy/prometheus/adapt.py --runbooks https://wiki.example.org/runbooks --into ours RULES...

`--faster 12` divides every time by twelve: windows, offsets, `for`, intervals, grouping waits. The demo runs its checks
every 5 s instead of every 60 s, so with twelve the rules see as many runs in each window as they do in production, and
an outage is told in seconds. Thresholds, shares and dates are left alone. `--runbooks` replaces the address before the
name of each runbook page. Needs PyYAML; comments are not kept.
"""

import argparse
import re
from pathlib import Path
from typing import Any

import yaml

TIMES = frozenset(
    {
        "for",
        "keep_firing_for",
        "interval",
        "scrape_interval",
        "scrape_timeout",
        "evaluation_interval",
        "refresh_interval",
        "group_wait",
        "group_interval",
        "repeat_interval",
    }
)
"""The keys of rule files, Prometheus and Alertmanager configurations whose value is a time."""

_MILLISECONDS = {
    "ms": 1,
    "s": 1_000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 604_800_000,
    "y": 31_536_000_000,
}
_TIME = re.compile(r"(?:\d+(?:ms|[smhdwy]))+")
_TIMED = re.compile(r"\[[^]]*\]|\boffset\s+-?\w+")
"""Where times stand in an expression: a range `[5m]`, a subquery `[7d:1h]`, an offset."""


def divided(time: str, by: int) -> str:
    """`1h` by 12 is five minutes, written in milliseconds (`300000ms`); never under one. By 1 it stays as it is."""
    if by == 1:
        return time
    total = sum(int(count) * _MILLISECONDS[unit] for count, unit in re.findall(r"(\d+)(ms|[smhdwy])", time))
    return f"{max(1, round(total / by))}ms"


def quicker_expression(expression: str, by: int) -> str:
    """Divide every range, step and offset of a PromQL expression. Brackets inside of strings are not understood."""

    def places(found: re.Match[str]) -> str:
        return _TIME.sub(lambda time: divided(time[0], by), found[0])

    return _TIMED.sub(places, expression)


def quicker(node: Any, by: int) -> Any:
    """Return the same document with all of its times divided."""
    if isinstance(node, list):
        return [quicker(each, by) for each in node]
    if not isinstance(node, dict):
        return node
    return {key: _quicker_value(key, value, by) for key, value in node.items()}


def _quicker_value(key: str, value: Any, by: int) -> Any:
    if key == "expr":
        return quicker_expression(value, by)
    return divided(value, by) if key in TIMES else quicker(value, by)


def with_runbooks(node: Any, address: str) -> Any:
    """Return the same document with its runbook pages at another address."""
    if isinstance(node, list):
        return [with_runbooks(each, address) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        key: f"{address.rstrip('/')}/{value.rpartition('/')[2]}"
        if key == "runbook_url"
        else with_runbooks(value, address)
        for key, value in node.items()
    }


def main() -> None:
    """Read the files named on the command line, write the rewritten ones under the same names."""
    parser = argparse.ArgumentParser(description="Rewrite rules and configuration for another pace or place.")
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--faster", type=int, default=1, metavar="N", help="divide every time by N")
    parser.add_argument("--runbooks", metavar="URL", help="where the runbook pages are")
    parser.add_argument("--into", type=Path, required=True, metavar="FOLDER")
    options = parser.parse_args()
    options.into.mkdir(parents=True, exist_ok=True)
    for path in options.files:
        document = quicker(yaml.safe_load(path.read_text()), options.faster)
        if options.runbooks is not None:
            document = with_runbooks(document, options.runbooks)
        (options.into / path.name).write_text(yaml.safe_dump(document, sort_keys=False, width=120))


if __name__ == "__main__":
    main()
