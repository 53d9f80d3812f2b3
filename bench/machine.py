"""What the figures were measured on: processor, system, versions, load, moment and commit."""

import os
import platform
import re
import subprocess
import timeit
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tests.parts.programs import installed

LIBRARIES = ("aiohttp", "httpx", "openai", "prometheus-client", "uvloop", "apscheduler", "orjson")
PROGRAMS = {"blackbox_exporter": "prometheus-blackbox-exporter", "go": "go"}


def described() -> dict[str, object]:
    """Everything that a figure depends on, as far as it can be told."""
    return {
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "python_work_ms": round(python_work() * 1e3, 2),
        "versions": versions(),
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
    }


def processor() -> str:
    """The processor's own name where Linux tells it."""
    try:
        found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()


class _Counter:
    """Something with an attribute and a method, as Python programs are made of."""

    def __init__(self) -> None:
        self.seen: dict[str, int] = {}

    def count(self, name: str) -> int:
        self.seen[name] = found = self.seen.get(name, 0) + 1
        return found


def python_work() -> float:
    """Seconds of a fixed piece of work: one version built with profiles and without differs by a third."""

    def work() -> None:
        counter = _Counter()
        for number in range(20_000):
            counter.count(f"{number % 64}")

    return min(timeit.repeat(work, number=1, repeat=7))


def load() -> list[float]:
    """Processes that wanted a core, on average over 1, 5 and 15 minutes."""
    return [round(each, 2) for each in os.getloadavg()]


def versions() -> dict[str, str]:
    """The versions of what we stand on and of those we are held against."""
    found = {name: told for name in LIBRARIES if (told := library(name)) is not None}
    programs = {name: told for name, binary in PROGRAMS.items() if (told := program_version(binary)) is not None}
    return {**found, **programs}


def library(name: str) -> str | None:
    """The version of a distribution, None where it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def program_version(name: str) -> str | None:
    """The first number with dots that it prints when asked for its version."""
    found = installed(name)
    if found is None:
        return None
    said = printed(str(found), "version") if name == "go" else printed(str(found), "--version")
    number = re.search(r"\d+\.\d+(\.\d+)?", said)
    return number[0] if number else None


def commit() -> str:
    """The commit that was measured; with a plus where files differ from it."""
    head = printed("git", "rev-parse", "--short", "HEAD").strip()
    changed = printed("git", "status", "--porcelain", "--untracked-files=no", "--", "exporter").strip()
    return f"{head}{'+' if changed else ''}"


def printed(*command: str) -> str:
    """What a command prints, nothing where it does not exist."""
    try:
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ended.stdout + ended.stderr if ended.returncode == 0 else ""
