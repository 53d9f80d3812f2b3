"""A store on a disk that really is full or read-only for a while: `python -m tests.store.troubled_disk KIND FOLDER`.

What became of it is printed as JSON. `full` and `read-only` mount a small disk of their own at FOLDER and are to be run
in a mount namespace (`unshare --user --map-root-user --mount`); `limited` and `damaged` need no right to do so.
"""

import asyncio
import contextlib
import json
import resource
import signal
import subprocess
import sys
from pathlib import Path

from exporter.store.storage import RETRY
from tests.metrics.make import STARTED, answered, check, seen
from tests.store.kept import Kept


class Full:
    """A disk of two megabytes, which something else fills up."""

    def __init__(self, folder: Path) -> None:
        self._ballast = folder / "ballast"
        mount("-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder))

    def fail(self) -> None:
        with self._ballast.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(b"x" * 4096)

    def recover(self) -> None:
        self._ballast.unlink()


class Limited:
    """A process that may write to no file: the kernel refuses it as it does on a full disk."""

    def __init__(self, folder: Path) -> None:  # noqa: ARG002  (as the others are made)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    def fail(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

    def recover(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


class ReadOnly:
    """A disk that is mounted read-only while nobody uses it."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        mount("-t", "tmpfs", "-o", "size=2m", "tmpfs", self._folder)

    def fail(self) -> None:
        mount("-o", "remount,ro", self._folder)

    def recover(self) -> None:
        mount("-o", "remount,rw", self._folder)


def mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True)


async def in_use(disk: Full | Limited, folder: Path) -> dict[str, object]:
    """It fails under a store that runs, and recovers."""
    kept = Kept(folder / "state")
    kept.store.add_check(check())
    reserved = await kept.store.reserve(check(), 1000, STARTED)
    await worked(kept, 10, 0)
    disk.fail()
    await worked(kept, 400, 10)
    kept.store.settle(reserved, 600)
    disk.fail()  # what the store gave up is taken too
    kept.later(RETRY)
    told = {**await standing(kept), "seen_meanwhile": await kept.requests()}
    disk.recover()
    kept.later(RETRY)
    await kept.written()
    await worked(kept, 10, 500)
    return {**told, **await afterwards(kept, folder)}


async def at_the_start(disk: ReadOnly, folder: Path) -> dict[str, object]:
    """It is read-only when a store begins that was used before, and recovers."""
    before = Kept(folder / "state")
    before.store.add_check(check())
    await before.store.reserve(check(), 600, STARTED)
    await worked(before, 10, 0)
    await before.store.close()
    disk.fail()
    kept = Kept(folder / "state")
    kept.store.add_check(check())
    known = sum(entry.amount for entry in kept.store.remembered.entries)
    await worked(kept, 400, 10)
    kept.later(RETRY)
    told = {**await standing(kept), "seen_meanwhile": await kept.requests(), "known_at_start": known}
    disk.recover()
    kept.later(RETRY)
    await kept.written()
    await worked(kept, 10, 500)
    return {**told, **await afterwards(kept, folder)}


async def damaged_at_the_start(disk: Limited, folder: Path) -> dict[str, object]:
    """The file is damaged, and no other can be made for a while."""
    (folder / "state").mkdir()
    (folder / "state" / "state.db").write_bytes(b"nonsense" * 1000)
    disk.fail()
    kept = Kept(folder / "state")
    kept.store.add_check(check())
    await worked(kept, 10, 0)
    told = await standing(kept)
    disk.recover()
    kept.later(RETRY)
    await kept.written()
    return {**told, **await afterwards(kept, folder)}


async def worked(kept: Kept, runs: int, since: int) -> None:
    """Runs that cost 2 each."""
    for number in range(since, since + runs):
        kept.store.settle(await kept.store.reserve(check(), 5, STARTED + number), 2)
        kept.store.record_run(seen(check(), answered(started_at=STARTED + number, cost_nano_usd=2)))
    await kept.written()


async def standing(kept: Kept) -> dict[str, object]:
    return {"durable_meanwhile": kept.store.is_durable, "failures": kept.failures, "said_meanwhile": len(kept.said)}


async def afterwards(kept: Kept, folder: Path) -> dict[str, object]:
    durable = kept.store.is_durable
    await kept.store.close()
    again = Kept(folder / "state")
    told = {
        "durable_afterwards": durable,
        "lost": kept.lost,
        "failures_afterwards": kept.failures,
        "said": kept.said,
        "requests": await again.requests(),
        "spent": sum(entry.amount for entry in again.store.remembered.entries),
        "forgot_at": again.store.remembered.forgot_at,
    }
    await again.store.close()
    return told


def main(kind: str, folder: Path) -> None:
    if kind == "read-only":
        told = asyncio.run(at_the_start(ReadOnly(folder), folder))
    elif kind == "damaged":
        told = asyncio.run(damaged_at_the_start(Limited(folder), folder))
    else:
        told = asyncio.run(in_use(Full(folder) if kind == "full" else Limited(folder), folder))
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
