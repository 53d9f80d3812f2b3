"""Disks that really are full or read-only: the watch goes on, and all of it is on the disk once there is room again."""

import json
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.metrics.make import STARTED

APART = ("unshare", "--user", "--map-root-user", "--mount")
"""A process with mounts of its own."""

RUNS, SPENT = 10 + 400 + 10, 600 + 2 * (10 + 400 + 10)


@cache
def why_not() -> str:
    """Why no disk can be mounted here; nothing where one can."""
    if shutil.which(APART[0]) is None:
        return "there is no command `unshare` here"
    trial = subprocess.run(
        [*APART, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, text=True, check=False
    )
    return "" if trial.returncode == 0 else f"no disk can be mounted here: {trial.stderr.strip()}"


def troubled(kind: str, folder: Path) -> dict[str, Any]:
    words = [sys.executable, "-m", "tests.store.troubled_disk", kind, str(folder)]
    ended = subprocess.run(
        words if kind in ("limited", "damaged") else [*APART, *words], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    told: dict[str, Any] = json.loads(ended.stdout)
    return told


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        pytest.param("full", "database or disk is full", id="a full disk"),
        pytest.param("read-only", "Read-only file system", id="a read-only disk"),
        pytest.param("limited", "disk I/O error", id="no file may be written"),
    ],
)
def test_the_watch_goes_on_and_all_is_on_the_disk_in_the_end(tmp_path: Path, kind: str, said: str) -> None:
    if kind != "limited" and (reason := why_not()):
        pytest.skip(reason)
    told = troubled(kind, tmp_path)
    assert said in told["said"][0], "it is said"
    assert (told["failures"], told["said_meanwhile"]) == (1, 1), "and counted, once"
    assert told["durable_meanwhile"] is False
    assert told["seen_meanwhile"] == 400, "the report goes on with what memory has"
    assert told["durable_afterwards"] is True
    assert (told["failures_afterwards"], len(told["said"])) == (1, 2), "that it can be written again is said"
    assert (told["requests"], told["spent"], told["lost"]) == (RUNS, SPENT, 0), "nothing was lost"
    assert told["forgot_at"] is None


def test_what_was_spent_is_known_though_nothing_can_be_written(tmp_path: Path) -> None:
    if reason := why_not():
        pytest.skip(reason)
    assert troubled("read-only", tmp_path)["known_at_start"] == 600 + 2 * 10


def test_a_new_file_that_can_be_made_only_later_says_that_a_ledger_was_lost(tmp_path: Path) -> None:
    """Else a restart would take what is in it for all that was spent, and let the whole budget be spent again."""
    told = troubled("damaged", tmp_path)
    assert (told["durable_meanwhile"], told["durable_afterwards"]) == (False, True)
    assert (told["requests"], told["spent"]) == (10, 2 * 10)
    assert told["forgot_at"] == STARTED
