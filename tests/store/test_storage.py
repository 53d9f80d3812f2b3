"""Files that fail, are away, or of a later version: the watch goes on, and nothing spent is forgotten.

Files that are damaged: test_damaged.py.
"""

import sqlite3
from pathlib import Path

import pytest

from exporter.store import Owner
from exporter.store.housekeeping import SLICE
from exporter.store.storage import RETRY
from tests.metrics.make import STARTED, check, seen
from tests.store.kept import Kept, run, spent_in


async def test_a_file_that_cannot_be_opened_leaves_memory(tmp_path: Path) -> None:
    (tmp_path / "state.db").symlink_to(tmp_path / "not-mounted" / "state.db")
    kept = Kept(tmp_path)
    assert (kept.failures, kept.store.is_durable) == (1, False)
    assert await kept.store.reserve(check(), 1, STARTED) == 1
    (tmp_path / "not-mounted").mkdir()
    kept.later(RETRY)
    await kept.store.close()
    assert kept.store.is_durable
    assert (tmp_path / "state.db").is_symlink()
    assert await spent_in(tmp_path) == 1


async def test_a_folder_that_cannot_be_made_leaves_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    kept = Kept(tmp_path / "file" / "state")
    assert (kept.failures, kept.store.is_durable) == (1, False)
    await kept.store.close()


async def test_a_folder_that_can_be_made_later_is_taken_then(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    kept = Kept(tmp_path / "file" / "state")
    kept.store.publish_url("http://localhost:1/")
    await kept.store.reserve(check(), 100, STARTED)
    kept.later(RETRY)
    await kept.written()
    (tmp_path / "file").unlink()
    kept.later(RETRY - 1)
    await kept.written()
    assert not kept.store.is_durable, "it is tried from time to time, not all the time"
    kept.later(1)
    await kept.written()
    assert kept.store.is_durable
    assert Owner.read(tmp_path / "file" / "state").url == "http://localhost:1/"
    await kept.store.close()
    assert await spent_in(tmp_path / "file" / "state") == 100


async def test_at_the_end_the_file_is_tried_once_more(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.store.add_check(check())
    await kept.break_off()
    await kept.store.reserve(check(), 100, STARTED)
    kept.store.record_run(seen(check(), run()))
    assert await kept.requests() == 1
    assert not kept.store.is_durable
    await kept.store.close()
    assert (kept.store.is_durable, kept.lost) == (True, 0)
    assert await spent_in(tmp_path) == 100


async def test_a_file_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    await Kept(tmp_path).store.close()
    later = bytearray((tmp_path / "state.db").read_bytes())
    later[60:64] = (99).to_bytes(4, "big")  # the user version in the header of the file
    (tmp_path / "state.db").write_bytes(later)
    kept = Kept(tmp_path)
    assert (kept.failures, kept.store.is_durable) == (1, False)
    assert "it was written by a later version" in kept.said[0]
    kept.later(2 * RETRY)
    await kept.store.reserve(check(), 1, STARTED)
    await kept.store.close()
    assert (tmp_path / "state.db").read_bytes()[60:64] == (99).to_bytes(4, "big")


async def test_a_file_that_fails_in_use_leaves_memory_and_loses_nothing(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.store.add_check(check())
    await kept.store.reserve(check(), 1, STARTED)
    await kept.break_off()
    assert await kept.store.reserve(check(), 1, STARTED) == 2
    kept.store.record_run(seen(check(), run()))
    assert await kept.requests() == 1
    assert (kept.failures, kept.store.is_durable, len(kept.said)) == (1, False, 1)
    await kept.store.close()


async def test_what_memory_kept_is_added_to_the_file_when_it_can_be_written_again(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.store.add_check(check("another"))
    kept.store.add_check(check())
    kept.store.record_run(seen(check(), run()))
    on_disk, spent_before = [await kept.store.reserve(check(), 1000, STARTED) for _ in range(2)]
    kept.store.settle(spent_before, 400)
    await kept.break_off()
    in_memory = await kept.store.reserve(check(), 100, STARTED)
    kept.store.settle(on_disk, 30)
    kept.store.settle(in_memory, 2)
    for second in range(1, 8):
        kept.store.record_run(seen(check(), run(second)))
    assert await kept.requests() == 7, "memory alone, for now"
    kept.later(RETRY)
    await kept.store.reserve(check(), 50, STARTED)
    await kept.written()
    await kept.store.reserve(check(), 50, STARTED)
    assert kept.store.is_durable
    assert await kept.requests() == 8
    assert (kept.failures, kept.lost) == (1, 0)
    assert len(kept.said) == 2
    await kept.store.close()
    assert await spent_in(tmp_path) == 400 + 30 + 2 + 50 + 50
    again = Kept(tmp_path)
    assert again.store.remembered.checks[check().id].last == run(7)
    await again.store.close()


async def test_what_memory_had_no_room_for_is_counted(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.store.add_check(check())
    await kept.break_off()
    await kept.store.reserve(check(), 1, STARTED)
    assert not kept.store.is_durable
    for second in range(9):
        kept.store.record_run(seen(check(), run(second)))
    await kept.store.read(lambda connection: connection.execute("DELETE FROM outcomes WHERE rowid <= 4"))
    kept.later(RETRY)
    await kept.store.close()
    assert (kept.store.is_durable, kept.lost) == (True, 4)


async def test_what_is_lost_with_the_process_is_counted(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    kept = Kept(tmp_path / "file" / "state")
    kept.store.add_check(check())
    kept.store.record_run(seen(check(), run()))
    await kept.store.close()
    assert kept.lost == 1
    assert "lost with this process" in kept.said[-1]


async def test_memory_on_purpose_loses_nothing(tmp_path: Path) -> None:
    kept = Kept(None)
    kept.store.add_check(check())
    kept.store.record_run(seen(check(), run()))
    await kept.store.close()
    assert (kept.lost, kept.said) == (0, [])


@pytest.mark.parametrize("on_disk", [True, False], ids=["on disk", "in memory"])
async def test_what_no_column_takes_is_left_out_and_nothing_else(tmp_path: Path, on_disk: bool) -> None:
    kept = Kept(tmp_path if on_disk else None)
    kept.store.add_check(check())
    kept.store.record_run(seen(check(), run()))
    for _ in range(2):
        kept.store.settle(await kept.store.reserve(check(), 1, STARTED), 10**30)
    kept.store.record_run(seen(check(), run(3)))
    assert await kept.requests() == 2
    assert (kept.store.is_durable, kept.failures, len(kept.said)) == (on_disk, 2, 1)
    await kept.store.close()


async def test_an_amount_that_no_column_takes_stays_as_it_was_reserved(tmp_path: Path) -> None:
    """In the file and in the books alike: what the file cannot hold must not stop a later one either."""
    kept = Kept(tmp_path)
    kept.store.add_check(check())
    kept.store.settle(await kept.store.reserve(check(), 100, STARTED), 10**30)
    await kept.written()
    await kept.break_off()
    await kept.store.reserve(check(), 3, STARTED)
    assert not kept.store.is_durable
    kept.later(RETRY)
    await kept.store.close()
    assert kept.store.is_durable
    assert await spent_in(tmp_path) == 103


async def test_work_that_is_nonsense_does_not_take_memory_away() -> None:
    kept = Kept(None)
    kept.store.add_check(check())
    kept.store.record_run(seen(check(), run()))

    def nonsense(connection: sqlite3.Connection) -> None:
        connection.execute("NONSENSE")

    with pytest.raises(IndexError):
        await kept.store.read(nonsense)
    assert await kept.requests() == 1
    assert kept.failures == 1
    await kept.store.close()


async def test_housekeeping_is_done_slice_by_slice_when_nobody_waits(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.store.add_check(check())
    for second in range(2 * SLICE + 1):
        kept.store.record_run(seen(check(), run(second)))
    assert await kept.requests() == 2 * SLICE + 1
    kept.later(kept.store.retention + 7200)
    kept.store.schedule_cleanup()
    for _ in range(3):  # a slice is done after each
        await kept.written()
    (left,) = await kept.store.read(lambda connection: connection.execute("SELECT COUNT(*) FROM outcomes").fetchone())
    assert left == 0
    await kept.store.close()
