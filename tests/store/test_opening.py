"""Whatever lies where the store should be, the daemon starts, says so once, and keeps what it learns."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from exporter.store.directory import COPIES
from tests.metrics.make import STARTED, check, seen
from tests.store.kept import Kept, run
from tests.store.test_flipped_bytes import written


def change(statement: str) -> Callable[[Path], None]:
    def act(path: Path) -> None:
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(statement)

    return act


def truncate(size: int) -> Callable[[Path], None]:
    return lambda path: os.truncate(path, size)


def replace_by(make: Callable[[Path], object]) -> Callable[[Path], None]:
    def act(path: Path) -> None:
        path.unlink()
        make(path)

    return act


def of_another_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("CREATE TABLE urls (id INTEGER, url TEXT); INSERT INTO urls VALUES (1, 'x')")


DAMAGE = {
    "empty": truncate(0),
    "half a page": truncate(2048),
    "one page": truncate(4096),
    "three pages": truncate(3 * 4096),
    "a folder": replace_by(Path.mkdir),
    "a pipe": replace_by(os.mkfifo),
    "a circle of links": replace_by(lambda path: path.symlink_to(path.name)),
    "another program's": replace_by(of_another_program),
    "text in a column of numbers": change("UPDATE ledger SET reserved = 'much'"),
    "an amount beyond reason": change("UPDATE ledger SET reserved = 1e308"),
    "a time beyond calendars": change("UPDATE ledger SET at = 1e18"),
    "a negative time": change("UPDATE ledger SET at = -5"),
    "nothing where a number is": change("PRAGMA ignore_check_constraints = ON; UPDATE names SET model = x'ff00'"),
    "a missing table": change("DROP TABLE states"),
    "a trigger": change("CREATE TRIGGER t AFTER INSERT ON ledger BEGIN DELETE FROM ledger; END"),
    "another version": change("PRAGMA user_version = -7"),
    "garbage as its log": lambda path: Path(f"{path}-wal").write_bytes(b"nonsense" * 9000),
    "a folder as its log": lambda path: Path(f"{path}-wal").mkdir(),
    "a pipe as its index": lambda path: os.mkfifo(f"{path}-shm"),
}


@pytest.mark.parametrize("act", [pytest.param(act, id=name) for name, act in DAMAGE.items()])
async def test_the_daemon_starts_whatever_is_there(tmp_path: Path, act: Callable[[Path], None]) -> None:
    await written(tmp_path)
    act(tmp_path / "state.db")
    kept = Kept(tmp_path)
    kept.store.add_check(check())
    kept.store.settle(await kept.store.reserve(check(), 5, STARTED), 5)
    await kept.requests()  # damage may show only when the report reads what is there
    kept.store.record_run(seen(check(), run()))
    assert await kept.requests() >= 1
    assert len(kept.said) == kept.failures <= 2
    assert kept.store.is_durable
    await kept.store.close()
    again = Kept(tmp_path)
    assert again.failures == 0, "the next start finds a sound file"
    await again.store.close()


async def test_a_store_that_is_damaged_again_and_again_does_not_fill_the_disk(tmp_path: Path) -> None:
    for _ in range(COPIES + 3):
        (tmp_path / "state.db").write_bytes(b"nonsense" * 1000)
        await Kept(tmp_path).store.close()
    assert len(list(tmp_path.glob("state.db.2*"))) <= COPIES
