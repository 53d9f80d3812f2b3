"""Run benchmarks, each in a process of its own, and write the table of all results: `python -m bench [NAME ...]`."""

import argparse
import subprocess
import sys
from importlib.util import find_spec
from time import monotonic

from bench.figures import RESULTS, Kept
from bench.report import report

BENCHMARKS = (
    "accuracy",
    "burst",
    "capacity",
    "process",
    "scrape",
    "schedule",
    "start",
    "reload",
    "growth",
    "store",
    "page",
)
"""All of them in the order of the table: `bench/NAME.py` with a `main`, which writes `bench/results/NAME.json`."""


def present() -> list[str]:
    """Those of `BENCHMARKS` that this checkout has."""
    return [name for name in BENCHMARKS if find_spec(f"bench.{name}") is not None]


def run(name: str) -> bool:
    """Run one; whether it came to its end."""
    print(f"== bench.{name}", flush=True)
    began = monotonic()
    ended = subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False)
    print(f"== bench.{name}: {monotonic() - began:.0f} s, exit code {ended.returncode}\n", flush=True)
    return ended.returncode == 0


def write_report() -> None:
    """The table of all results that are there, whenever they were measured."""
    kept = [Kept.read(path) for name in BENCHMARKS if (path := RESULTS / f"{name}.json").is_file()]
    (RESULTS / "README.md").write_text(report(kept))


def main() -> int:
    known = present()
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which to run; all without it: {', '.join(known)}")
    names = parser.parse_args().names or known
    if unknown := [name for name in names if name not in known]:
        parser.error(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(known)}")
    began = monotonic()
    failed = [name for name in names if not run(name)]
    write_report()
    print(f"{len(names)} benchmarks in {monotonic() - began:.0f} s; the table: {RESULTS / 'README.md'}")
    if failed:
        print(f"did not come to their end: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
