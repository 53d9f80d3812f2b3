"""Where the real programs are: on the machine, or where `fetch.sh` put them."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).resolve().parents[2]
FETCHED = ROOT / ".cache" / "parts" / "usr" / "bin"


def installed(name: str) -> Path | None:
    """The path of a program, None where there is none."""
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", os.defpath), str(FETCHED)]))
    return None if found is None else Path(found)


def program(name: str) -> Path:
    """The path of a program; without it the test is skipped, or fails where REQUIRE_REAL_PARTS=1 promised it."""
    return installed(name) or absent(name)


def absent(name: str) -> NoReturn:
    """Skip the test, or fail it where REQUIRE_REAL_PARTS=1 promised what is not there."""
    said = f"no {name} on this machine, and tests/parts/fetch.sh could not bring one"
    if os.environ.get("REQUIRE_REAL_PARTS") == "1":
        pytest.fail(said)
    pytest.skip(said)
