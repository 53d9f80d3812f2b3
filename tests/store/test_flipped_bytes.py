"""A store with one damaged byte anywhere in its first two pages is read or set aside, and the daemon starts."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.metrics.make import STARTED, check, seen
from tests.store.kept import Kept, run

PAGES = 2
PAGE = 4096


async def written(folder: Path) -> bytes:
    """Return the content of a store with a ledger, outcomes and a state."""
    kept = Kept(folder)
    kept.store.add_check(check())
    kept.store.settle(await kept.store.reserve(check(), 1000, STARTED), 700)
    for second in range(20):
        kept.store.record_run(seen(check(), run(second)))
    await kept.written()
    await kept.store.close()
    with closing(sqlite3.connect(folder / "state.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return (folder / "state.db").read_bytes()


@pytest.fixture
def memory_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder without a disk behind it where the machine has one: thousands of files are flushed there."""
    shared = Path("/dev/shm")
    folder = shared / f"flipped-{tmp_path.name}" if shared.is_dir() else tmp_path / "flipped"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("flip", "until"),
    [pytest.param(0xFF, PAGES * PAGE, id="all bits"), pytest.param(0x80, 512, id="the highest bit")],
)
async def test_one_damaged_byte_never_stops_the_daemon(
    memory_folder: Path, tmp_path: Path, flip: int, until: int
) -> None:
    sound = await written(tmp_path)
    replaced = 0
    for offset in (at for at in range(until) if sound[at]):
        folder = memory_folder / str(offset)
        folder.mkdir()
        damaged = bytearray(sound)
        damaged[offset] ^= flip
        (folder / "state.db").write_bytes(damaged)
        kept = Kept(folder)
        try:
            kept.store.add_check(check())
            number = await kept.store.reserve(check(), 5, STARTED)
            kept.store.settle(number, 5)
            kept.store.record_run(seen(check(), run()))
            await kept.requests()  # other names may have been read: what matters is that it answers
            assert kept.failures == len(kept.said) <= 1, offset
        finally:
            await kept.store.close()
        replaced += kept.failures
        shutil.rmtree(folder)
    assert replaced > 30, "else the damage was not seen at all"
